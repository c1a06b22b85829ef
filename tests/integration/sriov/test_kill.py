"""kill -9 at each point of a SR-IOV plan, on a real kernel: the next run converges and nothing is left half-written."""

import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
CORE = HERE.parents[2] / "plugins" / "module_utils"
FOLDER = "/var/tmp/kill-test"


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


def test_kill_at_every_point(bare):
    send(bare, "node1")
    done = bare.run("node1", f"python3 {FOLDER}/kill_driver.py {FOLDER}", check=False, timeout=1500)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    bare.run("node1", f"rm -r {FOLDER}")
    assert done.returncode == 0, done.stderr
    assert [row["state"] for row in rows if not row["died"]] == ["present", "absent"]
    assert len(rows) >= 28
    assert [row for row in rows if row["again"] or row["left"]] == []
