"""What is read of a node: iproute2's JSON of a real igb, files of sysfs, damaged ones."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.sriov import observe
from helpers.fake_node import FakeNode, FakePf

A = "0000:21:00.0"


def test_vf_attributes_of_a_real_igb(fixtures):
    links = {link["ifname"]: link for link in json.loads((fixtures / "sriov" / "ip_link_igb.json").read_text())}
    found = [observe.admin(info) for info in links["ens2f0"]["vfinfo_list"]]
    assert [vf["vlan"] for vf in found] == [40, 40, 30, 40]
    assert [vf["trust"] for vf in found] == [False, False, True, False]
    assert [vf["spoofchk"] for vf in found] == [True, True, False, True]
    assert [vf["max_tx_rate"] for vf in found] == [0, 0, 0, 200]
    assert {(vf["qos"], vf["min_tx_rate"], vf["link_state"]) for vf in found} == {(0, 0, "auto")}


FULL = {"mac": "02:00:00:00:00:0a", "vlan": 3, "qos": 5, "min_tx_rate": 1, "max_tx_rate": 2}
INFOS = [
    ("nothing", {}, {}),
    (
        "all",
        {
            "address": "02:00:00:00:00:0A",
            "vlan_list": [{"vlan": 3, "qos": 5}],
            "rate": {"min_tx": 1, "max_tx": 2},
            "spoofchk": False,
            "trust": True,
            "link_state": "enable",
        },
        dict(FULL, spoofchk=False, trust=True, link_state="enable"),
    ),
    (
        "iproute2 before 5.2, and a driver that reports little",
        {"vf": 0, "mac": "02:00:00:00:00:0a"},
        dict(dict.fromkeys(FULL, 0), mac="02:00:00:00:00:0a"),
    ),
    ("an empty list of VLANs", {"vf": 0, "vlan_list": []}, dict(dict.fromkeys(FULL, 0), mac="00:00:00:00:00:00")),
]


@pytest.mark.parametrize(("info", "expected"), [pytest.param(i, e, id=t) for t, i, e in INFOS])
def test_admin(info, expected):
    assert observe.admin(info) == expected


def test_a_node_with_vfs(node):
    node.made(A, 3, {1: "vfio-pci", 2: None})
    first, second = observe.pfs(node)
    assert (first.address, first.name, first.vendor, first.device, first.driver) == (A, "ens1f0", "8086", "10c9", "igb")
    assert (first.numa_node, second.numa_node, first.total, first.routing) == (0, 1, 7, (128, 2))
    assert [(vf.value("driver"), vf.netdev) for vf in first.vfs] == [
        ("netdevice", "ens1f0v0"),
        ("vfio-pci", None),
        (None, None),
    ]
    assert (first.mtu, first.max_mtu, first.up, first.carrier, first.autoprobe, first.unstarted) == (
        1500,
        9216,
        False,
        False,
        True,
        False,
    )
    assert first.as_dict()["vfs"][1]["driver"] == "vfio-pci"
    assert "driver" not in first.as_dict()["vfs"][2]


def test_a_marker_says_what_the_kernel_did_before(node):
    node.put("/run/gedge/sriov-%s.pending" % A, "1\n")
    node.pfs[A].autoprobe = 0
    node._show_pf(node.pfs[A])
    assert (observe.pfs(node)[0].unstarted, observe.pfs(node)[0].autoprobe) == (True, True)


DAMAGE = [
    ("no SR-IOV", "sriov_totalvfs", "0\n", []),
    ("no network device", "class", "0x010802\n", []),
    ("no class", "class", "", []),
    ("nonsense for a total", "sriov_totalvfs", "many\n", []),
    ("no NUMA node", "numa_node", "", [A]),
]


@pytest.mark.parametrize(("name", "text", "expected"), [pytest.param(n, t, e, id=i) for i, n, t, e in DAMAGE])
def test_devices_that_are_no_pf(folder, name, text, expected):
    node = FakeNode(folder, [FakePf(A, "ens1f0")])
    node.put("/sys/bus/pci/devices/%s/%s" % (A, name), text)
    assert [pf.address for pf in observe.pfs(node)] == expected


def test_a_vf_that_is_counted_but_not_there_is_named(node):
    node.put("/sys/bus/pci/devices/%s/sriov_numvfs" % A, "1\n")
    with pytest.raises(EngineError, match=r"0000:21:00.0: VF 0 is counted but not there. Look at the kernel log"):
        observe.pfs(node)


def test_iproute2_without_json_is_named(node, monkeypatch):
    monkeypatch.setattr(node, "_shown", lambda _argv: 0)
    monkeypatch.setattr(observe.json, "loads", lambda _text: (dummy for dummy in ()).throw(ValueError("line 1")))
    with pytest.raises(EngineError, match=r"ip -j link: its JSON cannot be read: line 1. Install iproute2 >= 5.10"):
        observe.pfs(node)
