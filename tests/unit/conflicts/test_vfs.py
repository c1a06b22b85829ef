# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""VFs that are promised twice, or that nobody makes, where the PF is named by its address."""

from __future__ import annotations

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.conflicts import of_node
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed


@pytest.fixture(scope="module")
def of_lab(root):
    """The host variables of a node of the lab, whose ports are named by address and whose VF 3 is for vfio-pci."""
    made = expand(load_testbed(root / "inventories" / "lab" / "testbed.yml"))
    return {**made.shared, **made.hosts["node1"]}


def lab_topology():
    """The sample with the lab's first NIC in place of its 82599."""
    made = server()
    for device in made["pci_devices"]:
        if device["address"].startswith("0000:18"):
            device.update(address=device["address"].replace("18", "21"), net=[device["net"][0].replace("2", "1")])
    return made


LAB = [
    ("ens1f0v3", "ens1f0v3 is promised to soft-RoCE and, in testbed_ports[0].vfs.config[3], to vfio-pci"),
    ("ens1f0v99", "ens1f0v99 is not there: VFs count from 0, and there are 4"),
    ("ens1f0v0", ""),
    ("ens1f1", ""),
]


@pytest.mark.parametrize(("interface", "what"), LAB)
def test_a_port_that_is_named_by_its_address_has_vfs_by_name(of_lab, interface, what):
    variables = {**of_lab, "testbed_rdma": {"rxe": [{"interface": interface}]}}
    found = [one for one in of_node(variables, lab_topology()) if one["where"] == "testbed_rdma.rxe[0]"]
    assert [one["what"] for one in found] == ([what] if what else [])


def test_a_vf_that_is_named_by_its_address(of_lab):
    topology = lab_topology()
    sriov = {"role": "vf", "pf": "0000:21:00.0", "index": 3}
    vf = {"address": "0000:21:10.6", "kind": "nic", "vendor": "8086", "device": "10ca", "net": [], "sriov": sriov}
    topology["pci_devices"].append(vf)
    found = of_node({**of_lab, "node_rdma_rxe": [{"pci": "0000:21:10.6"}]}, topology)
    assert "0000:21:10.6 is promised to soft-RoCE and, in testbed_ports[0]" in str(found)


def test_a_port_whose_name_ends_in_its_number(of_lab):
    """systemd names VFs after the port without it: ens1f0v3 is a VF of ens1f0np0."""
    topology = lab_topology()
    topology["pci_devices"][0]["net"] = ["ens1f0np0"]
    found = of_node({**of_lab, "testbed_rdma": {"rxe": [{"interface": "ens1f0v3"}]}}, topology)
    assert "ens1f0v3 is promised to soft-RoCE" in str(found)
