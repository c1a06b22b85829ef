# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Conflicts in what the roles really get: their own options over the testbed's, and one role against another."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from ansible_collections.gedge.engine.plugins.filter.node_conflicts import node_conflicts
from ansible_collections.gedge.engine.plugins.plugin_utils import role_options
from ansible_collections.gedge.engine.plugins.plugin_utils.conflicts import VARIABLES, of_node
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed


@pytest.fixture(scope="module")
def asked(root):
    """The host variables of a node of a region: CPUs 0-1 and more are reserved."""
    made = expand(load_testbed(root / "inventories" / "seoul" / "testbed.yml"))
    return {**made.shared, **made.hosts["seoul-worker1"]}


def pages(size, count, node):
    """An item of a list of huge pages."""
    return {"size": size, "count": count, "numa_node": node}


def pf(count, *vfs, **select):
    """An item of node_sriov_pfs."""
    return {"select": select or {"name": "ens2f0"}, "count": count, "vfs": list(vfs)}


@dataclass
class Row:
    """Options of roles over a region's node, then what must come of them."""

    name: str
    where: str
    what: str
    advice: str
    set: dict = field(default_factory=dict)


VFIO = {"range": "3", "driver": "vfio-pci"}
ROWS = [
    Row("boot isolates what is reserved", "node_boot_isolated_cpus", "CPU 1 is isolated and reserved", "Take it out",
        {"node_boot_isolated_cpus": "1-5"}),
    Row("one CPU as a number", "node_boot_isolated_cpus", "CPU 1 is isolated and reserved", "Take it out",
        {"node_boot_isolated_cpus": 1}),
    Row("tuning isolates what is reserved", "node_tuning_isolated_cpus", "CPU 0 is isolated and reserved", "Take it",
        {"node_tuning_isolated_cpus": "0,10"}),
    Row("boot isolates what is not there", "node_boot_isolated_cpus", "CPU 80 is not there", "The node has CPUs 0-79",
        {"node_boot_isolated_cpus": "80"}),
    Row("boot isolates a NUMA node", "node_boot_isolated_cpus", "all CPUs of NUMA node 1 (20-39,60-79)", "at least one",
        {"node_boot_isolated_cpus": "20-39,60-79", "testbed_reserved_cpus": "0"}),
    Row("no list of CPUs", "node_boot_isolated_cpus", "is not a number", "0-3,8", {"node_boot_isolated_cpus": "all"}),
    Row("pages of both roles on one NUMA node", "node_boot_hugepages[0]", "on NUMA node 0, which has 128512 MiB",
        "Ask for fewer in node_boot_hugepages and node_tuning_hugepages together",
        {"node_boot_hugepages": [pages("1G", 100, 0)], "node_tuning_hugepages": [pages("2M", 20000, 0)]}),
    Row("pages of a role and the testbed", "node_boot_hugepages[0]", "129024 MiB of hugepages on NUMA node 1", "fewer",
        {"node_boot_hugepages": [pages("1G", 124, 1)]}),
    Row("pages of both roles that leave too little", "node_boot_hugepages", "leave less than the 512 MiB",
        "256512 MiB or less in node_boot_hugepages and node_tuning_hugepages together",
        {"node_boot_hugepages": [pages("1G", 125, 0)],
         "node_tuning_hugepages": [pages("2M", 250, 0), pages("2M", 64200, 1)]}),
    Row("pages of a size that is not there", "node_tuning_hugepages[0].size", "no pages of 64K", "It has 1G, 2M",
        {"node_tuning_hugepages": [pages("64K", 1, 0)]}),
    Row("pages twice in the list of a role", "node_boot_hugepages[1]", "means the same pages as", "Give each size once",
        {"node_boot_hugepages": [pages("1G", 1, 0), pages("1G", 2, 0)]}),
    Row("more VFs than the NIC has", "node_sriov_pfs[0].count", "at most 63 VFs, and 64 are asked for", "63 or fewer",
        {"node_sriov_pfs": [pf(64)]}),
    Row("a VF in two entries of a role", "node_sriov_pfs[0].vfs[1]", "VF 1 is promised by entry 0 already", "one entry",
        {"node_sriov_pfs": [pf(4, {"range": "0-1"}, {"range": "1"})]}),
    Row("vfio-pci by the role, soft-RoCE by the testbed", "testbed_rdma.rxe[0]", "in node_sriov_pfs[0].vfs[0], to vfio",
        "Take another VF", {"node_sriov_pfs": [pf(4, {"range": "0", "driver": "vfio-pci"})]}),
    Row("vfio-pci and soft-RoCE by roles", "node_rdma_rxe[0]", "ens2f0v3 is promised to soft-RoCE and, in node_sriov",
        "Take another VF", {"node_sriov_pfs": [pf(4, VFIO)], "node_rdma_rxe": [{"interface": "ens2f0v3"}]}),
    Row("vfio-pci and a link", "node_network_links[0]", "ens2f0v3 is promised to a link of its own", "Take another VF",
        {"node_sriov_pfs": [pf(4, VFIO, address="0000:18:00.0")],
         "node_network_links": [{"interface": "ens2f0v3", "network": "sriov-a"}]}),
    Row("a VLAN on a VF", "node_rdma_rxe[0]", "ens2f0v3.30 is promised to soft-RoCE", "Take another VF",
        {"node_sriov_pfs": [pf(4, VFIO)], "node_rdma_rxe": [{"interface": "ens2f0v3.30"}]}),
    Row("a VF that nobody asked for", "node_rdma_rxe[0]", "ens2f0v8 is not there: VFs count from 0, and there are 8",
        "ask for more VFs", {"node_rdma_rxe": [{"interface": "ens2f0v8"}]}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_conflict_is_named_once(asked, row):
    found = of_node({**asked, **row.set}, server())
    assert [one["where"] for one in found] == [row.where], found
    assert row.what in found[0]["what"]
    assert row.advice in found[0]["advice"]


SOUND = [
    {"node_boot_isolated_cpus": "10", "node_tuning_isolated_cpus": "11"},
    # The testbed's own CPUs are then nobody's.
    {"testbed_isolated_cpus": "0", "node_boot_isolated_cpus": "10", "node_tuning_isolated_cpus": "10"},
    {"node_boot_state": "absent", "node_boot_hugepages": [pages("1G", 500, 0)]},
    # Each role makes only its sizes of its list.
    {"node_boot_hugepages": [pages("2M", 40000, 0)], "node_tuning_hugepages": [pages("1G", 100, 0)]},
    {"node_sriov_pfs": [pf(4, VFIO)], "node_rdma_rxe": [{"interface": "ens2f0v2"}, {"interface": "ens2f0.30"}]},
    {"node_sriov_state": "absent", "node_sriov_pfs": [pf(64)], "node_rdma_state": "absent"},
]


@pytest.mark.parametrize("given", SOUND, ids=",".join)
def test_what_can_be_had_is_no_conflict(asked, given):
    assert of_node({**asked, **given}, server()) == []


REFUSED = [
    {"node_boot_hugepages": {"no": "list"}},
    {"node_tuning_hugepages": [{"count": 1}]},
    {"node_sriov_pfs": "x"},
    {"node_rdma_rxe": [{"vlan": "x"}]},
    {"node_network_links": [{}]},
]


@pytest.mark.parametrize("given", REFUSED, ids=",".join)
def test_what_a_role_refuses_itself_is_left_to_it(asked, given):
    assert of_node({**asked, **given}, server()) == []


def test_the_filter_reads_the_options_of_the_roles(asked):
    variables = {**asked, "node_boot_isolated_cpus": "1", "node_boot_modules": object()}
    assert [one["where"] for one in node_conflicts(variables, server())] == ["node_boot_isolated_cpus"]


def test_what_is_read_are_options_of_the_roles():
    options = {role_options.variable(role, option) for role, spec in role_options.SPECS.items() for option in spec}
    assert {name for name in VARIABLES if not name.startswith("testbed_")} <= options
