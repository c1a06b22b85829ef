"""The driver on a node, with the core beside it."""

import json
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
PLUGINS = HERE.parents[2] / "plugins"
FOLDER = "/var/tmp/kill-test"


class Driver:
    """Runs driver.py on one node for one subject."""

    def __init__(self, lab, node, subject):
        self.lab = lab
        self.node = node
        self._send(subject)

    def _send(self, subject):
        argv = ["tar", "-C", str(PLUGINS), "--exclude=__pycache__", "--exclude=lab"]
        argv += ["--transform=s,^module_utils,core,", "-c", "module_utils", "-C", str(HERE), "driver.py"]
        tar = subprocess.run(argv, check=True, capture_output=True).stdout
        subprocess.run([*self.ssh(), f"mkdir -p {FOLDER} && tar -C {FOLDER} -x -m"], input=tar, check=True)
        text = json.dumps(subject.as_json()).encode()
        subprocess.run([*self.ssh(), f"cat > {FOLDER}/subject.json && sync"], input=text, check=True)

    def ssh(self):
        """The words before a command on the node."""
        return ["ssh", "-F", str(self.lab.folder / "ssh_config"), self.node]

    def command(self, *words):
        """The text that runs the driver."""
        return " ".join(["python3", f"{FOLDER}/driver.py", FOLDER, *words])

    def rows(self, *words):
        """The JSON lines of one run."""
        done = self.lab.run(self.node, self.command(*words), check=False, timeout=5400)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def remove(self):
        """Take all of it away."""
        self.lab.run(self.node, f"rm -rf {FOLDER}")


@pytest.fixture
def driver(lab):
    """A function: a Driver for a node and a subject; all are removed at the end."""
    made = []

    def make(node, subject):
        made.append(Driver(lab, node, subject))
        return made[-1]

    yield make
    for one in made:
        one.remove()
