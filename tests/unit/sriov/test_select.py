"""Which PF an entry means, and what that PF cannot do: said before anything is touched."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.sriov import abilities, select
from ansible_collections.gedge.engine.plugins.module_utils.sriov.model import Pf, Vf, WantedPf
from ansible_collections.gedge.engine.plugins.module_utils.sriov.wanted import Entry
from helpers.fake_node import FakeNode, FakePf

A, B = "0000:21:00.0", "0000:81:00.0"


def pf(address=A, name="ens1f0", **more):
    """A PF of an 82576 with a link."""
    kept = {"driver": "igb", "device": "10c9", "numa_node": 0, "vfs": 0, "up": True, "carrier": True, **more}
    vfs = [
        Vf(i, "0000:21:10.%d" % i, "igbvf", "v%d" % i, {"max_tx_rate": 100}, max_mtu=9216)
        for i in range(kept.pop("vfs"))
    ]
    base = Pf(address, name, "8086", kept.pop("device"), kept.pop("driver"), kept.pop("numa_node"), 7, vfs, 1500, 9216)
    for key, value in kept.items():
        setattr(base, key, value)
    return base


SELECTORS = [
    ("name", {"name": "ens1f0"}, [A]),
    ("address", {"address": B}, [B]),
    ("vendor", {"vendor": "8086"}, [A, B]),
    ("vendor and NUMA node", {"vendor": "8086", "numa_node": 1}, [B]),
    ("device that is not there", {"device": "1572"}, []),
    ("all keys must hold", {"name": "ens1f0", "numa_node": 1}, []),
    ("port by address", {"ports": [{"pci": B, "interface": "ens1f0"}]}, [B]),
    ("port by interface", {"ports": [{"pci": None, "interface": "ens1f0"}]}, [A]),
    ("ports", {"ports": [{"pci": B}, {"interface": "ens1f0"}]}, [A, B]),
]


@pytest.mark.parametrize(("selector", "expected"), [pytest.param(s, e, id=i) for i, s, e in SELECTORS])
def test_selectors(selector, expected):
    here = [pf(), pf(B, "ens2f0", numa_node=1)]
    assert [one.address for one in here if select.matches(selector, one)] == expected


FAULTS = [
    ("count above", pf(), {"count": 8}, ["pfs[0].count: ens1f0 has at most 7 VFs"]),
    ("vfs without count", pf(vfs=1), {"vfs": {1: {"vlan": 3}}}, ["pfs[0].vfs: ens1f0 has 1 VFs and no count is given"]),
    ("mtu above", pf(), {"mtu": 9217}, ["pfs[0].mtu: ens1f0 takes at most 9216 bytes"]),
    (
        "mtu above a VF's",
        pf(vfs=1),
        {"vfs": {0: {"mtu": 9217}}},
        ["pfs[0].vfs (VF 0).mtu: ens1f0 VF 0 takes at most 9216 bytes"],
    ),
    ("mtu of a VF", pf(vfs=1), {"vfs": {0: {"mtu": 9216}}}, []),
    ("no netdev, mtu", pf(name=None), {"mtu": 1500}, ["pfs[0]: %s has no network device" % A]),
    ("no netdev, up", pf(name=None), {"count": 1, "up": True}, ["pfs[0]: %s has no network device" % A]),
    ("no netdev, count alone", pf(name=None), {"count": 1}, []),
    (
        "igb: link state and least rate",
        pf(),
        {"count": 1, "vfs": {0: {"link_state": "enable", "min_tx_rate": 5}}},
        ["pfs[0].vfs (VF 0).link_state: ens1f0 (driver igb) cannot", "pfs[0].vfs (VF 0).min_tx_rate: ens1f0"],
    ),
    ("igb: neutral values", pf(), {"count": 1, "vfs": {0: {"link_state": "auto", "min_tx_rate": 0}}}, []),
    (
        "i350 has no rate limiter",
        pf(device="1521"),
        {"count": 1, "vfs": {0: {"max_tx_rate": 9}}},
        ["pfs[0].vfs (VF 0).max_tx_rate: ens1f0 (driver igb) cannot set max_tx_rate"],
    ),
    (
        "enic: nearly nothing",
        pf(driver="enic"),
        {"count": 1, "vfs": {0: {"vlan": 3, "qos": 0, "trust": False, "mac": "02:00:00:00:00:01"}}},
        ["pfs[0].vfs (VF 0).qos", "pfs[0].vfs (VF 0).trust", "pfs[0].vfs (VF 0).vlan"],
    ),
    ("an unlisted driver", pf(driver="ice"), {"count": 1, "vfs": {0: {"link_state": "enable", "min_tx_rate": 5}}}, []),
    (
        "vfio without IOMMU",
        pf(iommu=False),
        {"count": 2, "vfs": {1: {"driver": "vfio-pci"}}},
        ["pfs[0].vfs (VF 1).driver: ens1f0 has no IOMMU group"],
    ),
    ("netdevice without IOMMU", pf(iommu=False), {"count": 2, "vfs": {1: {"driver": "netdevice"}}}, []),
    (
        "rate without carrier",
        pf(carrier=False),
        {"count": 1, "up": True, "vfs": {0: {"max_tx_rate": 9}}},
        ["pfs[0].vfs (VF 0).max_tx_rate: ens1f0 (driver igb) takes a rate only with a link, and it has no carrier"],
    ),
    (
        "rate on a PF that stays down",
        pf(up=False, carrier=False, vfs=1),
        {"vfs": {0: {"max_tx_rate": 9}}},
        ["pfs[0].vfs (VF 0).max_tx_rate: ens1f0 (driver igb) takes a rate only with a link, and it is down"],
    ),
    (
        "rate on a PF that is brought up",
        pf(up=False, carrier=False),
        {"count": 1, "up": True, "vfs": {0: {"max_tx_rate": 9}}},
        [],
    ),
    ("rate that is right, cable out", pf(carrier=False, vfs=1), {"vfs": {0: {"max_tx_rate": 100}}}, []),
    ("rate of another driver", pf(driver="ice", carrier=False), {"count": 1, "vfs": {0: {"max_tx_rate": 9}}}, []),
]


@pytest.mark.parametrize(("here", "asked", "expected"), [pytest.param(p, a, e, id=i) for i, p, a, e in FAULTS])
def test_faults(here, asked, expected):
    found = [problem.text() for problem in select.faults(here, WantedPf(**asked, where="pfs[0]"))]
    assert len(found) == len(expected), found
    for text, beginning in zip(found, expected):
        assert text.startswith(beginning)


def entries(*selectors, **asked):
    """Entries with the same wish."""
    return [Entry("pfs[%d]" % i, s, WantedPf(**asked, where="pfs[%d]" % i)) for i, s in enumerate(selectors)]


def test_no_pf_twice_and_none_that_is_not_there_all_at_once():
    with pytest.raises(ProblemsError) as caught:
        select.resolve(entries({"name": "ens1f0"}, {"vendor": "8086"}, {"name": "eth9"}), [pf(), pf(B, "ens2f0")])
    text = caught.value.text()
    assert "pfs[1].select: ens1f0 is selected by pfs[0] already" in text
    assert (
        "pfs[2].select: matches no PF of this node (got {'name': 'eth9'}). There are: ens1f0 (%s, 8086:10c9" % A in text
    )


def test_a_node_without_pfs_says_so():
    with pytest.raises(ProblemsError, match="No PF with SR-IOV is visible: check the firmware"):
        select.resolve(entries({"name": "ens1f0"}), [])


def test_one_mac_for_several_pfs_is_refused():
    asked = entries({"vendor": "8086"}, count=1, vfs={0: {"mac": "02:00:00:00:00:01"}})
    with pytest.raises(
        ProblemsError, match=r"pfs\[0\].vfs \(VF 0\).mac: one MAC address for several PFs: ens1f0, ens2f0"
    ):
        select.resolve(asked, [pf(), pf(B, "ens2f0")])


LACKS = [("igb", "10c9", "max_tx_rate", False), ("igb", "1521", "max_tx_rate", True), ("igb", "10c9", "trust", False)]
LACKS += [("ixgbe", "10fb", "min_tx_rate", True), ("mlx4_core", "1003", "trust", True), (None, "", "vlan", False)]


@pytest.mark.parametrize(("driver", "device", "key", "expected"), LACKS)
def test_lacks(driver, device, key, expected):
    assert abilities.lacks(driver, device, key) is expected


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
@pytest.mark.parametrize("below", [None, "br0", "br0.7"])
def test_the_pf_that_carries_management_is_changed_by_name_only(node, sriov, check_mode, below):
    """Straight, below a bridge, and below a VLAN of a bridge."""
    node.management = below or "ens2f0"
    node.put("/sys/class/net/br0/lower_ens2f0/x", "")
    node.put("/sys/class/net/br0.7/lower_br0/x", "")
    with pytest.raises(
        ProblemsError, match=r"pfs\[0\].select: ens2f0 carries the management connection. Select it by name"
    ):
        sriov(node, [{"select": {"vendor": "8086"}, "count": 1}], check_mode)
    assert node.log == []
    for count, selector in enumerate(({"name": "ens2f0"}, {"address": B}), 1):
        assert sriov(node, [{"select": selector, "count": count}], check_mode)["steps"]


def test_an_ability_is_refused_before_anything_is_touched(folder, sriov):
    node = FakeNode(folder, [FakePf(A, "ens1f0")])
    before = node.snapshot()
    with pytest.raises(EngineError, match=r"link_state: ens1f0 \(driver igb\) cannot set link_state for a VF.*Leave"):
        sriov(node, [{"select": {"name": "ens1f0"}, "count": 1, "vfs": [{"range": "0", "link_state": "disable"}]}])
    assert node.log == [] and node.snapshot() == before
