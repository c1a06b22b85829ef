"""The text for nft. What it does to packets is tried in test_packets, and on the lab's nodes."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.ingress import boot
from ansible_collections.gedge.engine.plugins.module_utils.ingress.model import Filter, Rule
from ansible_collections.gedge.engine.plugins.module_utils.ingress.ruleset import HEAD, RESET, text

TWO = [
    Filter(
        "sriov-a",
        ("ens1f0.30", "ens2f0.30"),
        (
            Rule(("192.168.20.96/28",), ("2001:db8::/64",), "tcp", ((5201, 5201), (8000, 8010)), (1000, "second")),
            Rule(protocol="icmp"),
        ),
    ),
    Filter("management", ("ens1f1",)),
]
GOLDEN = """table inet gedge_ingress {
\tchain in-sriov-a {
\t\tct direction reply ct state established counter accept comment "sriov-a replies"
\t\tct state related counter accept comment "sriov-a related"
\t\ticmpv6 type { mld-listener-query, nd-neighbor-solicit, nd-neighbor-advert } counter accept \
comment "sriov-a neighbours"
\t\tfib daddr type local fib daddr . iif type != { local, broadcast, multicast } counter drop \
comment "sriov-a another interface's address"
\t\tip saddr 192.168.20.96/28 tcp dport { 5201, 8000-8010 } limit rate over 1000/second burst 1000 packets \
counter drop comment "sriov-a allow[0] above rate"
\t\tip saddr 192.168.20.96/28 tcp dport { 5201, 8000-8010 } counter accept comment "sriov-a allow[0]"
\t\tip6 saddr 2001:db8::/64 tcp dport { 5201, 8000-8010 } limit rate over 1000/second burst 1000 packets \
counter drop comment "sriov-a allow[0] above rate"
\t\tip6 saddr 2001:db8::/64 tcp dport { 5201, 8000-8010 } counter accept comment "sriov-a allow[0]"
\t\tmeta l4proto icmp counter accept comment "sriov-a allow[1]"
\t\tcounter drop comment "sriov-a not allowed"
\t}

\tchain entry {
\t\ttype filter hook prerouting priority -150; policy accept;
\t\tiifname vmap { "ens1f0.30" : jump in-sriov-a, "ens2f0.30" : jump in-sriov-a }
\t}

\tchain separation {
\t\ttype filter hook forward priority -10; policy accept;
\t\tiifname { "ens1f0.30", "ens2f0.30" } oifname "ens1f1" counter drop comment "sriov-a to another network"
\t\tiifname "ens1f1" oifname { "ens1f0.30", "ens2f0.30" } counter drop comment "management to another network"
\t}
}
"""


def test_golden():
    assert text(TWO) == HEAD + RESET + GOLDEN


@pytest.mark.parametrize("filters", [[], [Filter("a", ("eth1",))]], ids=["none", "one that is open"])
def test_nothing_to_do_is_no_table_and_no_file(filters):
    assert text(filters) == "" and boot.files("") == {}


def test_a_network_without_rules_lets_replies_in_only():
    made = text([Filter("a", ("eth1",), ())])
    assert made.count("accept comment") == 3 and 'counter drop comment "a not allowed"' in made
    assert "separation" not in made


@pytest.mark.parametrize(
    "rule, line",
    [
        (Rule(), "counter accept"),
        (Rule(protocol="icmpv6"), "meta l4proto ipv6-icmp counter accept"),
        (Rule(protocol="tcp"), "meta l4proto tcp counter accept"),
        (Rule(("0.0.0.0/0",)), "meta nfproto ipv4 counter accept"),
        (Rule(("0.0.0.0/0",), protocol="icmp"), "meta l4proto icmp counter accept"),
        (Rule((), ("::/0",), "udp", ((1, 1),)), "meta nfproto ipv6 udp dport 1 counter accept"),
        (Rule(rate=(3, "day")), "limit rate over 3/day burst 3 packets counter drop"),
    ],
)
def test_matches(rule, line):
    assert '\n\t\t%s comment "a allow[0]' % line in text([Filter("a", ("eth1",), (rule,))])


def test_nothing_of_others_is_touched_at_boot():
    files = boot.files("x")
    assert set(files) == set(boot.PATHS)
    assert all("gedge" in path for path in files)
    assert "Before=network-pre.target" in files[boot.UNIT] and "After=nftables.service" in files[boot.UNIT]
