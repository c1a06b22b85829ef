"""Who is to reach whom, what the answers say, and what the switch saw."""

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import probe, switch


def end(interface, network, at="tor/25"):
    """A VF that can send."""
    return {"interface": interface, "title": "PF " + interface, "network": network, "switch_port": at}


def vf(netdev, driver="igbvf"):
    """A VF of a reading."""
    return {"netdev": netdev, "driver": driver}


PORT = {"network": "a", "pci": "0000:21:00.0", "interface": None, "switch": "tor", "switch_port": "25"}
PORT["vfs"] = {"count": 4, "config": [{"range": "1,3", "network": "b"}, {"range": "0"}]}
READING = {"0000:21:00.0": {"name": "ens1f0", "vfs": {0: vf("v0"), 1: vf("v1"), 2: vf("v2", "vfio-pci"), 3: vf(None)}}}
ENDPOINTS = [
    ("by PCI address", READING, [PORT], [("v0", "a", "tor/25"), ("v1", "b", "tor/25")]),
    (
        "by interface",
        READING,
        [dict(PORT, pci=None, interface="ens1f0")],
        [("v0", "a", "tor/25"), ("v1", "b", "tor/25")],
    ),
    ("not cabled", READING, [dict(PORT, switch=None, switch_port=None)], [("v0", "a", None), ("v1", "b", None)]),
    ("without VFs", READING, [dict(PORT, vfs=None)], []),
    ("no such PF", {}, [PORT], []),
]


@pytest.mark.parametrize(("reading", "ports", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ENDPOINTS])
def test_endpoints(reading, ports, expected):
    found = probe.endpoints(reading, ports)
    assert [(one["interface"], one["network"], one["switch_port"]) for one in found] == expected


READINGS = {
    "n1": {"endpoints": [end("v0", "a"), end("v1", "a"), end("v2", "a"), end("v3", "b")]},
    "n2": {"endpoints": [end("w0", "a"), end("w1", "a"), end("w2", "b")]},
}
RAISED = {
    "n1": {"links": [{"interface": name, "address": "fe80::1%s" % name} for name in ("v0", "v1", "v2", "v3")]},
    "n2": {"links": [{"interface": name, "address": "fe80::2%s" % name} for name in ("w0", "w1", "w2")]},
}


def test_each_vf_reaches_one_of_its_network_and_none_of_another():
    found = [(one["interface"], one["address"][-2:], one["expect"]) for one in probe.targets(READINGS, RAISED, "n1")]
    assert found == [
        ("v0", "w0", "reply"),
        ("v1", "w1", "reply"),
        ("v2", "w0", "reply"),
        ("v0", "w2", "silence"),
        ("v3", "w2", "reply"),
        ("v3", "w0", "silence"),
    ]
    assert probe.targets(READINGS, RAISED, "n1")[0]["label"] == "PF v0 (a) -> n2 PF w0 (a)"


def test_a_vf_without_address_is_no_target():
    raised = {"n1": RAISED["n1"], "n2": {"links": [{"interface": "w0", "address": None}]}}
    assert probe.targets(READINGS, raised, "n1") == []


def test_a_node_alone_sends_nothing():
    assert probe.targets({"n1": READINGS["n1"]}, {"n1": RAISED["n1"]}, "n1") == []


LINKS = [
    ("all well", {"carrier": True, "address": "fe80::1"}, []),
    ("no link", {"carrier": False, "address": None}, ["PF v0: has no link at switch port tor/25"]),
    ("no address", {"carrier": True, "address": None}, ["PF v0: got no link-local address"]),
]


@pytest.mark.parametrize(("link", "expected"), [pytest.param(*case[1:], id=case[0]) for case in LINKS])
def test_link_findings(link, expected):
    rows = probe.link_findings({"endpoints": [end("v0", "a")], "links": [dict(link, interface="v0")]})
    assert ["%s: %s" % (row["device"], row["what"]) for row in rows] == expected


def test_a_vf_that_is_not_cabled_has_no_switch_port_to_look_at():
    rows = probe.link_findings({"endpoints": [end("v0", "a", None)], "links": [{"interface": "v0", "carrier": False}]})
    assert rows[0]["what"] == "has no link"


ANSWERS = [
    ("reply", 3, []),
    ("reply", 1, []),
    ("reply", 0, ["x: no reply"]),
    ("silence", 0, []),
    ("silence", 1, ["x: answered across networks"]),
]


@pytest.mark.parametrize(("expect", "replies", "expected"), ANSWERS)
def test_traffic_findings(expect, replies, expected):
    rows = probe.traffic_findings([{"label": "x", "expect": expect, "replies": replies}])
    assert ["%s: %s" % (row["device"], row["what"]) for row in rows] == expected


# -- the switch

SWITCHES = {
    "tor": {
        "ports": {
            "25": {"vlan": None, "tagged": [30, 40], "peer": "node1/nic0/1"},
            "26": {"vlan": 10, "tagged": [], "peer": None},
        }
    }
}
LIVE = {"tor/25": {"vlan": None, "tagged": [40, 30]}, "tor/26": {"vlan": 10, "tagged": []}}
TABLES = [
    ("as asked", {}, []),
    (
        "a VLAN is missing",
        {"tor/25": {"vlan": None, "tagged": [30]}},
        ["switch port tor/25 (cabled to node1/nic0/1): tagged 30, 40 asked for, tagged 30 found"],
    ),
    (
        "another VLAN, and no peer",
        {"tor/26": {"vlan": 11, "tagged": [30]}},
        ["switch port tor/26: untagged 10 asked for, untagged 11 and tagged 30 found"],
    ),
    ("none", {"tor/26": {"vlan": 0, "tagged": []}}, ["switch port tor/26: untagged 10 asked for, no VLAN found"]),
]


@pytest.mark.parametrize(("edit", "expected"), [pytest.param(*case[1:], id=case[0]) for case in TABLES])
def test_port_table(edit, expected):
    rows = switch.table(dict(LIVE, **edit), SWITCHES)
    assert ["%s: %s" % (row["device"], row["what"]) for row in rows] == expected


def test_the_witness_counts_between_two_readings():
    before = {"tor/25": {"in": {"30": 5}, "out": {}}}
    after = {"tor/25": {"in": {"30": 17, "40": 1}, "out": {"30": 9}}, "tor/26": {"in": {"10": 0}, "out": {}}}
    assert switch.witness(before, after, after) == [
        {"port": "tor/25", "vlan": 30, "frames_in": 12, "frames_out": 9},
        {"port": "tor/25", "vlan": 40, "frames_in": 1, "frames_out": 0},
    ]


def counted(port, vlan, frames_in=0, frames_out=0):
    """A row of the witness."""
    return {"port": port, "vlan": vlan, "frames_in": frames_in, "frames_out": frames_out}


FOREIGN = [
    ("of its VLAN", counted("tor/25", 30, 1, 1), []),
    ("untagged", counted("tor/26", 10, 1, 1), []),
    ("only came in", counted("tor/26", 99, 4, 0), []),
    ("went out", counted("tor/26", 99, 0, 4), ["switch port tor/26: 4 frames of VLAN 99 left the switch there"]),
    ("a port that the testbed does not know", counted("tor/27", 9, 0, 4), ["switch port tor/27: 4 frames of VLAN 9"]),
    ("a switch that the testbed does not know", counted("x/1", 9, 0, 4), ["switch port x/1: 4 frames of VLAN 9"]),
]


@pytest.mark.parametrize(("row", "expected"), [pytest.param(*case[1:], id=case[0]) for case in FOREIGN])
def test_foreign_frames(row, expected):
    found = ["%s: %s" % (one["device"], one["what"]) for one in switch.foreign([row], SWITCHES)]
    assert len(found) == len(expected)
    assert all(text.startswith(beginning) for text, beginning in zip(found, expected))


def test_a_vf_whose_frames_the_switch_never_saw_is_found():
    networks = {"a": {"vlan": 30}, "b": {"vlan": 40}}
    ends = [end("v0", "a"), end("v1", "b"), end("v2", "b"), end("v3", "a", None)]
    rows = switch.unseen([counted("tor/25", 30, 3), counted("tor/25", 40, 0, 3)], ends, networks)
    assert [(row["device"], row["what"]) for row in rows] == [
        ("switch port tor/25", "no frame of VLAN 40 came in during the probe")
    ]
