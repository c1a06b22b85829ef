# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which steps a lab needs."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.lab import lifecycle, planning
from ansible_collections.gedge.engine.plugins.module_utils.progress import Progress
from ansible_collections.gedge.engine.plugins.module_utils.system import System

TABLE = {"tor/1": {"vlan": 10}, "tor/2": {"vlan": 20}}
WANTED = {"node1": {"digest": "d1", "address": "10.0.0.1"}}
GOOD = {"running": True, "answers": True, "digest": "d1", "address": "10.0.0.1"}
NOTHING = {"running": False, "answers": False, "digest": None, "address": None}
RUNS = {"folder": "/lab", "process": True, "switch": True, "program": True, "table": TABLE, "nodes": {"node1": GOOD}}
EMPTY = {
    "folder": None,
    "process": False,
    "switch": False,
    "program": False,
    "table": None,
    "nodes": {"node1": NOTHING},
}


def node(**keys):
    """A lab that runs, but for something of its node."""
    return dict(RUNS, nodes={"node1": dict(GOOD, **keys)})


CASES = [
    ("nothing there", EMPTY, "started", ["switch start-switch", "node1 start"]),
    ("all as it should be", RUNS, "started", []),
    ("a VM was killed", node(running=False, answers=False), "started", ["node1 start"]),
    ("a VM does not answer", node(answers=False), "started", ["node1 await"]),
    ("other hardware", node(digest="d0"), "started", ["node1 rebuild"]),
    ("no notes of it", node(digest=None, answers=False), "started", ["node1 rebuild"]),
    ("another address", node(address="10.0.0.9"), "started", ["node1 set-address"]),
    ("one node too many", dict(RUNS, nodes={"node1": GOOD, "old": GOOD}), "started", ["old remove"]),
    (
        "a port in the wrong VLAN",
        dict(RUNS, table=dict(TABLE, **{"tor/2": {"vlan": 9}})),
        "started",
        ["switch set-ports"],
    ),
    ("an older switch program", dict(RUNS, program=False), "started", ["switch start-switch"]),
    ("the switch was killed", dict(RUNS, switch=False, table=None), "started", ["switch start-switch"]),
    ("stop", RUNS, "stopped", ["node1 stop", "switch stop-switch"]),
    ("stop with a deaf switch", dict(RUNS, switch=False, table=None), "stopped", ["node1 stop", "switch stop-switch"]),
    ("stop what is stopped", dict(EMPTY, folder="/lab"), "stopped", []),
    ("remove", RUNS, "absent", ["node1 stop", "switch stop-switch", "/lab remove-lab"]),
    ("remove what is stopped", dict(EMPTY, folder="/lab"), "absent", ["/lab remove-lab"]),
    ("remove what is not there", EMPTY, "absent", []),
]


@pytest.mark.parametrize(("name", "seen", "state", "steps"), CASES, ids=[case[0] for case in CASES])
def test_plan(name, seen, state, steps):
    found = planning.plan(seen, state, WANTED if state == "started" else {}, TABLE)
    assert ["%s %s" % (step.target, step.action) for step in found] == steps


def test_the_reason_names_the_ports():
    seen = dict(RUNS, table={"tor/1": {"vlan": 10}, "tor/2": {"vlan": 9}, "tor/3": {"vlan": 1}})
    assert planning.plan(seen, "started", WANTED, TABLE)[0].reason == "differs from the testbed: tor/2, tor/3"


def test_waiting_changes_nothing():
    assert planning.acting(planning.plan(node(answers=False), "started", WANTED, TABLE)) == []


def test_vms_that_the_memory_cannot_hold_are_not_started(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "meminfo").write_text("MemTotal: 9000000 kB\nMemAvailable:    4194304 kB\n")
    settings = {"cache": str(tmp_path), "specs": {"node1": {"memory": 2048}, "node2": {"memory": 4096}}}
    lab = lifecycle.Lab(System(str(tmp_path)), str(tmp_path / "lab"), Progress(), settings)
    lab.check_memory(["node2"])
    with pytest.raises(EngineError, match="node1, node2 need 6144 MiB of memory, 4096 are available"):
        lab.check_memory(["node1", "node2"])


def test_check_mode_needs_no_image_but_a_start_does(tmp_path):
    host = {"ansible_host": "10.0.0.1", "testbed_ports": []}
    params = {
        "folder": str(tmp_path / "lab"),
        "cache": str(tmp_path / "cache"),
        "nodes": {"node1": host},
        "switches": {},
        "defaults": {"cpus": 2, "memory": 1024, "suite": "trixie"},
        "images": {"trixie": str(tmp_path / "none")},
        "accel": "tcg",
        "boot_silence": 1,
        "boot_timeout": 1,
        "boot_attempts": 1,
        "stop_patience": 0,
        "progress_file": None,
    }
    lab = lifecycle.from_params(params)
    result = lifecycle.converge(lab, "started", check_mode=True)
    assert result["changed"] is True
    assert [step["action"] for step in result["steps"]] == ["start-switch", "start"]
    assert not (tmp_path / "lab").exists()
    with pytest.raises(EngineError, match=r"no image of trixie.*lab_image"):
        lab.start_node("node1")
