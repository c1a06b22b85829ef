"""kill -9 at each point of a subsystem's plan on a node of the lab."""

import json
import pathlib
import shlex
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PLUGINS = HERE.parents[1] / "plugins"
FOLDER = "/var/tmp/kill-test"


def kill_all_along(lab, node, subsystem, state, params):
    """Rows of kill_driver.py on a node. subsystem: (module, class); params: the module's parameters without state."""
    words = [
        "tar",
        "-C",
        str(PLUGINS),
        "--exclude=__pycache__",
        "--transform=s,^module_utils,core,",
        "-c",
        "module_utils",
    ]
    tar = subprocess.run([*words, "-C", str(HERE), "kill_driver.py"], check=True, capture_output=True).stdout
    argv = ["ssh", "-F", str(lab.folder / "ssh_config"), node, f"mkdir -p {FOLDER} && tar -C {FOLDER} -x"]
    subprocess.run(argv, input=tar, check=True)
    command = ["python3", f"{FOLDER}/kill_driver.py", FOLDER, *subsystem, state, json.dumps(params)]
    done = lab.run(node, shlex.join(command), check=False, timeout=1500)
    lab.run(node, f"rm -r {FOLDER}")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_made_good(rows, least):
    """Each kill but the last, of which there were enough, was deadly, and the run after it left nothing to do."""
    assert len(rows) >= least
    assert [row["died"] for row in rows] == [True] * (len(rows) - 1) + [False]
    assert [row for row in rows if row["again"] or row["left"]] == []
