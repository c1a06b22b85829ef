"""From host variables and saved topologies to what placement and manifests take."""

import copy
import json
import pathlib

import pytest
from ansible_collections.gedge.engine.plugins.filter.handover import handover
from ansible_collections.gedge.engine.plugins.filter.placement_explain import placement_explain
from ansible_collections.gedge.engine.plugins.filter.service_table import service_table
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.manifests import build
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from ansible_collections.gedge.engine.plugins.plugin_utils import service_site as sites
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from helpers.testbed_file import load_testbed
from unit.placement.sites import container, service

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


SAID = {
    # what the inventory says of the kubelet, what was given: the policy and scope of the record
    "nothing": ({}, {}, ("single-numa-node", "container")),
    "as others set it": ({"policy": "", "scope": ""}, {}, ("single-numa-node", "container")),
    "the inventory": ({"policy": "restricted", "scope": "pod"}, {}, ("restricted", "pod")),
    "given over it": ({"policy": "none", "scope": "pod"}, {"policy": "best-effort"}, ("best-effort", "pod")),
}


@pytest.mark.parametrize("title", SAID)
def test_a_kubelet_is_taken_as_the_inventory_asks_for_it(lab, title):
    (hosts, tables), (said, given, expected) = lab, SAID[title]
    variables = {sites.KUBELET_VARIABLES[key]: value for key, value in said.items()}
    (record,) = sites.site({"node1": {**hosts["node1"], **variables}}, {"node1": SAVED}, tables, given)["records"]
    assert (record["policy"], record["scope"]) == expected


def test_a_policy_in_the_inventory_that_is_none_is_named_with_its_node(lab):
    hosts, tables = lab
    host = {**hosts["node1"], "cluster_kubelet_topology_manager_policy": "strict"}
    with pytest.raises(EngineError, match="node1: cluster_kubelet_topology_manager_policy: is none of the kubelet's"):
        sites.site({"node1": host}, {"node1": SAVED}, tables)


OWN = {
    # what the testbed or the inventory says: {PF: {VF: what for}}
    "soft-RoCE over a VF": ({"testbed_rdma": {"rxe": [{"interface": "ens1f0v0"}]}}, {PF: {"0": "soft-RoCE"}}),
    "over a VLAN on a VF": ({"testbed_rdma": {"rxe": [{"interface": "ens2f0v1.40"}]}}, {OTHER: {"1": "soft-RoCE"}}),
    "over a network, which is a PF": ({"testbed_rdma": {"rxe": [{"network": "sriov-b"}]}}, {}),
    "over a PF": ({"testbed_rdma": {"rxe": [{"interface": "ens1f0"}]}}, {}),
    "the role's own variable": ({"node_rdma_rxe": [{"pci": "0000:21:10.2"}]}, {PF: {"1": "soft-RoCE"}}),
    "a link of the inventory": (
        {"testbed_rdma": {}, "node_network_links": [{"interface": "ens2f0v2", "addresses": ["10.0.0.1/8"]}]},
        {OTHER: {"2": "a link of its own"}},
    ),
    "a VF that is not there": ({"testbed_rdma": {"rxe": [{"interface": "ens1f0v9"}]}}, {}),
    "what the role refuses": ({"testbed_rdma": {}, "node_rdma_rxe": ["ens1f0v0"]}, {}),
}  # fmt: skip


@pytest.mark.parametrize("made_yet", [True, False], ids=["made", "to be made"])
@pytest.mark.parametrize("title", OWN)
def test_vfs_that_the_node_uses_itself(lab, title, made_yet):
    hosts, tables = lab
    variables, expected = OWN[title]
    topology = SAVED if made_yet else without_vfs(SAVED)
    made = sites.site({"node1": dict(hosts["node1"], **variables)}, {"node1": topology}, tables)
    ports = made["testbed"]["ports"]["node1"]
    assert {port["pci"]: port["used_vfs"] for port in ports if port.get("used_vfs")} == expected
    (record,) = made["records"]
    told = [(port["pci"], str(vf["vf"]), vf["used"]) for port in record["ports"] for vf in port["vfs"] if "used" in vf]
    assert told == [(pf, number, why) for pf, used in expected.items() for number, why in used.items()]


def test_a_port_of_the_profile_that_is_a_vf_is_the_nodes_own(lab):
    hosts, tables = lab
    vf = dict(hosts["node1"]["testbed_ports"][0], pci="0000:21:10.2", vfs=None, address="192.168.20.100/28")
    variables = dict(hosts["node1"], testbed_rdma={}, testbed_ports=[*hosts["node1"]["testbed_ports"], vf])
    made = sites.site({"node1": variables}, {"node1": SAVED}, tables)
    assert made["testbed"]["ports"]["node1"][0]["used_vfs"] == {"1": "a link of its own"}


def test_placement_manifests_and_handover_leave_the_nodes_own_vfs_out(lab):
    """Of the lab, whose soft-RoCE is over VF 0 of the first port: only VF 1 of it is left for network sriov-a there."""
    hosts, tables = lab
    made = sites.site({"node1": hosts["node1"]}, {"node1": SAVED}, tables)
    asked = [service("a", [container("a", 1, "64Mi", sriov=1)], networks={"sriov": ["sriov-a"], "macvlan": []})]
    names = [dict(asked[0], name=name) for name in "abc"]
    placed = place.place(made["records"], names).result()
    given = {(one["pf"], one["vf"]) for row in placed["placements"] for one in row["devices"]}
    assert given == {(PF, 1), (OTHER, 2)}
    assert "VF 0 of 0000:21:00.0 is used by the node: soft-RoCE" in placed["failed"][0]["what"]
    objects = build.build({"services": asked}, place.place(made["records"], asked).result(), made["testbed"], {})[0]
    (plugin,) = [one for one in objects if one["kind"] == "ConfigMap"]
    devices = [
        device
        for pool in json.loads(plugin["data"]["node1.json"])["resourceList"]
        for selector in [pool["selectors"]]
        for device in selector.get("rootDevices", [])
    ]
    assert sorted(device for device in devices if device.startswith(PF)) == [f"{PF}#1", f"{PF}#2", f"{PF}#3"]
    (node,) = handover(made, {"name": "lab"}, {})["nodes"]
    assert {one["address"]: one["used_by_node"] for one in node["devices"] if one["used_by_node"]} == {
        "0000:21:10.0": "soft-RoCE"
    }


def test_explain_says_which_vfs_the_node_uses_itself(lab):
    hosts, tables = lab
    made = sites.site({"node1": hosts["node1"]}, {"node1": SAVED}, tables)
    one = service("a", [container("a", 1, "64Mi", sriov=1)], traffic=[{"to": "b", "weight": 1}])
    asked = {"services": [one, service("b", [container("b", 1, "64Mi", sriov=1)])]}
    text = placement_explain(asked, made["records"], "a", form="table")
    assert text.endswith("\n\nnode1: VF 0 of 0000:21:00.0 is used by the node: soft-RoCE.\n")
    asked["services"][0]["networks"]["sriov"] = ["sriov-b"]
    assert "used by the node" not in placement_explain(asked, made["records"], "a", form="table")


def test_a_vf_that_is_to_be_made_is_promised_with_a_note(lab):
    hosts, tables = lab
    asked = {"services": [service("a", [container("a", 1, "64Mi", sriov=1)])]}
    one = sites.site({"node1": hosts["node1"]}, {"node1": without_vfs(SAVED)}, tables)
    placed = place.place(one["records"], asked).result()
    (device,) = placed["placements"][0]["devices"]
    what = f"VF {device['vf']} of {device['pf']} on node1 is not made yet"
    assert placed["notes"] == [{"path": "a, replica 0", "what": what, "advice": "Run playbook site"}]
    assert f"{what}. Run playbook site." in service_table(placed)
    other = sites.site({"node1": hosts["node1"]}, {"node1": SAVED}, tables)
    kept = place.place(other["records"], asked, placed["placements"]).result()
    assert (kept["notes"], kept["placements"]) == ([], placed["placements"])
