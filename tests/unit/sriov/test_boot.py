"""The files that bring SR-IOV back at boot: exact texts, stable, with an operator's own settings taken over."""

import os

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.sriov import boot
from ansible_collections.gedge.engine.plugins.module_utils.sriov.model import Pf, WantedPf
from helpers.fake_node import FakeNode, FakePf

A = "0000:21:00.0"
LINK = "/etc/systemd/network/01-gedge-sriov-%s.link" % A
HEAD = "# Written by the gedge.engine sriov module for PF %s; changes here are lost.\n" % A
DEFAULT = """# SPDX
[Match]
OriginalName=*

[Link]
NamePolicy=keep kernel
MACAddressPolicy=persistent
"""
BASE = ("/usr/lib/systemd/network/99-default.link", DEFAULT)
WHOLE = {
    "mac": "02:00:00:00:01:00",
    "vlan": 30,
    "qos": 5,
    "spoofchk": False,
    "trust": True,
    "link_state": "enable",
    "max_tx_rate": 200,
    "mtu": 2000,
}


def pf(name="ens1f0"):
    """A PF of an 82576."""
    return Pf(A, name, "8086", "10c9", "igb", 0, 7, [], routing=(128, 2))


def files(base=BASE, name="ens1f0", **asked):
    """What boot.files gives."""
    return boot.files(pf(name), WantedPf(**asked), base, DEFAULT)


def test_all_that_can_be_asked():
    made = files(count=2, mtu=4000, vfs={0: WHOLE, 1: {"driver": "vfio-pci", "vlan": 0, "qos": 0}})
    assert made.pop(LINK) == HEAD + (
        "# Base: /usr/lib/systemd/network/99-default.link\n"
        "[Match]\nPath=pci-0000:21:00.0\n\n"
        "[Link]\nNamePolicy=keep kernel\nMACAddressPolicy=persistent\nMTUBytes=4000\nSR-IOVVirtualFunctions=2\n\n"
        "[SR-IOV]\nVirtualFunction=0\nVLANId=30\nQualityOfService=5\nMACSpoofCheck=no\nTrust=yes\nLinkState=yes\n"
        "MACAddress=02:00:00:00:01:00\n"
    )
    assert made.pop(LINK.replace(".link", "-vf0.link")) == HEAD + (
        "[Match]\nPath=pci-0000:21:10.0\n\n"
        "[Link]\nNamePolicy=keep kernel\nMACAddressPolicy=none\nMACAddress=02:00:00:00:01:00\nMTUBytes=2000\n"
    )
    assert made.pop("/etc/driverctl.d/pci-0000:21:10.2") == "vfio-pci\n"
    unit = "gedge-sriov-%s.service" % A
    assert made.pop("/etc/systemd/system/multi-user.target.wants/" + unit) == "-> ../" + unit
    assert "ip link set dev ens1f0 vf 0 max_tx_rate 200" in made.pop("/etc/systemd/system/" + unit)
    rule = made.pop("/etc/udev/rules.d/90-gedge-sriov-%s.rules" % A)
    assert 'NAME=="ens1f0", TAG+="systemd", ENV{SYSTEMD_WANTS}+="%s"' % unit in rule
    assert made == {}


NO_FILES = [("no VFs", {"count": 0}), ("nothing asked", {}), ("an MTU alone", {"mtu": 4000})]


@pytest.mark.parametrize("asked", [pytest.param(a, id=i) for i, a in NO_FILES])
def test_nothing_to_keep(asked):
    assert files(**asked) == {}


WORDS = [
    ("link state disable", {"link_state": "disable"}, ["LinkState=no"]),
    ("link state auto", {"link_state": "auto"}, ["LinkState=auto"]),
    ("no VLAN is none", {"vlan": 0, "qos": 0}, []),
    ("VLAN without priority", {"vlan": 9, "qos": 0}, ["VLANId=9"]),
    ("trust off", {"trust": False}, ["Trust=no"]),
    ("rates are no words of systemd", {"max_tx_rate": 9, "min_tx_rate": 5}, []),
]


@pytest.mark.parametrize(("keys", "expected"), [pytest.param(k, e, id=i) for i, k, e in WORDS])
def test_words_of_the_section_sriov(keys, expected):
    text = files(count=1, vfs={0: keys})[LINK]
    section = text.split("[SR-IOV]\n")[1].splitlines() if "[SR-IOV]" in text else []
    assert section == (["VirtualFunction=0"] + expected if expected else [])


def commands(made):
    """The lines of the unit that set something."""
    text = made.get("/etc/systemd/system/gedge-sriov-%s.service" % A, "")
    return [
        line[len("ExecStart=/usr/sbin/ip ") :] for line in text.splitlines() if line.startswith("ExecStart=/usr/sbin/")
    ]


UNITS = [
    ("nothing", {}, []),
    ("up", {"up": True}, ["link set dev ens1f0 up"]),
    ("down", {"up": False}, []),
    (
        "rates",
        {"up": True, "vfs": {0: {"max_tx_rate": 9}, 1: {"min_tx_rate": 5, "max_tx_rate": 6}, 2: {"max_tx_rate": 0}}},
        [
            "link set dev ens1f0 up",
            "link set dev ens1f0 vf 0 max_tx_rate 9",
            "link set dev ens1f0 vf 1 min_tx_rate 5 max_tx_rate 6",
        ],
    ),
]


@pytest.mark.parametrize(("asked", "expected"), [pytest.param(a, e, id=i) for i, a, e in UNITS])
def test_the_unit(asked, expected):
    made = files(count=3, **asked)
    assert commands(made) == expected
    assert bool(expected) == any("wants" in path for path in made)


def test_a_dash_in_a_device_name_is_escaped_as_systemd_does():
    (text,) = [
        text
        for path, text in files(name="lan-a", count=1, up=True).items()
        if path.startswith(boot.UNITS) and "[Unit]" in text
    ]
    assert "BindsTo=sys-subsystem-net-devices-lan\\x2da.device\n" in text
    assert "ip link set dev lan-a up" in text


MINE = """[Match]
MACAddress=52:54:00:00:00:01

[Link]
# my name
; and a comment
Name=uplink0
MACAddress=02:00:00:00:00:77
MTUBytes=1400
SR-IOVVirtualFunctions=7
 WakeOnLan = off

[SR-IOV]
VirtualFunction=3
VLANId=99
"""


def test_an_operators_file_is_taken_over():
    text = files(base=("/etc/systemd/network/50-mine.link", MINE), count=2, mtu=4000)[LINK]
    assert "# Base: /etc/systemd/network/50-mine.link\n" in text
    assert text.split("[Link]\n")[1].splitlines() == [
        "Name=uplink0",
        "MACAddress=02:00:00:00:00:77",
        "WakeOnLan = off",
        "MTUBytes=4000",
        "SR-IOVVirtualFunctions=2",
    ]


def test_an_operators_mtu_stays_where_none_is_asked_for():
    text = files(base=("/etc/systemd/network/50-mine.link", MINE), count=2)[LINK]
    assert text.count("MTUBytes=1400\n") == 1 and text.count("SR-IOVVirtualFunctions") == 1


def test_a_vfs_own_values_are_not_said_twice():
    wanted = WantedPf(count=1, vfs={0: {"mac": "02:00:00:00:01:00", "mtu": 2000}})
    made = boot.files(pf(), wanted, BASE, "[Link]\nMTUBytes=1400\nMACAddress=02:00:00:00:00:77\nNamePolicy=kernel\n")
    assert made[LINK.replace(".link", "-vf0.link")].split("[Link]\n")[1].splitlines() == [
        "NamePolicy=kernel",
        "MACAddressPolicy=none",
        "MACAddress=02:00:00:00:01:00",
        "MTUBytes=2000",
    ]


SECTIONS = [
    ("none", None, []),
    ("empty", "", []),
    ("another section", "[Match]\nName=x\n", []),
    ("two of it", "[Link]\nA=1\n[Match]\nB=2\n[Link]\nC=3\n", ["A=1", "C=3"]),
    ("dropped", "[Link]\nDrop = 1\nKeep=2\n", ["Keep=2"]),
    ("no equals sign", "[Link]\nDrop\nrest\n", ["rest"]),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(t, e, id=i) for i, t, e in SECTIONS])
def test_link_section(text, expected):
    assert boot.link_section(text, ("Drop",)) == expected


def test_base_of():
    assert boot.base_of(files(count=1)[LINK]) == BASE[0]
    assert boot.base_of(None) is None
    assert boot.base_of("[Match]\n") is None


LACKING = [
    ("all is there", {"/x": ""}, 252, True, 0, []),
    ("old systemd", {"/x": ""}, 250, True, 1, []),
    ("unknown systemd, nothing to keep", {}, 0, False, 0, []),
    ("no driverctl", {"/etc/driverctl.d/pci-x": ""}, 252, False, 0, ["driverctl"]),
]


@pytest.mark.parametrize(
    ("made", "systemd", "driverctl", "warnings", "packages"), [pytest.param(*case[1:], id=case[0]) for case in LACKING]
)
def test_shortcomings(made, systemd, driverctl, warnings, packages):
    found = boot.shortcomings(made, systemd, driverctl)
    assert (len(found["warnings"]), found["missing_packages"]) == (warnings, packages)


# -- on a node


def test_the_file_in_effect_is_the_base_and_stays_it(node, sriov, fixtures):
    """udev says which file named the PF; later our own file says what its base was."""
    node.put("/etc/systemd/network/50-mine.link", MINE)
    node.put("/run/udev/data/n3", "E:ID_NET_DRIVER=igb\nE:ID_NET_LINK_FILE=/etc/systemd/network/50-mine.link\nV:1\n")
    asked = [{"select": {"name": "ens1f0"}, "count": 1}]
    sriov(node, asked)
    first = node.text(LINK)
    assert "Name=uplink0\n" in first
    node.put("/run/udev/data/n3", "E:ID_NET_LINK_FILE=%s\n" % LINK)
    assert sriov(node, asked)["steps"] == []
    os.unlink(node.path("/etc/systemd/network/50-mine.link"))
    assert [step["target"] for step in sriov(node, asked)["steps"]] == [LINK]
    assert "Name=uplink0" not in node.text(LINK)


def test_a_file_that_somebody_changed_is_put_right(node, sriov):
    asked = [{"select": {"name": "ens1f0"}, "count": 1}]
    sriov(node, asked)
    right = node.text(LINK)
    node.put(LINK, "[Match]\n")
    assert [(s["target"], s["action"], s["before"]) for s in sriov(node, asked)["steps"]] == [
        (LINK, "write-file", "[Match]\n")
    ]
    assert node.text(LINK) == right


def test_files_that_are_no_longer_asked_for_go(node, sriov):
    vfs = [{"range": "0", "mac": "02:00:00:00:00:01"}, {"range": "1", "driver": "vfio-pci"}]
    sriov(node, [{"select": {"name": "ens1f0"}, "count": 2, "vfs": vfs}])
    gone = sriov(node, [{"select": {"name": "ens1f0"}, "count": 0}], allow_vf_loss=["ens1f0"])
    assert {s["action"] for s in gone["steps"] if s["target"].startswith("/")} == {"remove-file"}
    assert not [path for path in node.snapshot() if "gedge-sriov" in path or "driverctl.d" in path]


def test_vfio_pci_waits_for_an_iommu_that_comes_at_boot(folder, sriov):
    node = FakeNode(folder, [FakePf(A, "ens1f0", iommu=False)])
    goal = [{"select": {"name": "ens1f0"}, "count": 2, "vfs": [{"range": "1", "driver": "vfio-pci", "vlan": 30}]}]
    with pytest.raises(EngineError, match=r"no IOMMU group.*iommu_at_boot"):
        sriov(node, goal)
    done = sriov(node, goal, iommu_at_boot=True)
    assert done["reboot_reasons"] == ["VFs 1 of ens1f0 get vfio-pci when the IOMMU is on"]
    assert done["disruption"] == "reboot"
    assert node.text("/etc/driverctl.d/pci-0000:21:10.2") == "vfio-pci\n"
    again = sriov(node, goal, iommu_at_boot=True)
    assert (again["steps"], again["reboot_reasons"]) == ([], done["reboot_reasons"])
