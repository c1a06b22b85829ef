"""The option filters: what is made of it, and every fault with its path."""

import dataclasses

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.ingress.model import Filter, Rule
from ansible_collections.gedge.engine.plugins.module_utils.ingress.parse import parse

IN = {"network": "a", "interfaces": ["eth1"]}


def rule(**keys):
    """The Rule of one item of allow, which has no fault."""
    filters, problems = parse([dict(IN, allow=[keys])])
    assert problems == []
    return filters[0].rules[0]


RULES = [
    ({}, Rule()),
    ({"protocol": "tcp", "ports": "22"}, Rule(protocol="tcp", ports=((22, 22),))),
    ({"protocol": "udp", "ports": "9, 1-3,4,2-2"}, Rule(protocol="udp", ports=((1, 4), (9, 9)))),
    ({"from": ["10.1.0.0/16", "10.0.0.0/8", "10.9.9.9"]}, Rule(sources4=("10.0.0.0/8",))),
    ({"from": ["10.0.0.0/9", "10.128.0.0/9"]}, Rule(sources4=("10.0.0.0/8",))),
    ({"from": ["2001:db8::1", "10.0.0.1"]}, Rule(sources4=("10.0.0.1/32",), sources6=("2001:db8::1/128",))),
    ({"rate": "5 / minute"}, Rule(rate=(5, "minute"))),
    ({"protocol": None, "from": None, "ports": None, "rate": None}, Rule()),
]


@pytest.mark.parametrize("keys, expected", RULES, ids=[str(keys) for keys, dummy in RULES])
def test_rules(keys, expected):
    assert rule(**keys) == expected


@pytest.mark.parametrize("allow, expected", [(None, None), ([], ()), ([{}], (Rule(),))])
def test_nothing_said_is_not_nothing_allowed(allow, expected):
    assert parse([dict(IN, allow=allow)])[0][0].rules == expected


def test_interfaces_come_from_the_network_where_none_are_named():
    known = {"a": ["eth2", "eth1"], "b": ["eth3"]}
    filters, problems = parse([{"network": "a"}, {"network": "b", "interfaces": ["eth4"]}], known)
    assert problems == []
    assert filters == [Filter("a", ("eth1", "eth2")), Filter("b", ("eth4",))]


FAULTS = {
    "network's name": ({"network": 'a"; drop'}, "filters[0].network", "is no name of a network"),
    "no interface": ({"interfaces": []}, "filters[0].interfaces", "the network has no interface on this node"),
    "interface's name": ({"interfaces": ['e"']}, "filters[0].interfaces[0]", "cannot be filtered"),
    "wildcard": ({"interfaces": ["eth1", "eth*"]}, "filters[0].interfaces[1]", "cannot be filtered"),
    "loopback": ({"interfaces": ["lo"]}, "filters[0].interfaces[0]", "cannot be filtered"),
    "protocol": ({"allow": [{"protocol": "sctp"}]}, "filters[0].allow[0].protocol", "is not known"),
    "source": ({"allow": [{"from": ["x"]}]}, "filters[0].allow[0].from[0]", "is no network"),
    "host bits": ({"allow": [{}, {"from": ["10.0.0.1/8"]}]}, "filters[0].allow[1].from[0]", "is no network"),
    "no source": ({"allow": [{"from": []}]}, "filters[0].allow[0].from", "names no source"),
    "icmp of IPv6": (
        {"allow": [{"from": ["::/0"], "protocol": "icmp"}]},
        "filters[0].allow[0].from",
        "icmp is of IPv4, and this is no IPv4 network",
    ),
    "icmpv6 of IPv4": (
        {"allow": [{"from": ["0.0.0.0/0"], "protocol": "icmpv6"}]},
        "filters[0].allow[0].from",
        "icmpv6 is of IPv6, and this is no IPv6 network",
    ),
    "ports of no protocol": ({"allow": [{"ports": "1"}]}, "filters[0].allow[0].ports", "any has no ports"),
    "rate's unit": ({"allow": [{"rate": "5/week"}]}, "filters[0].allow[0].rate", "is no rate"),
    "rate of none": ({"allow": [{"rate": "0/day"}]}, "filters[0].allow[0].rate", "is no rate"),
    "rate too high": ({"allow": [{"rate": "1000000000/second"}]}, "filters[0].allow[0].rate", "is no rate"),
}
FAULTS.update(
    (
        "ports " + ports,
        (
            {"allow": [{"protocol": "tcp", "ports": ports}]},
            "filters[0].allow[0].ports",
            f'"{ports}" is no port and no range of ports',
        ),
    )
    for ports in ("0", "65536", "9-8", "http", "", "-1", "1-2-3", "٣")
)


@pytest.mark.parametrize("title", FAULTS)
def test_faults(title):
    keys, path, what = FAULTS[title]
    dummy, problems = parse([dict(IN, **keys)])
    assert [(problem.path, problem.what) for problem in problems] == [(path, what)]


def test_the_advice_for_host_bits_is_the_network():
    problem = parse([dict(IN, allow=[{"from": ["192.168.20.100/28"]}])])[1][0]
    assert problem.advice == "It has host bits: write 192.168.20.96/28"


def test_a_network_or_an_interface_belongs_to_one_item():
    dummy, problems = parse([IN, dict(IN, interfaces=["eth2"]), dict(IN, network="b")])
    assert [(problem.path, problem.what) for problem in problems] == [
        ("filters[1].network", "is the network of filters[0] too"),
        ("filters[2].interfaces", "eth1 is an interface of network a too"),
    ]


def test_a_filter_without_rules_lets_all_in():
    assert dataclasses.asdict(Filter("a", ()))["rules"] is None
