"""A running lab as the integration tests see it: commands on its nodes, playbooks against it, its switch."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

from ansible_collections.gedge.engine.plugins.module_utils.lab.fabric import Fabric
from ansible_collections.gedge.engine.plugins.module_utils.lab.names import lab_dir

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTBED = pathlib.Path(os.environ.get("GEDGE_TESTBED", ROOT / "inventories" / "lab" / "testbed.yml"))
NAME = os.environ.get("GEDGE_LAB", "test")
BIN = pathlib.Path(sys.executable).parent
# Results to read instead of text to look at. The callback stands in the list too, since an empty list is an error.
AS_JSON = {
    "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
    "ANSIBLE_CALLBACKS_ENABLED": "ansible.posix.json",
    "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
}
NOTHING = {"stats": {}, "plays": []}
# What asks nobody: it is decided on the controller.
NO_MODULES = "include_role include_tasks validate_argument_spec fail assert group_by meta set_fact debug".split()


def tool(name, *args, env=None, timeout=1800):
    """Run one of Ansible's commands as a user of this checkout does: CompletedProcess with text."""
    environment = dict(os.environ, GEDGE_LAB=NAME, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"), **(env or {}))
    return subprocess.run(
        [str(BIN / name), *args],
        cwd=ROOT,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,  # a shared one becomes non-blocking by an ssh beside, and Ansible then refuses it
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def is_module(result):
    """True for what a module answered."""
    return not result.get("skipped") and result.get("action", "").rsplit(".", 1)[-1] not in NO_MODULES


def read_report(text):
    """The JSON of ansible.posix.json in an output, without what stands around it."""
    try:
        return json.JSONDecoder().raw_decode(text[max(text.find("{"), 0) :])[0]
    except ValueError:
        return NOTHING


def read_play(done):
    """A Play out of what a command left."""
    report = read_report(done.stdout)
    tasks = [
        (task["task"]["name"], node, result)
        for play in report["plays"]
        for task in play["tasks"]
        for node, result in task["hosts"].items()
    ]
    return Play(done.returncode, done.stdout + done.stderr, report["stats"], tasks)


@dataclasses.dataclass
class Play:
    """What a playbook gave.

    tasks: [(task name, node, result)] in their order; stats: {node: {"ok": int, "changed": int, ...}};
    output: stdout and stderr, for what ended before the first play.
    """

    rc: int
    output: str
    stats: dict
    tasks: list

    def changed(self):
        """The number of changed results on all nodes."""
        return sum(counts["changed"] for counts in self.stats.values())

    def failures(self):
        """["task, node: what was wrong"]; where no task failed, how the output ends."""
        wrong = [one for one in self.tasks if one[2].get("failed") or one[2].get("unreachable")]
        return [f"{task}, {node}: {result.get('msg', result)}" for task, node, result in wrong] or self.output[-3000:]

    def results(self, task, node):
        """The results of a task (part of its name) on a node."""
        return [result for name, host, result in self.tasks if task in name and host == node]


class Lab:
    """The lab in a folder, by default the one of this checkout that is called "test"."""

    def __init__(self, folder=None, testbed=TESTBED):
        self.testbed = pathlib.Path(testbed)
        self.folder = pathlib.Path(folder or lab_dir(str(self.testbed), NAME))

    @property
    def nodes(self):
        """The nodes that the lab has: of its way in, else those of inventories/lab, before the lab runs."""
        config = self.folder / "ssh_config"
        lines = config.read_text().splitlines() if config.exists() else ["Host node1", "Host node2"]
        return [line.split()[1] for line in lines if line.startswith("Host ") and line != "Host *"]

    @property
    def switch(self):
        """The rack's switch: ask(), table(), set_table()."""
        return Fabric(str(self.folder))

    def run(self, node, command, check=True, timeout=120):
        """Run a command (text for a shell, or a list of words) on a node: CompletedProcess with text."""
        text = command if isinstance(command, str) else shlex.join(command)
        argv = ["ssh", "-F", str(self.folder / "ssh_config"), node, text]
        return subprocess.run(
            argv, check=check, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
        )

    def json(self, node, command):
        """What a command on a node says in JSON, such as "ip -j link"."""
        return json.loads(self.run(node, command).stdout)

    def answers(self):
        """True where every node can be reached."""
        if not (self.folder / "ssh_config").exists():
            return False
        return all(self.run(node, "true", check=False).returncode == 0 for node in self.nodes)

    def seen(self):
        """What to tell of a condition that does not come true."""
        return "it did not come true"

    def until(self, true, seconds, what=""):
        """Wait for a condition. Fails with what is given, else with what there is."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, what or self.seen()
            time.sleep(2)

    def ansible_playbook(self, playbook, *args, **options):
        """Run a playbook (a name in playbooks/, or a path), for its text: CompletedProcess."""
        path = ROOT / "playbooks" / f"{playbook}.yml"
        return tool(
            "ansible-playbook", "-i", str(self.testbed), str(path if path.exists() else playbook), *args, **options
        )

    def playbook(self, playbook, *args, env=None, **options):
        """Run a playbook and read its results: a Play."""
        return read_play(self.ansible_playbook(playbook, *args, env={**AS_JSON, **(env or {})}, **options))

    def module(self, node, name, args, *options, env=None):
        """Run one module on a node with its arguments as a dict: a Play of one task."""
        words = ["-i", str(self.testbed), node, "-m", name, *(["-a", json.dumps(args)] if args else []), *options]
        return read_play(tool("ansible", *words, env={**AS_JSON, **(env or {})}))
