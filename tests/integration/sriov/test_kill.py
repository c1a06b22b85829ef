"""kill -9 at each point of a SR-IOV plan, on a real kernel: the next run converges and nothing is left half-written."""

import json
import pathlib
import subprocess
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
CORE = HERE.parents[2] / "plugins" / "module_utils"
FOLDER = "/var/tmp/kill-test"
PFS = ["0000:21:00.0", "0000:81:00.0"]


def send(lab, node):
    """Put the core and the driver on the node."""
    tar = subprocess.run(
        [
            "tar",
            "-C",
            str(CORE.parent),
            "--exclude=__pycache__",
            "--transform=s,^module_utils,core,",
            "-c",
            "module_utils",
        ]
        + ["-C", str(HERE), "kill_driver.py"],
        check=True,
        capture_output=True,
    ).stdout
    argv = ["ssh", "-F", str(lab.folder / "ssh_config"), node, f"mkdir -p {FOLDER} && tar -C {FOLDER} -x"]
    subprocess.run(argv, input=tar, check=True)


def kill_all_along(lab, node, state):
    """Rows of the driver on a node."""
    send(lab, node)
    done = lab.run(node, f"python3 {FOLDER}/kill_driver.py {FOLDER} {state}", check=False, timeout=1500)
    lab.run(node, f"rm -r {FOLDER}")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_kill_at_every_point(lab):
    """There on one node, back on the other, both at once."""
    for node in lab.nodes:
        assert lab.module(node, "gedge.engine.sriov", {"state": "absent", "allow_vf_loss": PFS}).rc == 0
    with ThreadPoolExecutor() as pool:
        there = pool.submit(kill_all_along, lab, "node1", "present")
        back = pool.submit(kill_all_along, lab, "node2", "absent")
    for rows, least in ((there.result(), 18), (back.result(), 10)):
        assert len(rows) >= least
        assert [row["died"] for row in rows] == [True] * (len(rows) - 1) + [False]
        assert [row for row in rows if row["again"] or row["left"]] == []
