# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What of the asked for a node cannot have all at once: each conflict alone, with its place, what and advice."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.node_conflicts import node_conflicts
from ansible_collections.gedge.engine.plugins.plugin_utils.conflicts import of_node
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed
from unit.testbed.edits import edited


@pytest.fixture(scope="module")
def asked(root):
    """The host variables of a node of a region."""
    made = expand(load_testbed(root / "inventories" / "seoul" / "testbed.yml"))
    return {**made.shared, **made.hosts["seoul-worker1"]}


GPU = {"address": "0000:af:00.0", "kind": "gpu", "vendor": "10de", "device": "2330", "numa_node": 1, "sriov": {}}


def topology(**put):
    """The sample's topology with a GPU, edited by key path."""
    made = server()
    made["pci_devices"].append(copy.deepcopy(GPU))
    return edited(made, put=put)


@dataclass
class Row:
    """One conflict: edits of the host variables and of the topology, then what must come of them."""

    name: str
    where: str
    what: str
    advice: str
    set: dict = field(default_factory=dict)
    found: dict = field(default_factory=dict)


PORT = "testbed_ports/2"
ROWS = [
    Row("isolated and reserved", "testbed_isolated_cpus", "CPU 1 is isolated and reserved", "Take it out",
        {"testbed_isolated_cpus": "1,10-19"}),
    Row("isolated CPU that is not there", "testbed_isolated_cpus", "CPU 80-90 is not there", "The node has CPUs 0-79",
        {"testbed_isolated_cpus": "10,80-90"}),
    Row("reserved CPU that is not there", "testbed_reserved_cpus", "CPU 99 is not there", "The node has CPUs 0-79",
        {"testbed_reserved_cpus": "0,99"}),
    Row("a whole NUMA node isolated", "testbed_isolated_cpus", "all CPUs of NUMA node 1 (20-39,60-79)", "at least one",
        {"testbed_isolated_cpus": "20-39,60-79", "testbed_reserved_cpus": "0"}),
    Row("isolated CPUs that cannot be read", "testbed_isolated_cpus", "is not a number", "0-3,8",
        {"testbed_isolated_cpus": "one"}),
    Row("huge pages that leave too little", "testbed_hugepages", "leave less than the 512 MiB", "256512 MiB or less",
        {"testbed_hugepages": [{"size": "1G", "count": 251, "numa_node": None}]}),
    Row("huge pages that a NUMA node has not", "testbed_hugepages[0]", "on NUMA node 1, which has 128512 MiB", "fewer",
        {"testbed_hugepages": [{"size": "1G", "count": 126, "numa_node": 1}]}),
    Row("huge pages of a NUMA node that is not there", "testbed_hugepages[0].numa_node", "no such NUMA node", "0, 1",
        {"testbed_hugepages": [{"size": "2M", "count": 1, "numa_node": 2}]}),
    Row("huge pages of a size that is not there", "testbed_hugepages[0].size", "no pages of 16G", "It has 1G, 2M",
        {"testbed_hugepages": [{"size": "16G", "count": 1, "numa_node": 0}]}),
    Row("port by interface that is not there", "testbed_ports[2].interface", "no NIC port ens2f (port 1", '"ens2f',
        {PORT + "/interface": "ens2f"}),
    Row("port by address that is not there", "testbed_ports[2].pci", "no NIC port 0000:19:00.0", "0000:18:00.0",
        {PORT + "/pci": "0000:19:00.0"}),
    Row("one device for two ports", "testbed_ports[3]", "is the device 0000:18:00.0, which testbed_ports[2] is already",
        "promised twice", {"testbed_ports/3/pci": "0000:18:00.0"}),
    Row("NIC on another NUMA node", "testbed_ports[2].numa_node", "hangs on NUMA node 0, not 1", "Correct numa_node",
        {PORT + "/numa_node": 1}),
    Row("too many VFs", "testbed_ports[2].vfs.count", "has at most 4 VFs, and 8 are asked for", "4 or fewer",
        found={"pci_devices/0/sriov/total": 4}),
    Row("VFs without SR-IOV", "testbed_ports[2].vfs", "has no SR-IOV, and 8 VFs", "in the firmware",
        found={"pci_devices/0/sriov": {"role": None}}),
    Row("a VF in two entries", "testbed_ports[2].vfs.config[8]", "VF 7 is promised by entry 7 already", "one entry",
        {PORT + "/vfs/config": [{"range": str(n)} for n in range(8)] + [{"range": "7"}]}),
    Row("a VF for vfio-pci and soft-RoCE", "testbed_rdma.rxe[0]", "promised to soft-RoCE and, in testbed_ports[2]",
        "Take another VF", {PORT + "/vfs/config/0/driver": "vfio-pci"}),
    Row("an accelerator that is not there", "testbed_accelerators[0]", "1 x fpga asked for, 0 found", "has no fpga",
        {"testbed_accelerators": [{"kind": "fpga", "numa_node": None, "count": 1, "id": None}]}),
    Row("an accelerator elsewhere", "testbed_accelerators[0]", "1 x gpu asked for on NUMA node 0, 0 found",
        "0000:af:00.0 (NUMA node 1)",
        {"testbed_accelerators": [{"kind": "gpu", "numa_node": 0, "count": 1, "id": None}]}),
    Row("another accelerator", "testbed_accelerators[0]", "1 x gpu 10de:20b5 asked for", "has no gpu 10de:20b5",
        {"testbed_accelerators": [{"kind": "gpu", "numa_node": None, "count": 1, "id": "10de:20b5"}]}),
    Row("more accelerators in two entries", "testbed_accelerators[0]", "2 x gpu asked for, 1 found", "0000:af:00.0",
        {"testbed_accelerators": [{"kind": "gpu", "numa_node": None, "count": 1, "id": None}] * 2}),
    Row("MTU of the port's network", "testbed_ports[2]", "network sriov-a has an MTU of 9000, and switches.l2.ports.26",
        "Lower the network's mtu", {PORT + "/switch_mtu": 1500, "testbed_networks/sriov-a/mtu": 9000}),
    Row("MTU of a VF's network", "testbed_ports[2]", "network sriov-b has an MTU of 9000", "raise the port's",
        {PORT + "/switch_mtu": 1500, "testbed_networks/sriov-b/mtu": 9000}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_conflict_is_named_once(asked, row):
    found = of_node(edited(asked, put=row.set), topology(**row.found))
    assert [one["where"] for one in found] == [row.where], found
    assert row.what in found[0]["what"]
    assert row.advice in found[0]["advice"]


def test_a_sound_node_has_none(asked):
    gpu = [{"kind": "gpu", "numa_node": 1, "count": 1, "id": "10DE:2330"}]
    assert of_node({**asked, "testbed_accelerators": gpu}, topology()) == []


def test_an_unknown_numa_node_is_no_conflict(asked):
    assert of_node({**asked}, topology(**{"pci_devices/0/numa_node": -1})) == []


def test_without_a_topology_the_variables_are_still_compared(asked):
    """What needs the topology is left out, and nothing is made up."""
    for row in ROWS:
        found = of_node(edited(asked, put=row.set), None)
        assert {one["where"] for one in found} <= {row.where}, row.name
    both = next(row for row in ROWS if row.name == "isolated and reserved")
    assert of_node(edited(asked, put=both.set)) != []


def test_a_node_that_nothing_is_asked_of():
    assert of_node({}, topology()) == []
    assert of_node({}) == []


def test_the_filter_takes_hostvars_and_leaves_the_rest_alone(asked):
    class Lazy(dict):
        """As hostvars: a template that cannot be resolved fails when it is read, and only then."""

        def __getitem__(self, name):
            assert name != "testbed_switches"
            return super().__getitem__(name)

    variables = Lazy(asked, testbed_switches="{{ no }}", testbed_isolated_cpus="1")
    assert [one["where"] for one in node_conflicts(variables, topology())] == ["testbed_isolated_cpus"]


def test_the_filter_says_who_it_is(asked):
    with pytest.raises(AnsibleFilterError, match="node_conflicts"):
        node_conflicts(asked, topology=[1])
