"""An independent reading of a real node, and each thing that may be not as asked for, by name."""

import ast
import copy
import json

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import findings, reading

A, B = "0000:21:00.0", "0000:81:00.0"
PORTS = [
    {"nic": "n", "port": "1", "network": "sriov-a", "pci": A, "interface": None, "vfs": {"count": 4}},
    {"nic": "n", "port": "2", "network": "sriov-b", "pci": None, "interface": "ens2f0", "vfs": None},
]


@pytest.fixture(scope="session")
def read(fixtures):
    """The reading of a lab node (Debian 13, igb, VF 3 of ens1f0 bound to vfio-pci)."""
    folder = fixtures / "sriov"
    return reading.read((folder / "ip_link_igb.json").read_text(), (folder / "sysfs_links_igb.txt").read_text())


def test_the_reading_of_a_real_node(read):
    assert {address: (pf["name"], len(pf["vfs"])) for address, pf in read.items() if pf["vfs"]} == {
        A: ("ens1f0", 4),
        B: ("ens2f0", 4),
    }
    first = read[A]["vfs"]
    assert [first[i]["address"] for i in range(4)] == ["0000:21:10.0", "0000:21:10.2", "0000:21:10.4", "0000:21:10.6"]
    assert [first[i]["driver"] for i in range(4)] == ["igbvf", "igbvf", "igbvf", "vfio-pci"]
    assert [first[i]["netdev"] for i in range(4)] == ["ens1f0v0", "ens1f0v1", "ens1f0v2", None]
    assert [vf["vlan"] for vf in read[B]["vfs"].values()] == [40, 40, 30, 40]
    assert read[B]["vfs"][3]["max_tx_rate"] == 200
    assert (read[A]["up"], read[A]["mtu"]) == (True, 1500)


def test_lines_that_are_no_links_are_left_out():
    text = "find: /sys/x: Permission denied\n\n/sys/devices/pci0/0000:21:00.0/virtfn0\n/sys/devices/x/driver y\n"
    assert reading.read("[]", text) == {}


def asked(**more):
    """One item of the option pfs."""
    return [dict({"select": {"address": B}, "count": 4}, **more)]


def change(**keys):
    """An edit of VF 1 of the second PF."""
    return lambda got: got[B]["vfs"][1].update(keys)


VF1 = {"range": "1"}
CASES = [
    ("right", lambda got: None, asked(mtu=1500, up=True, vfs=[dict(VF1, vlan=40, spoofchk=True, trust=False)]), []),
    ("VLAN", change(vlan=41), asked(vfs=[dict(VF1, vlan=40)]), ["ens2f0 VF 1: vlan 40 asked for, 41 found"]),
    ("qos", change(qos=0), asked(vfs=[dict(VF1, vlan=40, qos=3)]), ["ens2f0 VF 1: qos 3 asked for, 0 found"]),
    (
        "trust",
        change(trust=True),
        asked(vfs=[dict(VF1, trust=False)]),
        ["ens2f0 VF 1: trust False asked for, True found"],
    ),
    ("spoofchk", change(spoofchk=False), asked(vfs=[dict(VF1, spoofchk=True)]), ["ens2f0 VF 1: spoofchk True asked"]),
    ("rate", change(max_tx_rate=0), asked(vfs=[dict(VF1, max_tx_rate=9)]), ["ens2f0 VF 1: max_tx_rate 9 asked"]),
    ("link state", change(), asked(vfs=[dict(VF1, link_state="enable")]), ["ens2f0 VF 1: link_state enable asked"]),
    (
        "MAC at the PF and at the VF",
        change(mac="02:00:00:00:00:02", own_mac="02:00:00:00:00:03"),
        asked(vfs=[dict(VF1, mac="02:00:00:00:00:0A")]),
        ["ens2f0 VF 1: mac 02:00:00:00:00:0A asked for, 02:00", "ens2f0 VF 1: its device ens2f0v1 goes by the MAC"],
    ),
    (
        "MAC in capitals is the same",
        change(mac="02:00:00:00:00:0a", own_mac="02:00:00:00:00:0a"),
        asked(vfs=[dict(VF1, mac="02:00:00:00:00:0A")]),
        [],
    ),
    ("MTU of a VF", change(mtu=1500), asked(vfs=[dict(VF1, mtu=2000)]), ["ens2f0 VF 1: mtu 2000 asked for, 1500"]),
    ("MTU of a VF in a container", change(mtu=None, netdev=None, own_mac=None), asked(vfs=[dict(VF1, mtu=2000)]), []),
    (
        "MTU of a VF without driver",
        change(mtu=None, netdev=None, own_mac=None, driver=None),
        asked(vfs=[dict(VF1, mtu=2000)]),
        ["ens2f0 VF 1: has no driver, so no network device"],
    ),
    (
        "driver",
        change(driver="vfio-pci"),
        asked(vfs=[dict(VF1, driver="netdevice")]),
        ["ens2f0 VF 1: driver netdevice asked for, bound to vfio-pci"],
    ),
    (
        "no driver",
        change(driver=None),
        asked(vfs=[dict(VF1, driver="netdevice")]),
        ["ens2f0 VF 1: driver netdevice asked for, bound to no driver"],
    ),
    (
        "vfio-pci",
        change(),
        asked(vfs=[dict(VF1, driver="vfio-pci")]),
        ["ens2f0 VF 1: driver vfio-pci asked for, bound to igbvf"],
    ),
    (
        "a VF is gone",
        lambda got: got[B]["vfs"].pop(3),
        asked(vfs=[{"range": "2-3", "vlan": None}]),
        ["ens2f0: 4 VFs asked for, 3 found", "ens2f0 VF 3: is not there"],
    ),
    ("PF down", lambda got: got[B].update(up=False), asked(), ["ens2f0: is down, so its VFs have no link"]),
    ("PF down as asked", lambda got: got[B].update(up=False), asked(up=False), []),
    ("MTU of a PF", lambda got: None, asked(mtu=4000), ["ens2f0: MTU 4000 asked for, 1500 found"]),
    ("no count", lambda got: got[B]["vfs"].clear(), asked(count=None), []),
    (
        "a PF is gone",
        lambda got: got.pop(B),
        asked(),
        ["address %s: the PF is not there" % B],
    ),
    (
        "by network and PCI address",
        lambda got: None,
        [{"select": {"network": "sriov-a"}, "count": 5}],
        ["ens1f0: 5 VFs"],
    ),
    ("by network and interface", lambda got: None, [{"select": {"network": "sriov-b"}, "count": 5}], ["ens2f0: 5 VFs"]),
    ("by name", lambda got: None, [{"select": {"name": "ens1f0"}, "count": 5}], ["ens1f0: 5 VFs asked for, 4 found"]),
    (
        "all keys must hold",
        lambda got: None,
        [{"select": {"network": "sriov-a", "name": "ens2f0"}, "count": 5}],
        ["name ens2f0, network sriov-a: the PF is not there"],
    ),
    (
        "a selector that the reading does not know",
        lambda got: None,
        [{"select": {"vendor": "8086"}, "count": 5}],
        ["vendor 8086: cannot be verified: "],
    ),
]


@pytest.mark.parametrize(("edit", "pfs", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_findings(read, edit, pfs, expected):
    got = copy.deepcopy(read)
    edit(got)
    found = ["%s: %s" % (row["device"], row["what"]) for row in findings.sriov(got, pfs, PORTS)]
    assert len(found) == len(expected), found
    for text, beginning in zip(found, expected):
        assert text.startswith(beginning)
    assert all(row["advice"] for row in findings.sriov(got, pfs, PORTS))


def test_the_keys_of_select_that_ansible_leaves_empty_are_none(read):
    pfs = asked(select={"address": B, "name": None, "network": None, "vendor": None})
    assert findings.sriov(read, pfs, PORTS) == []
    json.dumps(findings.sriov(read, asked(count=1), PORTS))


@pytest.mark.parametrize("name", ["reading", "findings", "probe", "switch"])
def test_verification_shares_no_code_with_what_it_verifies(root, name):
    tree = ast.parse((root / "plugins" / "plugin_utils" / "verify" / (name + ".py")).read_text())
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [module for module in imported if "sriov" in module]
