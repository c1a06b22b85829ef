"""VFs that are in another network than their port, or bound to vfio-pci, are given as what they are."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from unit.placement import sites


def record(*apart):
    """A node with one port of three VFs in network sriov-a; apart: what single VFs are."""
    machine = sites.Machine(1, 8, 1)
    machine.add_port(machine.path(0, 0, 0), 0, "sriov-a", 3)
    made = machine.record("node1", "single-numa-node")
    made["ports"][0]["vfs"] = list(apart)
    return made


def vfs(nodes, network, count):
    """Numbers of the VFs that a service gets."""
    box = [sites.container("a", topology="single-numa-node", sriov=count)]
    asked = {"services": [sites.service("a", box, networks={"sriov": [network] * count, "macvlan": []})]}
    result = place.place(nodes, asked).result()
    return [device["vf"] for entry in result["placements"] for device in entry["devices"]]


@pytest.mark.parametrize(
    ("network", "count", "expected"),
    [("sriov-a", 1, [0]), ("sriov-b", 1, [1]), ("sriov-a", 2, []), ("sriov-b", 2, [])],
)
def test_networks_and_drivers_of_single_vfs(network, count, expected):
    nodes = [record({"vf": 1, "network": "sriov-b"}, {"vf": 2, "network": "sriov-a", "driver": "vfio-pci"})]
    assert vfs(nodes, network, count) == expected
