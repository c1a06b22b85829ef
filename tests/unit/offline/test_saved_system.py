# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A node out of its saved topology shows what the node itself showed, and the subsystems plan on it alike."""

from __future__ import annotations

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.sriov.subsystem import Sriov
from ansible_collections.gedge.engine.plugins.module_utils.topology.facts import gather
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.saved_system import UNKNOWN, SavedSystem
from helpers.fake_node import FakeNode, FakePf

SELECT = dict.fromkeys(("name", "address", "network", "vendor", "device", "numa_node"))


def of_saved(topology):
    """What discovery finds on the saved system."""
    return gather(SavedSystem(topology), volatile=False)


def test_discovery_finds_the_sample_again():
    found, told = of_saved(server()), server()
    same = ("cpu", "online", "numa_node", "isolated")
    assert [{key: cpu[key] for key in same} for cpu in found["cpus"]] == [
        {key: cpu[key] for key in same} for cpu in told["cpus"]
    ]
    for node, other in zip(found["numa_nodes"], told["numa_nodes"]):
        assert {**node, "distances": other["distances"]} == other
    same = ("address", "kind", "vendor", "device", "class", "numa_node", "driver", "sriov", "net", "rdma")
    assert [{key: device[key] for key in same} for device in found["pci_devices"]] == [
        {key: device[key] for key in same} for device in told["pci_devices"]
    ]


def test_isolated_cpus_are_on_the_command_line():
    topology = server()
    topology["cpus"][3]["isolated"] = topology["cpus"][4]["isolated"] = True
    system = SavedSystem(topology)
    assert system.read("/sys/devices/system/cpu/isolated") == "3-4"
    assert system.read("/proc/cmdline").endswith("isolcpus=managed_irq,domain,3-4")


@pytest.fixture
def node(tmp_path):
    """A node of two PFs with VFs on the first."""
    made = FakeNode(tmp_path / "node", [FakePf("0000:21:00.0", "ens1f0"), FakePf("0000:81:00.0", "ens2f0", 1)])
    made.made("0000:21:00.0", 4)
    return made


def topology_of(node):
    """What discovery would save of it."""
    devices = []
    for pf in node.pfs.values():
        sriov = {"role": "pf", "total": pf.total, "num": len(pf.vfs), "vfs": [vf.address for vf in pf.vfs]}
        row = {"kind": "nic", "class": "020000", "vendor": "8086", "numa_node": pf.numa_node, "rdma": []}
        devices.append({**row, "address": pf.address, "device": pf.device, "driver": pf.driver, "sriov": sriov})
        devices[-1]["net"] = [pf.name]
        for vf in pf.vfs:
            role = {"role": "vf", "pf": pf.address, "index": vf.index}
            net = ["%sv%d" % (pf.name, vf.index)]
            devices.append({**row, "address": vf.address, "device": "10ca", "driver": vf.driver, "sriov": role})
            devices[-1]["net"] = net
    return {"cpus": [], "numa_nodes": [], "pci_devices": devices}


ASKED = [
    ("another number", {"count": 7}),
    ("attributes", {"count": 4, "vfs": [{"range": "0-2", "vlan": 30, "trust": True}, {"range": "3", "qos": 0}]}),
    ("the count alone", {"count": 4}),
    ("MTU and down", {"mtu": 9000, "up": False}),
]


@pytest.mark.parametrize(("name", "asked"), ASKED, ids=[row[0] for row in ASKED])
@pytest.mark.parametrize("address", ["0000:21:00.0", "0000:81:00.0"])
def test_sriov_plans_the_same_as_on_the_node(node, name, asked, address):
    item = {"select": {**SELECT, "address": address}, "count": None, "mtu": None, "up": None, "vfs": [], **asked}
    if address == "0000:81:00.0" and name == "attributes":
        item["count"] = 5
    params = {"pfs": [item], "ports": [], "allow_vf_loss": [], "iommu_at_boot": False, "state": "present"}
    topology = topology_of(node)
    there, saved = (
        converge(Sriov(params, system), True)["steps"] for system in (node, SavedSystem(topology))
    )  # fmt: skip
    files = ("write-file",)  # their text differs by the distribution's own .link file
    assert [(step["target"], step["action"]) for step in saved] == [(step["target"], step["action"]) for step in there]
    assert [step for step in saved if step["action"] not in files] == [
        step for step in there if step["action"] not in files
    ]


def test_a_sysctl_is_never_as_asked():
    assert SavedSystem(server()).read("/proc/sys/vm/swappiness") == UNKNOWN


CHANGES = [
    lambda system: system.write_kernel("/proc/x", 1),
    lambda system: system.write_file("/etc/x", ""),
    lambda system: system.write_link("/etc/x", "y"),
    lambda system: system.remove_file("/etc/x"),
    lambda system: system.run(["reboot"]),
]


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_can_be_changed(change):
    with pytest.raises(EngineError):
        change(SavedSystem(server()))
