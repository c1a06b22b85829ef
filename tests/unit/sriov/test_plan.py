"""The steps for one PF: exactly those that are needed, in a safe order, each with its disruption."""

from dataclasses import dataclass, field

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.sriov import plan
from ansible_collections.gedge.engine.plugins.module_utils.sriov.model import Pf, Vf, WantedPf, vf_address

MAC, OTHER = "02:00:00:00:01:00", "02:00:00:00:01:99"
HELD = {"mac": MAC, "vlan": 30, "qos": 0, "spoofchk": True, "trust": False, "min_tx_rate": 0, "max_tx_rate": 0}


def vf(index, driver="igbvf", own_mac=MAC, mtu=1500, **admin):
    """A VF as found."""
    netdev = "ens1f0v%d" % index if driver == "igbvf" else None
    own = (own_mac, mtu) if netdev else (None, None)
    return Vf(index, "0000:21:10.%d" % (2 * index), driver, netdev, dict(HELD, **admin), *own)


def pf(*vfs, **more):
    """An 82576's PF as found, up."""
    base = Pf("0000:21:00.0", "ens1f0", "8086", "10c9", "igb", 0, 7, list(vfs), 1500, 9216, True, True)
    for key, value in more.items():
        setattr(base, key, value)
    return base


@dataclass
class Case:
    """A PF, what is asked of it, and (target's last words, action, disruption, before, after) of each step."""

    id: str
    pf: Pf
    wanted: dict
    steps: list = field(default_factory=list)


DRIVERS = {"0": "netdevice", "1": "netdevice"}
CASES = [
    Case("nothing asked", pf(vf(0)), {}),
    Case("converged", pf(vf(0), vf(1)), {"count": 2, "mtu": 1500, "up": True, "vfs": {0: {"vlan": 30, "mac": MAC}}}),
    Case(
        "fresh",
        pf(up=False),
        {"count": 2, "mtu": 4000, "up": True, "vfs": {0: {"mac": MAC, "vlan": 3, "qos": 0, "mtu": 2000}}},
        [
            ("ens1f0", "set-mtu", "none", 1500, 4000),
            ("ens1f0", "link-up", "none", "down", "up"),
            ("ens1f0", "set-vf-count", "none", 0, 2),
            ("VF 0", "set-vf", "none", None, {"mac": MAC, "vlan": 3, "qos": 0}),
            ("ens1f0", "start-vfs", "none", None, DRIVERS),
            ("VF 0", "set-vf-mtu", "none", None, 2000),
        ],
    ),
    Case(
        "fresh, drivers",
        pf(),
        {"count": 2, "vfs": {1: {"driver": "vfio-pci"}}},
        [
            ("ens1f0", "set-vf-count", "none", 0, 2),
            ("ens1f0", "start-vfs", "none", None, {"0": "netdevice", "1": "vfio-pci"}),
        ],
    ),
    Case(
        "fresh, on a node that binds no VF by itself",
        pf(autoprobe=False),
        {"count": 2, "vfs": {0: {"mtu": 2000}, 1: {"driver": "netdevice", "mtu": 2000}}},
        [
            ("ens1f0", "set-vf-count", "none", 0, 2),
            ("ens1f0", "start-vfs", "none", None, {"1": "netdevice"}),
            ("VF 1", "set-vf-mtu", "none", None, 2000),
        ],
    ),
    Case(
        "one VF's VLAN",
        pf(vf(0), vf(1), vf(2)),
        {"count": 3, "vfs": {i: {"vlan": 31 if i == 1 else 30, "qos": 0} for i in range(3)}},
        [("VF 1", "set-vf", "link", {"vlan": 30, "qos": 0}, {"vlan": 31, "qos": 0})],
    ),
    Case(
        "priority alone sends the VLAN too",
        pf(vf(0)),
        {"vfs": {0: {"vlan": 30, "qos": 5}}},
        [("VF 0", "set-vf", "link", {"vlan": 30, "qos": 0}, {"vlan": 30, "qos": 5})],
    ),
    Case(
        "trust, spoof check and rate cut nothing",
        pf(vf(0)),
        {"vfs": {0: {"trust": True, "spoofchk": False, "max_tx_rate": 9}}},
        [
            (
                "VF 0",
                "set-vf",
                "none",
                {"spoofchk": True, "trust": False, "max_tx_rate": 0},
                {"spoofchk": False, "trust": True, "max_tx_rate": 9},
            )
        ],
    ),
    Case(
        "MAC",
        pf(vf(0)),
        {"vfs": {0: {"mac": OTHER}}},
        [
            ("VF 0", "set-vf", "link", {"mac": MAC}, {"mac": OTHER}),
            ("VF 0", "set-vf-own-mac", "link", MAC, OTHER),
        ],
    ),
    Case(
        "its device goes by another MAC",
        pf(vf(0, own_mac=OTHER)),
        {"vfs": {0: {"mac": MAC}}},
        [("VF 0", "set-vf-own-mac", "link", OTHER, MAC)],
    ),
    Case("a key that the driver does not report", pf(Vf(0, "x", "igbvf", "v0", {})), {"vfs": {0: {"trust": True}}}),
    Case(
        "count",
        pf(vf(0), vf(1)),
        {"count": 1, "vfs": {0: {"vlan": 30, "qos": 0}}},
        [
            ("ens1f0", "set-vf-count", "link", 2, 1),
            ("VF 0", "set-vf", "none", None, {"vlan": 30, "qos": 0}),
            ("ens1f0", "start-vfs", "none", None, {"0": "netdevice"}),
        ],
    ),
    Case("no VFs", pf(vf(0)), {"count": 0}, [("ens1f0", "set-vf-count", "link", 1, 0)]),
    Case(
        "to vfio-pci",
        pf(vf(0)),
        {"vfs": {0: {"driver": "vfio-pci"}}},
        [("VF 0", "bind-vf", "link", "netdevice", "vfio-pci")],
    ),
    Case(
        "back from vfio-pci",
        pf(vf(0, "vfio-pci")),
        {"vfs": {0: {"driver": "netdevice", "mtu": 2000, "mac": MAC}}},
        [("VF 0", "bind-vf", "link", "vfio-pci", "netdevice"), ("VF 0", "set-vf-mtu", "none", None, 2000)],
    ),
    Case(
        "a VF without driver that gets an MTU",
        pf(vf(0, None)),
        {"vfs": {0: {"mtu": 2000}}},
        [("VF 0", "bind-vf", "none", None, "netdevice"), ("VF 0", "set-vf-mtu", "none", None, 2000)],
    ),
    Case("a VF without driver whose device is not asked for", pf(vf(0, None)), {"vfs": {0: {"vlan": 30}}}),
    Case(
        "a VF in a container is not reached",
        pf(Vf(0, "x", "igbvf", None, dict(HELD))),
        {"vfs": {0: {"mtu": 2000, "mac": MAC}}},
    ),
    Case("vf mtu", pf(vf(0)), {"vfs": {0: {"mtu": 2000}}}, [("VF 0", "set-vf-mtu", "link", 1500, 2000)]),
    Case("pf mtu cuts the link", pf(), {"mtu": 4000}, [("ens1f0", "set-mtu", "link", 1500, 4000)]),
    Case("up", pf(up=False), {"up": True}, [("ens1f0", "link-up", "none", "down", "up")]),
    Case(
        "down comes last",
        pf(vf(0)),
        {"up": False, "vfs": {0: {"trust": True}}},
        [
            ("VF 0", "set-vf", "none", {"trust": False}, {"trust": True}),
            ("ens1f0", "link-down", "link", "up", "down"),
        ],
    ),
    Case(
        "unstarted: VFs of a run that died",
        pf(vf(0, None), vf(1), unstarted=True),
        {"count": 2, "vfs": {0: {"mtu": 2000}, 1: {"mtu": 1500}}},
        [
            ("ens1f0", "start-vfs", "none", None, DRIVERS),
            ("VF 0", "set-vf-mtu", "none", None, 2000),
        ],
    ),
    Case(
        "unstarted: without VFs",
        pf(unstarted=True),
        {"count": 0},
        [("ens1f0", "start-vfs", "none", None, {})],
    ),
    Case(
        "a PF that stays down: the VF's driver makes up a MAC",
        pf(up=False),
        {"count": 1, "up": False, "vfs": {0: {"mac": MAC}}},
        [
            ("ens1f0", "set-vf-count", "none", 0, 1),
            ("VF 0", "set-vf", "none", None, {"mac": MAC}),
            ("ens1f0", "start-vfs", "none", None, {"0": "netdevice"}),
            ("VF 0", "set-vf-own-mac", "none", None, MAC),
        ],
    ),
    Case(
        "no message for what the driver cannot do and what is neutral",
        pf(),
        {"count": 1, "vfs": {0: {"link_state": "auto", "min_tx_rate": 0}}},
        [
            ("ens1f0", "set-vf-count", "none", 0, 1),
            ("ens1f0", "start-vfs", "none", None, {"0": "netdevice"}),
        ],
    ),
]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_pf_steps(case):
    steps = plan.pf_steps(case.pf, WantedPf(**case.wanted))
    found = [(s.target.replace("ens1f0 VF", "VF"), s.action, s.disruption, s.before, s.after) for s in steps]
    assert found == case.steps
    assert all(s.reason for s in steps)


# PF, first VF offset, stride, index -> address (PCIe 5.0, 9.2.1.2: routing ids are added, buses overflow)
ADDRESSES = [
    ("0000:21:00.0", 128, 2, 0, "0000:21:10.0"),
    ("0000:21:00.0", 128, 2, 3, "0000:21:10.6"),
    ("0000:21:00.0", 128, 2, 4, "0000:21:11.0"),
    ("0000:21:00.1", 128, 2, 0, "0000:21:10.1"),
    ("0000:21:00.1", 128, 2, 3, "0000:21:10.7"),
    ("0000:3b:00.0", 16, 1, 0, "0000:3b:02.0"),
    ("0000:3b:00.0", 16, 1, 8, "0000:3b:03.0"),
    ("0000:3b:00.3", 1, 1, 4, "0000:3b:01.0"),
    ("0000:3b:00.0", 256, 1, 0, "0000:3c:00.0"),
    ("0000:3b:00.0", 16, 1, 240, "0000:3c:00.0"),
    ("0000:3b:00.0", 128, 2, 63, "0000:3b:1f.6"),
    ("0000:3b:00.0", 128, 2, 64, "0000:3c:00.0"),
    ("10000:01:00.0", 128, 2, 0, "10000:01:10.0"),
]


@pytest.mark.parametrize(("address", "offset", "stride", "index", "expected"), ADDRESSES)
def test_vf_address(address, offset, stride, index, expected):
    assert vf_address(pf(address=address, routing=(offset, stride)), index) == expected
