"""What the nodes send to each other, and what the answers say."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.filter.network_verdict import network_verdict
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import crossing

ALLOW = [
    {"from": ["192.168.20.0/24"], "protocol": "icmp"},
    {"from": ["192.168.20.0/24"], "protocol": "tcp", "ports": "5201,64990-64999"},
]


def end(network, purpose, interface, address, mtu=1500):
    """One interface of a reading."""
    return {
        "network": network,
        "purpose": purpose,
        "interface": interface,
        "addresses": [address] if address else [],
        "mtu": mtu,
    }


def node(last, allow=tuple(ALLOW), **changes):
    """A reading: one data network, one management network and another data network."""
    ends = [
        end("a", "data", "eth1.30", f"192.168.20.{last}/28"),
        end("m", "management", "eth2", f"192.168.10.{last}/28"),
        end("p", "management", "eth3", f"198.51.100.{last}/24"),
    ]
    return dict({"ends": ends, "filters": {"a": allow, "m": None, "p": None}, "counters": {}}, **changes)


READINGS = {"node1": node(100), "node2": node(101)}


def short(targets):
    """(interface, address, ...) of targets."""
    return [(one["interface"], one["address"], one["kind"], one.get("size"), one["expect"]) for one in targets["pings"]]


def test_targets():
    made = crossing.targets(READINGS, "node1")
    data, management, public = "192.168.20.101", "192.168.10.101", "198.51.100.101"
    assert short(made) == [
        ("eth1.30", data, "path", None, "reply"),
        ("eth1.30", data, "mtu", 1500, "reply"),
        ("eth1.30", management, "apart", None, "silence"),
        ("eth1.30", public, "apart", None, "silence"),
        ("eth2", data, "apart", None, "silence"),
        ("eth2", management, "path", None, "reply"),
        ("eth2", management, "mtu", 1500, "reply"),
        ("eth3", data, "apart", None, "silence"),
        ("eth3", public, "path", None, "reply"),
        ("eth3", public, "mtu", 1500, "reply"),
    ]
    assert [(one["protocol"], one["port"], one["expect"]) for one in made["ports"]] == [
        ("tcp", 5201, "passes"),
        ("tcp", 64989, "stopped"),
        ("udp", 64999, "stopped"),
    ]
    assert made["load"] == {"interface": "eth1.30", "address": data, "network": "a"}
    assert [one["address"] for one in made["watch"]] == [management, public]
    assert made["pings"][0]["label"] == "node1 eth1.30 (a) -> node2 eth1.30 (a)"


def test_the_peers_filter_decides():
    made = crossing.targets({"node1": node(100, allow=None), "node2": node(101, allow=[])}, "node1")
    assert short(made)[0] == ("eth1.30", "192.168.20.101", "filter", None, "silence")
    assert {one["expect"] for one in made["ports"]} == {"stopped"}
    assert crossing.targets({"node1": node(100, allow=[]), "node2": node(101, allow=None)}, "node1")["ports"] == []


def test_a_slow_rule_is_not_used_up():
    rules = [{"protocol": "tcp", "ports": "1", "rate": "1/hour"}, {"protocol": "tcp", "ports": "2", "rate": "9/second"}]
    made = crossing.targets({"node1": node(100), "node2": node(101, allow=rules)}, "node1")
    assert [one["port"] for one in made["ports"] if one["expect"] == "passes"] == [2]


def test_the_smaller_mtu_counts():
    small = node(101)
    small["ends"][0]["mtu"] = 1400
    assert short(crossing.targets({"node1": node(100), "node2": small}, "node1"))[1][3] == 1400


def test_alone_there_is_nothing_to_send():
    assert crossing.targets({"node1": node(1)}, "node1") == {"pings": [], "ports": [], "load": None, "watch": []}


def test_what_has_no_address_sends_nothing():
    bare = dict(node(100), ends=[end("a", "data", None, None), end("m", "management", "eth2", None)])
    made = crossing.targets({"node1": bare, "node2": node(101)}, "node1")
    assert made == {"pings": [], "ports": [], "load": None, "watch": []}


def test_three_nodes_load_in_a_ring():
    readings = {"a": node(1), "b": node(2), "c": node(3)}
    loads = [crossing.targets(readings, name)["load"]["address"] for name in readings]
    assert loads == ["192.168.20.2", "192.168.20.3", "192.168.20.1"]


@pytest.mark.parametrize(
    "rules, source, protocol, port, expected",
    [
        (None, "10.0.0.1", "tcp", 1, True),
        ([], "10.0.0.1", "tcp", 1, False),
        ([{}], "10.0.0.1", "icmp", None, True),
        ([{"from": ["10.0.0.0/8"]}], "11.0.0.1", "tcp", 1, False),
        ([{"protocol": "udp"}], "10.0.0.1", "tcp", 1, False),
        ([{"protocol": "tcp", "ports": "1-3"}], "10.0.0.1", "tcp", 3, True),
        ([{"protocol": "tcp", "ports": "1-3"}], "10.0.0.1", "tcp", 4, False),
        ([{"from": ["2001:db8::/32"]}], "10.0.0.1", "tcp", 4, False),
    ],
)
def test_allows(rules, source, protocol, port, expected):
    assert crossing.allows(rules, source, protocol, port) is expected


def answered(wrong=()):
    """Answers of node1 as they should be, but for the places in the lists that are wrong."""
    made = crossing.targets(READINGS, "node1")
    pings = [
        dict(one, replies=3 * ((one["expect"] == "reply") != (("ping", place) in wrong)), sent=3)
        for place, one in enumerate(made["pings"])
    ]
    ports = [
        dict(one, answer="refused" if (one["expect"] == "passes") != (("port", place) in wrong) else "silent")
        for place, one in enumerate(made["ports"])
    ]
    watched = [
        dict(one, sent=15, replies=0 if "watch" in wrong else 15, rtt_ms=1.5, worst_ms=3.0) for one in made["watch"]
    ]
    return {
        "pings": pings,
        "ports": ports,
        "load": dict(made["load"], sent_mbit=940.2, seconds=3.0, answers=watched[:1]),
    }


def counted(packets):
    """nft's listing with a counter of the final drop."""
    rule = {"family": "inet", "table": "gedge_ingress", "chain": "in-a", "comment": "a not allowed"}
    rule["expr"] = [{"counter": {"packets": packets, "bytes": packets * 100}}, {"drop": None}]
    chain = {"chain": {"family": "inet", "table": "gedge_ingress", "name": "in-a"}}
    return json.dumps({"nftables": [chain, {"rule": rule}]})


def verdict(wrong=(), packets=8):
    """(device, what) of the findings, and the proof; 5 packets were counted before."""
    readings = dict(READINGS, node1=node(100, counters={"a not allowed": [5, 500]}))
    found = network_verdict(answered(wrong), readings, "node1", counted(packets))
    return [(row["device"], row["what"]) for row in found["findings"]], found["proof"]


def test_all_is_well():
    assert verdict() == (
        [],
        [
            "6 of 6 echo requests within a network, up to the full MTU, were answered.",
            "4 of 4 echo requests from one network to an address of another stayed without an answer.",
            "1 of 1 ports that are allowed were reached.",
            "2 of 2 others were not.",
            "Its filters counted packets as dropped meanwhile: 3 (0.0 MB) of a.",
            "940.2 Mbit/s sent over eth1.30 for 3.0 s; management node1 -> node2 answered 15 of 15 echo requests"
            " meanwhile (average 1.5 ms, worst 3.0 ms).",
        ],
    )


WITHIN, ACROSS = "node1 eth1.30 (a) -> node2 eth1.30 (a)", "node1 eth1.30 (a) -> node2 eth2 (m)"
WRONG = [
    ([("ping", 0), ("ping", 1)], (WITHIN, "no reply")),
    ([("ping", 1)], (WITHIN, "packets of 1500 bytes do not pass")),
    ([("ping", 2)], (ACROSS, "answered across networks")),
    ([("port", 0)], (WITHIN, "tcp port 5201 is allowed, and does not pass")),
    ([("port", 1)], (WITHIN, "tcp port 64989 passes, and nobody allows it")),
    (
        ["watch"],
        ("management network, node1 -> node2", "0 of 15 echo requests answered while a data network was under load"),
    ),
]


@pytest.mark.parametrize("wrong, row", WRONG, ids=[row[1] for dummy, row in WRONG])
def test_each_wrong_answer_is_one_finding(wrong, row):
    assert verdict(wrong)[0] == [row]


def test_drops_that_were_not_counted_are_a_finding():
    """Two probes of node2 were to be dropped here: one of TCP and one of UDP."""
    assert verdict(packets=6)[0] == [("filter of a", "1 packets counted as dropped, 2 or more were sent for that")]
    assert verdict(packets=7)[0] == []


def test_icmp_that_a_filter_should_stop():
    one = {"label": "x", "expect": "silence", "kind": "filter", "replies": 1}
    assert [row["what"] for row in crossing.findings({"pings": [one], "ports": []})] == [
        "ICMP passes, and nobody allows it"
    ]


def test_a_udp_port_without_an_answer_is_told_by_the_counter_of_the_peers_rule():
    """A listener that says nothing, as RoCE does, looks to the sender like a filter that drops."""
    allow = [{"protocol": "icmp"}, {"protocol": "udp", "ports": "4791"}]
    readings = {name: dict(node(number), filters={"a": allow}) for number, name in ((1, "node1"), (2, "node2"))}
    ports = [one for one in crossing.targets(readings, "node1")["ports"] if one["expect"] == "passes"]
    assert [(one["protocol"], one["port"]) for one in ports] == [("udp", 4791)]
    answers = {"pings": [], "ports": [dict(one, answer="silent") for one in ports]}
    assert crossing.findings(answers) == []
    enough = {"a allow[1]": (1, 33), "a not allowed": (9, 99)}
    assert crossing.uncounted(readings, "node1", {}, enough) == []
    assert [row["what"] for row in crossing.uncounted(readings, "node1", enough, enough)][-1] == (
        "udp port 4791 is allowed, and not all that was sent to it passed"
    )
