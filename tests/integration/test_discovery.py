"""The topology of the lab's nodes: live, saved, and as lstopo sees it."""

import io
import json
import subprocess
import tarfile

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from fixtures import saved
from helpers.lstopo import compare


@pytest.fixture(scope="module", params=["node1", "node2"])
def tree(request, lab, tmp_path_factory):
    """(node, folder) with the part of the node's /sys and /proc that the module and lstopo read."""
    argv = ["ssh", "-F", str(lab.folder / "ssh_config"), request.param, "sh", "-s"]
    done = subprocess.run(argv, input=saved.SCRIPT.encode(), capture_output=True, check=True)
    folder = tmp_path_factory.mktemp(request.param)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extraction_filter = lambda member, _path: member  # its links point out of the folder, as in /sys
        archive.extractall(folder)
    return request.param, folder


def test_lstopo_draws_the_same_levels(tree):
    pairs, differing = compare(tree[1])
    assert pairs >= 28 and differing == []


def test_the_saved_tree_gives_the_live_answer(lab, tree):
    node, folder = tree
    live = lab.module(node, "gedge.engine.topology_facts", {"volatile": False}).tasks[0][2]["topology"]
    offline = json.loads(json.dumps(facts.gather(System(str(folder)), volatile=False)))
    assert {**offline, "root": "/"} == live


def test_the_lab_is_what_the_testbed_says(lab):
    topology = lab.module("node1", "gedge.engine.topology_facts", {}).tasks[0][2]["topology"]
    numa = {}
    for device in topology["pci_devices"]:
        if (device["sriov"] or {}).get("role") != "vf":
            numa.setdefault(device["kind"], []).append(device["numa_node"])
    assert numa["gpu"] == [0] and numa["fpga"] == [1] and 0 in numa["nvme"]
    assert sorted(node for node in numa["nic"] if node >= 0) == [0, 0, 1, 1]
    assert len(topology["numa_nodes"]) == 2


def test_discover_saves_the_same_twice(lab):
    assert lab.playbook("discover").rc == 0
    again = lab.playbook("discover")
    assert again.rc == 0 and again.changed() == 0
    folder = lab.testbed.parent / "facts"
    for node in lab.nodes:
        assert json.loads((folder / f"{node}.topology.json").read_text())["pci_devices"]
        assert (folder / f"{node}.distance.svg").read_text().lstrip().startswith("<")
        assert "PIX" in (folder / f"{node}.distance.txt").read_text()
