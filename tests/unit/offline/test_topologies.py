# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A saved topology that is damaged is refused by file, path in it, what it must be, and what to do."""

from __future__ import annotations

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.plugin_utils.offline import topologies
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from unit.testbed.edits import edited

BAD = [
    ("{", "cannot be read"),
    ("", "cannot be read"),
    ("[" * 100000, "cannot be read"),
    ("[]", "it must be a mapping, not []"),
    ("{}", "cpus is missing"),
    ('{"cpus": 1, "numa_nodes": [], "pci_devices": []}', "cpus must be a list, not 1"),
    ('{"cpus": [1], "numa_nodes": [], "pci_devices": []}', "cpus[0] must be a mapping, not 1"),
    ('{"cpus": [], "numa_nodes": [{"node": 0}], "pci_devices": []}', "numa_nodes[0].cpus is missing"),
]


@pytest.mark.parametrize(("text", "what"), BAD)
def test_a_file_that_holds_no_topology(tmp_path, text, what):
    (tmp_path / "one.topology.json").write_text(text, encoding="utf-8")
    with pytest.raises(EngineError) as caught:
        topologies.load({"one": "gs"}, str(tmp_path), str(tmp_path))
    assert what in str(caught.value)
    assert "one.topology.json" in str(caught.value)
    assert "Write it anew with playbook discover" in str(caught.value)


DAMAGED = [
    ("cpus/0/cpu", -1, "cpus[0].cpu must be a number from 0, not -1"),
    ("cpus/0/cpu", True, "cpus[0].cpu must be a number from 0, not True"),
    ("cpus/3/isolated", "no", "cpus[3].isolated must be true or false, not 'no'"),
    ("cpus/3/online", [], "cpus[3].online must be true or false, not []"),
    ("numa_nodes/1/node", "1", "numa_nodes[1].node must be a number from 0, not '1'"),
    ("numa_nodes/1/cpus/0", "0", "numa_nodes[1].cpus[0] must be a number from 0, not '0'"),
    ("numa_nodes/1/memory_bytes", "x", "numa_nodes[1].memory_bytes must be a number from 0, not 'x'"),
    ("numa_nodes/1/memory_bytes", 1.5, "numa_nodes[1].memory_bytes must be a number from 0, not 1.5"),
    ("numa_nodes/0/hugepages", [], "numa_nodes[0].hugepages must be a mapping, not []"),
    ("numa_nodes/0/hugepages", {"big": {"total": 0}}, "hugepages must be a mapping of sizes such as 2048kB"),
    ("numa_nodes/0/hugepages", {"2048kB": 5}, "must be a mapping of sizes to a mapping with total, not {'2048kB': 5}"),
    ("numa_nodes/0/hugepages", {"2048kB": {"total": "7"}}, "must be a mapping of sizes to numbers of pages, from 0"),
    ("numa_nodes/0/hugepages", {"2048kB": {"total": 0, "free": -1}}, "sizes to numbers of pages, from 0"),
    ("pci_devices/0/address", "x", "pci_devices[0].address must be a PCI address, not 'x'"),
    ("pci_devices/0/numa_node", "0", "pci_devices[0].numa_node must be a number from -1, not '0'"),
    ("pci_devices/0/class", 2, "pci_devices[0].class must be a text, not 2"),
    ("pci_devices/0/driver", ["ixgbe"], "pci_devices[0].driver must be a text, not ['ixgbe']"),
    ("pci_devices/0/iommu_group", "7", "pci_devices[0].iommu_group must be a number from 0, not '7'"),
    ("pci_devices/0/net", [1], "pci_devices[0].net[0] must be a text, not 1"),
    ("pci_devices/0/rdma", "mlx5_0", "pci_devices[0].rdma must be a list, not 'mlx5_0'"),
    ("pci_devices/0/pcie_path", [1, 2], "pci_devices[0].pcie_path[0] must be a text, not 1"),
    ("pci_devices/0/sriov", "pf", "pci_devices[0].sriov must be a mapping, not 'pf'"),
    ("pci_devices/0/sriov/role", ["pf"], "pci_devices[0].sriov.role must be pf, vf or null, not ['pf']"),
    ("pci_devices/0/sriov/total", "63", "pci_devices[0].sriov.total must be a number from 0, not '63'"),
    ("pci_devices/0/sriov/num", -1, "pci_devices[0].sriov.num must be a number from 0, not -1"),
    ("pci_devices/0/sriov/vfs", ["0"], "pci_devices[0].sriov.vfs[0] must be a PCI address, not '0'"),
    ("pci_devices/0/sriov/offset", "x", "pci_devices[0].sriov.offset must be a number from 0, not 'x'"),
    ("pci_devices/0/sriov", {"role": "pf"}, "pci_devices[0].sriov.total is missing"),
    ("pci_devices/0/sriov", {"role": "vf", "index": 0}, "pci_devices[0].sriov.pf is missing"),
    ("pci_devices/0/net", "e" * 9000, "pci_devices[0].net must be a list, not 'eee"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "what"), DAMAGED, ids=lambda cell: str(cell)[:40])
def test_damage_below_the_first_level_is_named_by_its_path(tmp_path, place, value, what):
    (tmp_path / "one.topology.json").write_text(json.dumps(edited(server(), put={place: value})), encoding="utf-8")
    with pytest.raises(EngineError) as caught:
        topologies.load({"one": "gs"}, str(tmp_path), str(tmp_path))
    assert "is no topology: %s" % what in str(caught.value) or what in str(caught.value)
    assert "Write it anew with playbook discover" in str(caught.value)
    assert len(str(caught.value)) < 600


UNKNOWN = ["cpus/0/online", "cpus/0/isolated", "numa_nodes/0/memory_bytes", "pci_devices/0/driver",
           "pci_devices/0/numa_node", "pci_devices/0/sriov/offset", "pci_devices/0/iommu_group"]  # fmt: skip


@pytest.mark.parametrize("place", UNKNOWN)
def test_what_the_kernel_did_not_tell_is_null(tmp_path, place):
    (tmp_path / "one.topology.json").write_text(json.dumps(edited(server(), put={place: None})), encoding="utf-8")
    assert topologies.load({"one": "gs"}, str(tmp_path), str(tmp_path))["one"]


ODD = [
    ("a folder", lambda path: path.mkdir(), "is no file"),
    ("a device", lambda path: path.symlink_to("/dev/null"), "is no file"),
    ("a dangling link", lambda path: path.symlink_to("gone.json"), "leads nowhere"),
]


@pytest.mark.parametrize(("name", "make", "what"), ODD, ids=[row[0] for row in ODD])
def test_what_is_there_and_no_file_is_not_passed_over_for_the_sample(tmp_path, name, make, what):
    facts, samples = tmp_path / "facts", tmp_path / "shared"
    facts.mkdir()
    samples.mkdir()
    (samples / "gs.topology.json").write_text(json.dumps(server()), encoding="utf-8")
    make(facts / "one.topology.json")
    with pytest.raises(EngineError) as caught:
        topologies.load({"one": "gs"}, str(facts), str(samples))
    assert "one.topology.json: %s" % what in str(caught.value)
    assert topologies.load({"two": "gs"}, str(facts), str(samples))["two"]["sample"]
