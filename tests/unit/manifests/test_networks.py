"""Pools, NetworkAttachmentDefinitions, pod annotations and requests: one table, so they agree in every case."""

import copy
import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from unit.manifests import builder as b
from unit.manifests import validate

NETWORKS = "k8s.v1.cni.cncf.io/networks"
RESOURCE = "k8s.v1.cni.cncf.io/resourceName"


def pools(found, node="node1", name="sriovdp-config"):
    """{resource: selector} of a node's file of the device plugin."""
    data = b.of_kind(found, "ConfigMap", name)["data"]
    entries = json.loads(data[f"{node}.json"])["resourceList"]
    return {f"{one['resourcePrefix']}/{one['resourceName']}": one["selectors"] for one in entries}


def config(found, name):
    return json.loads(b.of_kind(found, "NetworkAttachmentDefinition", name)["spec"]["config"])


def attached(found, name="detector"):
    annotations = b.pod_of(found, name)["metadata"]["annotations"]
    return json.loads(annotations[NETWORKS]) if NETWORKS in annotations else []


def one_vf(device=None, site=None, **options):
    """Manifests of a service with one VF."""
    device = device or b.vf()
    container = b.container(sriov=1, rdma=int(device["rdma"]))
    return b.objects([b.service("detector", container)], [b.placed("detector", device)], site, **options)


def test_paths():
    services = [
        b.service("basic"),
        b.service("dual", b.container(macvlan=1), path="dual"),
        b.service("fast", b.container(sriov=1, macvlan=1), path="accelerated"),
    ]
    found = b.objects(services, [b.placed("basic"), b.placed("dual"), b.placed("fast", b.vf())])
    names = {name: [one["name"] for one in attached(found, name)] for name in ("basic", "dual", "fast")}
    assert names == {
        "basic": [],
        "dual": ["management-eno2"],
        "fast": ["sriov-a-21-00-0", "management-eno2"],
    }
    labels = [b.pod_of(found, name)["metadata"]["labels"]["gedge.io/path"] for name in names]
    assert labels == ["basic", "dual", "accelerated"]
    assert validate.faults(found) == []


def test_attachment_in_full():
    found = one_vf()
    assert config(found, "sriov-a-21-00-0") == {
        "cniVersion": "0.3.1",
        "name": "sriov-a-21-00-0",
        "type": "sriov",
        "vlan": 30,
        "capabilities": {"ips": True},
        "ipam": {"type": "static"},
    }
    entry = {"name": "sriov-a-21-00-0", "namespace": "default", "interface": "net1", "ips": ["192.168.20.110/28"]}
    assert attached(found) == [entry]


def wired(vfs=None, tagged=True, **more):
    """The lab where node1's first port has these VFs."""
    site = b.testbed()
    port = dict(site["ports"]["node1"][0], tagged=tagged, **more)
    site["ports"]["node1"] = [dict(port, vfs=vfs or port["vfs"]), *site["ports"]["node1"][1:]]
    return site


def four(*config):
    return {"count": 4, "config": list(config)}


A, B = {"range": "0-1", "network": "sriov-a", "vlan": 30}, {"range": "2", "network": "sriov-b", "vlan": 40}
VFIO = {"range": "3", "network": "sriov-a", "vlan": 30, "driver": "vfio-pci"}
CASES = [
    # site, VF, its network, name of the pool, selector, vlan, why
    (wired(), 0, "sriov-a", "sriov_a_21_00_0", ["0000:21:00.0"], 30, "all VFs alike"),
    (wired(tagged=False), 0, "sriov-a", "sriov_a_21_00_0_untagged", ["0000:21:00.0"], 0, "an access port"),
    (wired(four(A, B, VFIO)), 1, "sriov-a", "sriov_a_21_00_0", ["0000:21:00.0#0-1"], 30, "a part"),
    (wired(four(A, B, VFIO)), 2, "sriov-b", "sriov_b_21_00_0", ["0000:21:00.0#2"], 40, "another network"),
    (wired(four(A, B, VFIO)), 3, "sriov-a", "sriov_a_21_00_0_vfio", ["0000:21:00.0#3"], 30, "another driver"),
    (
        wired(four(dict(A, qos=3))),
        0,
        "sriov-a",
        "sriov_a_21_00_0_q3",
        ["0000:21:00.0#0-1"],
        30,
        "802.1p priority",
    ),
    (wired(pci=None), 0, "sriov-a", "sriov_a_21_00_0", ["0000:21:00.0"], 30, "the only port of the network"),
]


USED = {"used_vfs": {"0": "soft-RoCE"}}
CASES += [
    (wired(**USED), 1, "sriov-a", "sriov_a_21_00_0", ["0000:21:00.0#1-3"], 30, "the node uses the first one"),
    (wired(four(A, B, VFIO), **USED), 1, "sriov-a", "sriov_a_21_00_0", ["0000:21:00.0#1"], 30, "and others differ"),
]


@pytest.mark.parametrize(("site", "index", "network", "pool", "selector", "vlan", "why"), CASES)
def test_pool_attachment_and_request_agree(site, index, network, pool, selector, vlan, why):
    found = one_vf(b.vf(index, network=network), site)
    resource = f"gedge.io/{pool}"
    name = pool.replace("_", "-")
    assert pools(found)[resource] == {"rootDevices": selector}, why
    assert b.of_kind(found, "NetworkAttachmentDefinition", name)["metadata"]["annotations"] == {RESOURCE: resource}
    assert config(found, name)["vlan"] == vlan
    assert [one["name"] for one in attached(found)] == [name]
    assert b.pod_of(found)["spec"]["containers"][0]["resources"]["limits"][resource] == "1"


def test_each_vf_is_in_one_pool():
    found = one_vf(site=wired(four(A, B, VFIO)))
    parts = [text for one in pools(found).values() for text in one["rootDevices"] if text.startswith(b.PF_A)]
    assert sorted(parts) == ["0000:21:00.0#0-1", "0000:21:00.0#2", "0000:21:00.0#3"]


def test_priority_of_the_vlan_is_kept():
    found = one_vf(site=wired(four(dict(A, qos=3))))
    assert config(found, "sriov-a-21-00-0-q3")["vlanQoS"] == 3


def test_the_plugins_configuration_does_not_hang_on_what_is_placed():
    few, many = one_vf(), one_vf(b.vf(0, b.PF_B, "sriov-b"))
    assert b.of_kind(few, "ConfigMap") == b.of_kind(many, "ConfigMap")
    assert set(b.of_kind(few, "ConfigMap", "sriovdp-config")["data"]) == {"node1.json", "node2.json"}


def topology(driver="igbvf", rdma=(), net=("ens9f0",)):
    """A topology with one PF and two VFs, a GPU and an FPGA."""
    vfs = [b.vf(index)["address"] for index in range(2)]
    sriov = {"role": "pf", "total": 7, "num": 2, "vfs": vfs}
    devices = [{"address": b.PF_A, "kind": "nic", "driver": "igb", "sriov": sriov, "net": list(net), "rdma": []}]
    for index, address in enumerate(vfs):
        role = {"role": "vf", "pf": b.PF_A, "index": index}
        one = {"address": address, "kind": "nic", "driver": driver, "sriov": role, "net": [], "rdma": list(rdma)}
        devices.append(one)
    devices.append({"address": "0000:5e:00.0", "kind": "fpga", "driver": "dfl-pci", "sriov": None})
    devices.append({"address": "0000:5f:00.0", "kind": "fpga", "driver": "dfl-pci", "sriov": None})
    return {"pci_devices": devices}


TOLD = [
    # what the topology tells, what the pool is then
    (topology(), "sriov_a_21_00_0", {"rootDevices": [b.PF_A]}),
    (topology(driver="vfio-pci"), "sriov_a_21_00_0_vfio", {"rootDevices": [b.PF_A]}),
    (topology(rdma=["mlx5_2"]), "sriov_a_21_00_0_rdma", {"rootDevices": [b.PF_A], "isRdma": True}),
]


@pytest.mark.parametrize(("facts", "pool", "selector"), TOLD)
def test_a_topology_tells_of_the_vfs(facts, pool, selector):
    site = b.testbed(topologies={"node1": facts})
    found = one_vf(b.vf(rdma=bool(facts["pci_devices"][1]["rdma"])), site)
    assert pools(found)[f"gedge.io/{pool}"] == selector


RDMA = [
    # mode, plugins of the CNI configuration
    ("shared", None),
    ("exclusive", ["sriov", "rdma"]),
]


@pytest.mark.parametrize(("mode", "plugins"), RDMA)
def test_rdma_of_a_vf(mode, plugins):
    found = one_vf(b.vf(rdma=True), rdma={"mode": mode})
    made = config(found, "sriov-a-21-00-0-rdma")
    assert [one["type"] for one in made.get("plugins", [])] == (plugins or [])
    first = made["plugins"][0] if plugins else made
    assert (first["capabilities"], first["ipam"]) == ({"ips": True}, {"type": "static"})
    assert pools(found)["gedge.io/sriov_a_21_00_0_rdma"]["isRdma"] is True
    assert "gedge.io/sriov_a_21_00_0" not in pools(found), "a device is never in two pools"


def test_rdma_is_told_by_one_service_for_all_of_the_pool():
    services = [b.service("a", b.container(sriov=1)), b.service("b", b.container(sriov=1, rdma=1))]
    found = b.objects(services, [b.placed("a", b.vf(0)), b.placed("b", b.vf(1, rdma=True))])
    limits = [b.pod_of(found, name)["spec"]["containers"][0]["resources"]["limits"] for name in ("a", "b")]
    assert limits == [{"gedge.io/sriov_a_21_00_0_rdma": "1"}] * 2


def test_what_a_placement_tells_of_rdma_joins_what_the_topology_tells():
    facts = topology()
    facts["pci_devices"][1]["rdma"] = ["mlx5_2"]
    services = [b.service(name, b.container(sriov=1, rdma=1)) for name in ("a", "b")]
    entries = [b.placed("a", b.vf(0, rdma=True)), b.placed("b", b.vf(1, rdma=True))]
    found = b.objects(services, entries, b.testbed(topologies={"node1": facts}))
    selector = {"rootDevices": ["0000:21:00.0#0-1"], "isRdma": True}  # of two entries the plugin reads the first
    assert pools(found)["gedge.io/sriov_a_21_00_0_rdma"] == selector
    assert "gedge.io/sriov_a_21_00_0" not in pools(found)


def test_shared_rdma():
    found = b.objects([b.service("detector", b.container(rdma=1))], [b.placed("detector", b.shared_rdma())])
    (entry,) = json.loads(b.of_kind(found, "ConfigMap", "rdma-devices")["data"]["node1.json"])["configList"]
    assert entry == {
        "resourceName": "sriov_a_21_00_0_shared",
        "resourcePrefix": "rdma",
        "rdmaHcaMax": 63,
        "selectors": {"ifNames": ["ens1f0"]},
    }
    limits = b.pod_of(found)["spec"]["containers"][0]["resources"]["limits"]
    assert limits == {"rdma/sriov_a_21_00_0_shared": "1"}
    assert config(found, "sriov-a-ens1f0-30")["master"] == "ens1f0.30", "a netdev of that port carries the GID"
    assert [one["name"] for one in attached(found)] == ["sriov-a-ens1f0-30"]
    assert validate.faults(found) == []


def test_accelerators_are_in_the_pool_of_their_kind():
    site = b.testbed(topologies={"node1": topology()})
    container = b.container(fpga=1, asic=1)
    entry = b.placed("detector", b.card("fpga", b.FPGA), b.card("asic", b.ASIC))
    found = b.objects([b.service("detector", container)], [entry], site)
    data = json.loads(b.of_kind(found, "ConfigMap", "sriovdp-config")["data"]["node1.json"])["resourceList"]
    by_name = {one["resourceName"]: one for one in data}
    assert by_name["fpga"]["deviceType"] == by_name["asic"]["deviceType"] == "accelerator"
    assert by_name["fpga"]["selectors"] == {"pciAddresses": ["0000:5e:00.0", "0000:5f:00.0"]}
    assert by_name["asic"]["selectors"] == {"pciAddresses": [b.ASIC]}


def test_accelerators_of_a_topology_have_a_pool_before_one_is_placed():
    facts = topology()
    facts["pci_devices"].append({"address": "0000:60:00.0", "kind": "fpga", "sriov": {"role": "pf", "num": 2}})
    found = b.objects([b.service()], [b.placed()], b.testbed(topologies={"node2": facts}))
    data = json.loads(b.of_kind(found, "ConfigMap", "sriovdp-config")["data"]["node2.json"])["resourceList"]
    (fpga,) = [one for one in data if one["resourceName"] == "fpga"]
    assert fpga["selectors"] == {"pciAddresses": ["0000:5e:00.0", "0000:5f:00.0"]}, "not a PF whose VFs are given"


def test_accelerators_of_two_nodes_are_in_one_pool():
    facts, empty = topology(), {"pci_devices": []}
    site = b.testbed(topologies={"node1": empty, "node2": facts})
    found = b.objects([b.service("a", b.container(fpga=1))], [b.placed("a", b.card("fpga", b.FPGA))], site)
    data = b.of_kind(found, "ConfigMap", "sriovdp-config")["data"]
    assert all("fpga" in data[name] for name in ("node1.json", "node2.json"))


MACVLAN = [
    # changes of the port, master, name
    ({}, "eno2", "management-eno2"),
    ({"tagged": True}, "eno2.20", "management-eno2-20"),
]


@pytest.mark.parametrize(("change", "master", "name"), MACVLAN)
def test_macvlan(change, master, name):
    site = b.testbed()
    site["ports"]["node1"][1].update(change)
    found = b.objects([b.service("detector", b.container(macvlan=1), path="dual")], [b.placed()], site)
    made = config(found, name)
    assert (made["type"], made["master"], made["mode"]) == ("macvlan", master, "bridge")
    assert "annotations" not in b.of_kind(found, "NetworkAttachmentDefinition", name)["metadata"]
    assert attached(found)[0]["ips"] == ["192.168.10.109/28"], "the gateway is .110"


def test_macvlan_of_a_larger_mtu():
    site = b.testbed()
    site["networks"]["management"]["mtu"] = 9000
    found = b.objects([b.service("detector", b.container(macvlan=1))], [b.placed()], site)
    assert config(found, "management-eno2")["mtu"] == 9000


def test_macvlans_in_networks_by_name():
    site = b.testbed()
    service = b.service("detector", b.container(macvlan=2), networks={"sriov": [], "macvlan": ["sriov-b"]})
    found = b.objects([service], [b.placed()], site)
    assert [one["name"] for one in attached(found)] == ["sriov-b-ens2f0-40"] * 2
    assert [one["ips"] for one in attached(found)] == [["192.168.30.110/28"], ["192.168.30.109/28"]]


def test_definitions_are_in_each_namespace_that_uses_them():
    services = [b.service("a", b.container(sriov=1)), b.service("a", b.container(sriov=1), namespace="edge")]
    found = b.objects(services, [b.placed("a", b.vf(0)), b.placed("a", b.vf(1), namespace="edge")])
    spaces = [one["metadata"]["namespace"] for one in b.of_kind(found, "NetworkAttachmentDefinition")]
    assert spaces == ["default", "edge"]


def test_one_file_for_all_nodes():
    found = one_vf(device_plugin={"layout": "shared"})
    (text,) = b.of_kind(found, "ConfigMap", "sriovdp-config")["data"].values()
    names = [one["resourceName"] for one in json.loads(text)["resourceList"]]
    assert names == ["sriov_a_21_00_0", "sriov_b_81_00_0"]


def test_a_configuration_that_no_configmap_holds():
    names = [f"{'n' * 200}{number}" for number in range(6000)]
    site = b.testbed(nodes=names)
    site["nodes"] = {}
    with pytest.raises(ProblemsError, match="6000 nodes is larger than a ConfigMap may be"):
        b.objects([b.service()], [b.placed()], site)


def test_no_pool_without_devices():
    assert b.of_kind(b.objects([b.service()], [b.placed()], b.testbed(ports={})), "ConfigMap") == []


def without_ports():
    return b.testbed(ports={})


def other_wiring():
    site = b.testbed()
    site["ports"]["node2"][0] = dict(site["ports"]["node2"][0], network="sriov-b")
    return site


def nameless():
    site = b.testbed()
    for port in site["ports"]["node1"]:
        port["interface"] = None
    return site


SHARED = b.container(rdma=1)
MAC = b.container(macvlan=1)
REFUSED = [
    # service, placement, site, options, part of the message
    (b.container(sriov=1), b.vf(), without_ports(), {}, "0000:21:00.0 on node1: no port of the testbed is this PF"),
    (b.container(sriov=1), b.vf(7), None, {}, "the testbed gives this PF no VF 7"),
    (
        b.container(sriov=1),
        b.vf(2),
        wired(four(B)),
        {},
        "VF 2 is in network sriov-b by the testbed, and in sriov-a by the placement",
    ),
    (b.container(sriov=1), b.vf(), wired(**USED), {}, "VF 0 is used by the node: soft-RoCE"),
    (SHARED, b.shared_rdma(), None, {"rdma": {"mode": "exclusive"}}, "in exclusive mode no pods share an RDMA device"),
    (SHARED, b.shared_rdma(), nameless(), {}, "the interface of this NIC, or its network, is not known"),
    (SHARED, b.shared_rdma(), wired(network="gone"), {}, "the interface of this NIC, or its network, is not known"),
    (MAC, None, nameless(), {}, "node1: has no port with a known interface in network management"),
    (MAC, None, without_ports(), {}, "no macvlan network on node1"),
    (
        b.container(sriov=1),
        b.vf(),
        other_wiring(),
        {"device_plugin": {"layout": "shared"}},
        "0000:21:00.0 is not in the same pools on all nodes: sriov_a_21_00_0, sriov_b_21_00_0",
    ),
    (
        b.container(sriov=1),
        b.vf(),
        wired(four(A, VFIO)),
        {"device_plugin": {"layout": "shared"}},
        "0000:21:00.0 is not in the same pools on all nodes: sriov_a_21_00_0",
    ),
]


@pytest.mark.parametrize(("container", "device", "site", "options", "message"), REFUSED)
def test_refused(container, device, site, options, message):
    entry = b.placed("detector", *([device] if device else []))
    with pytest.raises(ProblemsError) as caught:
        b.objects([b.service("detector", container)], [entry], copy.deepcopy(site), **options)
    assert message in caught.value.text()


def test_unknown_network_of_a_macvlan():
    service = b.service("detector", MAC, networks={"sriov": [], "macvlan": ["managment"]})
    with pytest.raises(ProblemsError, match="there is no network managment on node1"):
        b.objects([service], [b.placed()])


@pytest.mark.parametrize(("code", "there"), [("120000", True), ("00ff00", False), ("0b4000", False)])
def test_a_card_that_the_plugin_does_not_list_is_in_no_pool(code, there):
    card = {"address": b.FPGA, "kind": "fpga", "class": code}
    found = b.objects([], [], b.testbed(topologies={"node1": {"pci_devices": [card]}}))
    assert ("gedge.io/fpga" in pools(found)) == there
