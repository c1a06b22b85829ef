"""Asked against found: VFs, hugepages, CPUs; and what is said where something is missing or of another shape."""

import json

import pytest


def pf_of(document, place=0):
    return document["nodes"]["node1"]["pfs"][place]


def without(address):
    def change(topology):
        topology["pci_devices"] = [item for item in topology["pci_devices"] if item["address"] != address]

    return change


def bound(address, driver):
    def change(topology):
        next(item for item in topology["pci_devices"] if item["address"] == address)["driver"] = driver

    return change


def one_more(topology):
    vf = next(item for item in topology["pci_devices"] if item["address"] == "0000:21:10.6")
    topology["pci_devices"].append(dict(vf, address="0000:21:11.0", sriov=dict(vf["sriov"], index=4)))
    pf = next(item for item in topology["pci_devices"] if item["address"] == "0000:21:00.0")
    pf["sriov"]["vfs"].append("0000:21:11.0")
    pf["sriov"]["num"] = 5


# change of the topology, place of the VF in the list, what is said of it
VFS = {
    "as asked": (lambda topology: None, 0, []),
    "gone": (without("0000:21:10.0"), 0, ["is not in the saved topology"]),
    "vfio-pci instead of a driver": (
        bound("0000:21:10.0", "vfio-pci"),
        0,
        ["driver netdevice asked for, bound to vfio-pci"],
    ),
    "a driver instead of vfio-pci": (bound("0000:21:10.6", "igbvf"), 3, ["driver vfio-pci asked for, bound to igbvf"]),
    "no driver": (bound("0000:21:10.4", None), 2, ["driver netdevice asked for, bound to none"]),
    "one too many": (one_more, 4, ["is not asked for"]),
}


@pytest.mark.parametrize(("change", "place", "says"), VFS.values(), ids=VFS)
def test_vf(region, change, place, says):
    vf = pf_of(region.edit("node1.topology.json", change).document())["vfs"][place]
    assert vf["says"] == says
    assert vf["state"] == ("differs" if says else "proven")


def test_pf_that_is_not_there(region):
    def change(topology):
        topology["pci_devices"] = [
            item for item in topology["pci_devices"] if not item["address"].startswith("0000:21")
        ]

    pf = pf_of(region.edit("node1.topology.json", change).document())
    assert pf["says"] == ["no such PF in the saved topology"] and pf["found"] is None
    assert [vf["state"] for vf in pf["vfs"]] == ["differs"] * 4


def test_a_finding_stands_at_its_vf(region):
    def change(verify):
        verify["findings"]["node1"].append({"device": "ens1f0 VF 1", "what": "vlan 30 asked for, 31 found"})

    vfs = pf_of(region.edit("verify.json", change).document())["vfs"]
    assert [vf["findings"] for vf in vfs] == [[], ["vlan 30 asked for, 31 found"], [], []]
    assert [vf["state"] for vf in vfs] == ["proven", "differs", "proven", "proven"]


def test_a_step_stands_at_its_vf_while_the_plan_is_newer(region):
    assert pf_of(region.document())["vfs"][1]["state"] == "proven"
    region.at("facts/plan.json", 240)
    assert pf_of(region.document())["vfs"][1]["findings"] == ["plan: differs in vlan, qos"]


def test_without_a_verification_a_vf_is_as_asked_and_no_more(region):
    assert {vf["state"] for vf in pf_of(region.remove("verify.json").remove("plan.json").document())["vfs"]} == {
        "as asked"
    }


def test_without_a_topology_nothing_is_found(region):
    document = region.remove("node1.topology.json").remove("verify.json").document()
    node = document["nodes"]["node1"]
    assert node["topology"]["state"] == "missing" and node["found"] is None and node["differences"] == 0
    assert {vf["state"] for vf in pf_of(document)["vfs"]} == {"not in the facts"}
    assert {row["state"] for row in node["settings"].values()} == {"not in the facts", "not asked for"}
    assert document["counts"]["topologies"] == 1


SETTINGS = {
    "isolated CPUs": ("1,3", "none", "differs"),
    "hugepages of 2M, NUMA node 1": (32, 0, "differs"),
    "reserved CPUs": ("0", None, "not in the facts"),
    "kernel arguments": (None, None, "not asked for"),
    "gpu, NUMA node 0": (1, 1, "as asked"),
}


@pytest.mark.parametrize(("title", "row"), SETTINGS.items(), ids=SETTINGS)
def test_setting(region, title, row):
    found = region.document()["nodes"]["node1"]["settings"][title]
    assert (found["asked"], found["found"], found["state"]) == row


def test_settings_that_are_met(region):
    def change(topology):
        topology["cpus"][1]["isolated"] = topology["cpus"][3]["isolated"] = True
        for node in topology["numa_nodes"]:
            node["hugepages"]["2048kB"]["total"] = 32

    node = region.edit("node1.topology.json", change).document()["nodes"]["node1"]
    assert node["settings"]["isolated CPUs"]["state"] == "as asked"
    assert node["settings"]["hugepages of 2M, NUMA node 0"] == {"asked": 32, "found": 32, "state": "as asked"}
    assert node["differences"] == 0


DAMAGED = {
    "no JSON": "{",
    "a list": "[]",
    "no devices": "{}",
    "devices without paths": json.dumps({"pci_devices": [{"address": "0000:00:00.0"}]}),
    "devices that are none": json.dumps({"pci_devices": [1]}),
    "CPUs that are none": json.dumps({"pci_devices": [], "cpus": [1]}),
    "nodes that are none": json.dumps({"pci_devices": [], "numa_nodes": {"node": 1}}),
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_topology_is_said_to_be_so(region, text):
    (region.facts / "node1.topology.json").write_text(text, encoding="utf-8")
    topology = region.report()["nodes"]["node1"]["topology"]
    assert topology["state"] == "unreadable" and topology["fault"]
    assert topology["fault"].replace('"', "&#34;")[:20] in (region.folder / "report.html").read_text(encoding="utf-8")


# other forms of verify.json and plan.json than today's
FORMS = {
    "verify.json": [{"proof": {"node1": ["a", "b"]}, "findings": {"node1": ["broken"]}}, {"findings": [], "frames": 3}],
    "plan.json": [
        {"nodes": {"node1": {"steps": [{}], "errors": ["broken"], "conflicts": [{"what": "w", "advice": "a"}]}}},
        {"nodes": []},
    ],
}


@pytest.mark.parametrize(("name", "data"), [(name, data) for name, forms in FORMS.items() for data in forms])
def test_other_forms_are_read_as_far_as_they_go(region, name, data):
    (region.facts / name).write_text(json.dumps(data), encoding="utf-8")
    assert region.report()["format"] == 1


def test_the_nodes_with_something_to_tell_are_shown(region):
    region.asks_nothing_new().edit("node2.topology.json", without("0000:21:10.0"))
    assert region.document(nodes=1)["shown"] == ["node2"]
    assert region.document(nodes=0)["shown"] == []


def test_the_same_twice(region):
    assert region.report() == region.report()


@pytest.mark.parametrize(
    ("layers", "states"),
    [
        (None, ["not in the facts", "not in the facts"]),
        (["node_sriov"], ["not in the facts", "not in the facts"]),
        (["node_sriov", "node_rdma"], ["not in the facts", "proven"]),
        (["node_tuning", "node_rdma"], ["proven", "proven"]),
    ],
)
def test_a_verified_role_proves_its_settings(region, layers, states):
    def change(verify):
        verify["layers"] = layers

    node = region.edit("verify.json", change).document()["nodes"]["node1"]
    assert [node["settings"][title]["state"] for title in ("tuning", "RDMA")] == states
    assert node["settings"]["isolated CPUs"]["state"] == "differs"
    assert {vf["state"] for vf in node["pfs"][0]["vfs"]} == {
        "proven" if "node_sriov" in (layers or ["node_sriov"]) else "as asked"
    }
