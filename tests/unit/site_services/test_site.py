"""From host variables and saved topologies to what placement and manifests take."""

import copy
import json
import pathlib

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.plugin_utils import service_site as sites
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAVED = json.loads((ROOT / "tests/fixtures/report/facts/node1.topology.json").read_text(encoding="utf-8"))
PF, OTHER = "0000:21:00.0", "0000:81:00.0"


@pytest.fixture(scope="module")
def lab():
    """({node: host variables}, tables) of the virtual testbed."""
    made = expand(load_testbed(ROOT / "inventories/lab/testbed.yml"))
    hosts = {node: {**made.shared, **variables} for node, variables in made.hosts.items()}
    return hosts, {"networks": made.shared["testbed_networks"], "switches": {}, "nodes": {}}


def without_vfs(topology):
    """As before role node_sriov."""
    bare = copy.deepcopy(topology)
    bare["pci_devices"] = [one for one in bare["pci_devices"] if one["sriov"].get("role") != "vf"]
    for device in bare["pci_devices"]:
        if device["sriov"].get("role") == "pf":
            device["sriov"].update(num=0, vfs=[])
    return bare


def vfs_of(topology, pf):
    """Addresses of the VFs that a topology knows of a PF."""
    return [one["address"] for one in topology["pci_devices"] if one["sriov"].get("pf") == pf]


def test_vfs_that_are_not_made_yet_are_foretold_where_the_kernel_then_makes_them(lab):
    hosts, tables = lab
    made = sites.site({"node1": hosts["node1"]}, {"node1": without_vfs(SAVED)}, tables)
    assert made["foretold"] == ["node1"]
    (record,) = made["records"]
    for pf in (PF, OTHER):
        assert vfs_of(record["topology"], pf) == vfs_of(SAVED, pf)
        assert len(vfs_of(SAVED, pf)) == 4


def test_a_topology_that_has_them_is_taken_as_it_is(lab):
    hosts, tables = lab
    made = sites.site({"node1": hosts["node1"]}, {"node1": SAVED}, tables)
    assert made["foretold"] == [] and made["records"][0]["topology"] is SAVED
    assert made["testbed"]["topologies"]["node1"] is SAVED


def test_ports_tell_network_purpose_and_what_single_vfs_are_for(lab):
    hosts, tables = lab
    (record,) = sites.site({"node1": hosts["node1"]}, {"node1": SAVED}, tables)["records"]
    port = next(port for port in record["ports"] if port["pci"] == PF)
    assert (port["network"], port["purpose"], port["rdma"], port["peer"]) == ("sriov-a", ["sriov"], False, "tor/25")
    assert [(vf["vf"], vf["network"], vf["driver"]) for vf in port["vfs"]] == [
        (0, "sriov-a", "netdevice"),
        (1, "sriov-a", "netdevice"),
        (2, "sriov-b", "netdevice"),
        (3, "sriov-a", "vfio-pci"),
    ]


def test_a_port_that_is_told_by_its_interface_is_found_in_the_topology(lab):
    """As in the regional inventories; else it would take no service, and nobody would say why."""
    hosts, tables = lab
    names = {device["address"]: device["net"] for device in SAVED["pci_devices"]}
    told = [
        dict(port, pci=None, interface=names[port["pci"]][0]) for port in hosts["node1"]["testbed_ports"] if port["pci"]
    ]
    both = [
        sites.site({"node1": dict(hosts["node1"], testbed_ports=ports)}, {"node1": SAVED}, tables)["records"]
        for ports in (hosts["node1"]["testbed_ports"], told)
    ]
    assert told and both[0] == both[1]


def test_a_node_without_a_topology_takes_nothing(lab):
    hosts, tables = lab
    made = sites.site(hosts, {"node1": SAVED, "node2": None}, tables)
    assert [record["name"] for record in made["records"]] == ["node1"]
    assert sorted(made["testbed"]["ports"]) == ["node1", "node2"]


ADDRESSES = {
    "igb": ("0000:21:00.0", {"offset": 128, "stride": 2}, 3, "0000:21:10.6"),
    "second function": ("0000:21:00.1", {"offset": 128, "stride": 2}, 0, "0000:21:10.1"),
    "over the bus": ("0000:3b:00.0", {"offset": 384, "stride": 1}, 200, "0000:3d:09.0"),
    "a domain of VMD": ("10001:01:00.0", {"offset": 1, "stride": 1}, 7, "10001:01:01.0"),
    "nothing told": ("0000:18:00.0", {"offset": None, "stride": None}, 1, "0000:18:10.2"),
}


@pytest.mark.parametrize("title", ADDRESSES)
def test_where_a_vf_will_be(title):
    pf, sriov, index, expected = ADDRESSES[title]
    assert sites.vf_address(pf, sriov, index) == expected


def test_settings_of_the_kubelet_that_are_none_are_named(lab):
    hosts, tables = lab
    with pytest.raises(EngineError) as caught:
        sites.site(hosts, {"node1": SAVED}, tables, {"policy": "strict", "scopes": "pod"})
    assert "kubelet.policy" in str(caught.value) and "kubelet.scopes" in str(caught.value)
