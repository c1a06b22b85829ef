"""The module on a node made of files: once and it is right, check mode is exact, nothing is touched that is right."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from helpers.fake_node import FakeNode, FakePf, changed

A, B = "0000:21:00.0", "0000:81:00.0"
MAC = "02:00:00:00:01:0%d"
ASKED = [
    {
        "select": {"address": A},
        "count": 4,
        "mtu": 4000,
        "vfs": [
            {"range": "0-1", "vlan": 30, "spoofchk": True},
            {"range": "0", "mac": MAC % 0, "mtu": 2000},
            {"range": "2", "mac": MAC % 2, "vlan": 40, "qos": 5, "trust": True, "spoofchk": False, "max_tx_rate": 200},
            {"range": "3", "driver": "vfio-pci"},
        ],
    },
    {"select": {"address": B}, "count": 2, "vfs": [{"range": "0-1", "vlan": 40}]},
]


def two(*vfs, **more):
    """Two VFs on the first PF, with what is asked of them."""
    return [dict({"select": {"address": A}, "count": 2, "vfs": list(vfs)}, **more)]


def actions(result):
    """[(target, action)] of the steps on devices."""
    return [(s["target"], s["action"]) for s in result["steps"] if not s["target"].startswith("/")]


def admin(node, index, address=A):
    """What the PF holds of a VF."""
    return node.pfs[address].vfs[index].admin


def test_one_run_is_enough_and_the_second_does_nothing(node, sriov):
    first = sriov(node, ASKED)
    assert first["changed"] and first["disruption"] == "none"
    assert node.leftovers() == []
    assert [admin(node, i)["vlan"] for i in range(4)] == [30, 30, 40, 0]
    assert (admin(node, 2)["qos"], admin(node, 2)["trust"], admin(node, 2)["max_tx_rate"]) == (5, True, 200)
    vfs = node.pfs[A].vfs
    assert [vf.driver for vf in vfs] == ["igbvf", "igbvf", "igbvf", "vfio-pci"]
    assert [vfs[0].own_mac, vfs[2].own_mac, vfs[0].mtu] == [MAC % 0, MAC % 2, 2000]
    assert (node.pfs[A].mtu, node.pfs[A].up, node.pfs[A].autoprobe) == (4000, True, 1)
    node.log.clear()
    second = sriov(node, ASKED)
    assert (second["changed"], second["steps"], second["diff"]) == (False, [], {"before": {}, "after": {}})
    assert node.log == []


@pytest.mark.parametrize(
    "start",
    [
        pytest.param([], id="fresh"),
        pytest.param(two({"range": "0-1", "vlan": 9}), id="another count"),
        pytest.param([dict(ASKED[0], vfs=[{"range": "3", "driver": "netdevice"}])], id="another driver"),
        pytest.param(ASKED, id="converged"),
    ],
)
def test_check_mode_foretells_the_run_and_changes_nothing(node, sriov, start):
    sriov(node, start)
    node.log.clear()
    before = node.snapshot()
    foretold = sriov(node, ASKED, check_mode=True)
    assert node.log == [] and changed(before, node) == {}
    assert sriov(node, ASKED) == foretold


ONE_CHANGE = [
    ("vlan", {"vlan": 31}, [("set-vf", "link")]),
    ("qos", {"vlan": 30, "qos": 3}, [("set-vf", "link")]),
    ("spoofchk", {"spoofchk": False}, [("set-vf", "none")]),
    ("trust", {"trust": True}, [("set-vf", "none")]),
    ("rate", {"max_tx_rate": 100}, [("set-vf", "none")]),
    ("mac", {"mac": MAC % 7}, [("set-vf", "link"), ("set-vf-own-mac", "link")]),
    ("mtu", {"mtu": 1400}, [("set-vf-mtu", "link")]),
    ("driver", {"driver": "vfio-pci"}, [("bind-vf", "link")]),
]


@pytest.mark.parametrize(("change", "expected"), [pytest.param(c, e, id=i) for i, c, e in ONE_CHANGE])
def test_one_vf_changes_and_its_neighbour_is_not_touched(node, sriov, change, expected):
    sriov(node, two({"range": "0-1", "vlan": 30}))
    neighbour = repr(node.pfs[A].vfs[1])
    node.log.clear()
    done = sriov(node, two({"range": "1", "vlan": 30}, {"range": "0", "vlan": 30, **change}))
    steps = [(s["action"], s["disruption"]) for s in done["steps"] if s["target"] == "ens1f0 VF 0"]
    assert steps == expected
    assert {target for target, dummy in actions(done)} == {"ens1f0 VF 0"}
    assert repr(node.pfs[A].vfs[1]) == neighbour
    assert not [line for line in node.log if "vf 1" in line or "ens1f0v1" in line or "21:10.2" in line]


def test_a_selector_of_several_pfs_without_a_count_leaves_each_its_own_count(node, sriov):
    """Each of the two keeps its number of VFs; only the VLAN of VF 0 is set on both."""
    node.made(A, 2)
    node.made(B, 4)
    done = sriov(node, [{"select": {"vendor": "8086"}, "vfs": [{"range": "0", "vlan": 30}]}])
    assert actions(done) == [("ens1f0 VF 0", "set-vf"), ("ens2f0 VF 0", "set-vf")]
    assert [len(node.pfs[a].vfs) for a in (A, B)] == [2, 4]
    assert ["SR-IOVVirtualFunctions=%d" % n in node.text(BOOT % a) for a, n in ((A, 2), (B, 4))] == [True, True]


BOOT = "/etc/systemd/network/01-gedge-sriov-%s.link"


def test_a_vf_that_comes_back_from_vfio_gets_its_mtu_in_the_same_run(node, sriov):
    sriov(node, two({"range": "0", "driver": "vfio-pci"}))
    back = two({"range": "0", "driver": "netdevice", "mtu": 2000, "mac": MAC % 0})
    foretold = sriov(node, back, check_mode=True)
    done = sriov(node, back)
    assert done == foretold
    assert actions(done) == [("ens1f0 VF 0", name) for name in ("set-vf", "bind-vf", "set-vf-mtu")]
    assert (node.pfs[A].vfs[0].mtu, node.pfs[A].vfs[0].own_mac) == (2000, MAC % 0)


def test_vfs_of_a_pf_that_shall_be_down_get_their_mac_all_the_same(node, sriov):
    """igbvf, with no answer from its PF, makes up a MAC."""
    down = two({"range": "0", "mac": MAC % 0}, up=False)
    done = sriov(node, down)
    assert not node.pfs[A].up and node.pfs[A].vfs[0].own_mac == MAC % 0
    assert ("ens1f0 VF 0", "set-vf-own-mac") in actions(done)
    assert sriov(node, down)["steps"] == []


def test_vfs_that_the_node_leaves_without_driver_stay_so(folder, sriov):
    node = FakeNode(folder, [FakePf(A, "ens1f0", autoprobe=0)])
    sriov(node, two({"range": "0", "driver": "netdevice"}, {"range": "1", "mtu": 2000}))
    assert [vf.driver for vf in node.pfs[A].vfs] == ["igbvf", None]
    assert node.pfs[A].autoprobe == 0
    assert sriov(node, two({"range": "0", "driver": "netdevice"}, {"range": "1", "mtu": 2000}))["steps"] == []


def test_a_device_that_ignores_a_setting_is_a_failure(folder, sriov):
    node = FakeNode(folder, [FakePf(A, "ens1f0")], ignored=["trust"])
    with pytest.raises(EngineError, match=r"ens1f0 VF 0: set-vf did not take effect.*Something else"):
        sriov(node, two({"range": "0", "trust": True}))


def test_a_pf_without_network_device_is_refused_before_anything_is_touched(folder, sriov):
    node = FakeNode(folder, [FakePf(A, "ens1f0", driver=None)])
    with pytest.raises(EngineError, match="has no network device in this namespace"):
        sriov(node, two())
    assert node.log == []
    assert actions(sriov(node, two(up=False))) == [(A, "set-vf-count"), (A, "start-vfs")]
