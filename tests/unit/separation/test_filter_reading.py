"""The independent reading of the filter, against what a real kernel lists; and whether both halves agree."""

import json
import subprocess

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.ingress import parse, ruleset
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import ingress
from hypothesis import given, settings
from hypothesis import strategies as st

NFT = "/usr/sbin/nft"
FILTERS = [
    {
        "network": "a",
        "allow": [
            {"from": ["192.168.20.96/28", "2001:db8::/64"], "protocol": "tcp", "ports": "5201,8000-8010"},
            {"protocol": "icmp", "rate": "10/second"},
            {"from": ["10.0.0.0/8"]},
        ],
    },
    {"network": "b", "allow": []},
    {"network": "c", "allow": None},
]
DEVICES = {"a": ["eth1.30", "eth2.30"], "b": ["eth3"], "c": ["eth4"]}


def listed(filters, devices, changes="", table=ruleset.TABLE):
    """What nft lists as JSON once the filters, and then some changes, are loaded."""
    made, problems = parse.parse(filters, devices)
    assert problems == []
    script = f"{NFT} -f - && {NFT} '{changes or 'list tables'}' >/dev/null && exec {NFT} -j list ruleset"
    argv = ["unshare", "-n", "sh", "-c", script]
    text = ruleset.text(made).replace(ruleset.TABLE, table)
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def said(text, filters=None, devices=None):
    """(device, what) of the findings."""
    rows = ingress.findings(ingress.read(text), filters or FILTERS, devices or DEVICES)
    return [(row["device"], row["what"]) for row in rows]


def test_what_was_asked_for_is_found(kernel):
    assert said(listed(FILTERS, DEVICES)) == []


TABLE = f"inet {ruleset.TABLE}"
DRIFT = {
    "a rule more": (
        f"insert rule {TABLE} in-a tcp dport 22 accept",
        ("filter of a", "has what nobody asked for: tcp dport 22 accept"),
    ),
    "everything": (
        f"insert rule {TABLE} in-b accept",
        ("filter of b", "has what nobody asked for: accept"),
    ),
    "twice": (f"add rule {TABLE} in-b counter drop", ("filter of b", "has its rules in another order or twice")),
    "emptied": (f"flush chain {TABLE} in-b", ("filter of b", "lacks: drop")),
    "no door": (
        f"flush chain {TABLE} entry",
        ("filter of b", "what enters at eth3 does not pass it"),
    ),
    "forwarding": (
        f"flush chain {TABLE} separation",
        ("eth3", "nothing keeps what comes in there from being forwarded to eth1.30, eth2.30, eth4"),
    ),
}


@pytest.mark.parametrize("title", DRIFT)
def test_drift_is_named(kernel, title):
    changes, expected = DRIFT[title]
    assert expected in said(listed(FILTERS, DEVICES, changes))


def test_another_filter_is_named_rule_by_rule(kernel):
    text = listed([dict(FILTERS[0], allow=[{"protocol": "tcp", "ports": "1-5"}]), *FILTERS[1:]], DEVICES)
    found = [what for device, what in said(text) if device == "filter of a"]
    assert found == [
        "lacks: ip saddr 192.168.20.96/28 tcp dport 5201,8000-8010 accept",
        "lacks: ip6 saddr 2001:db8::/64 tcp dport 5201,8000-8010 accept",
        "lacks: l4proto icmp above 10/second drop",
        "lacks: l4proto icmp accept",
        "lacks: ip saddr 10.0.0.0/8 accept",
        "has what nobody asked for: tcp dport 1-5 accept",
    ]


@pytest.mark.parametrize("text", ["", '{"nftables": []}'])
def test_no_table(text):
    rows = said(text)
    assert rows[:2] == [("filter of a", "is not loaded"), ("filter of b", "is not loaded")]
    assert len(rows) == 6


def test_a_node_without_names_of_protocols(kernel):
    """Where /etc/protocols is missing nft lists numbers."""
    text = listed(FILTERS, DEVICES)
    assert said(text.replace('"right": "icmp"', '"right": "1"')) == []
    assert said(text.replace('"right": "icmp"', '"right": 1')) == []


def test_a_table_of_somebody_else_is_not_ours(kernel):
    assert ingress.read(listed(FILTERS, DEVICES, table="theirs")) is None


def test_counters(kernel):
    counts = ingress.counters(ingress.read(listed(FILTERS, DEVICES)))
    assert counts["a allow[0]"] == counts["b not allowed"] == (0, 0)
    assert ingress.counters(None) == {}


RULE = st.fixed_dictionaries(
    {},
    optional={
        "from": st.lists(
            st.sampled_from(
                ["10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8", "1.2.3.4", "::/0", "2001:db8::/32", "0.0.0.0/0"]
            ),
            min_size=1,
            max_size=4,
        ),
        "protocol": st.sampled_from(["tcp", "udp", "icmp", "icmpv6", "any"]),
        "ports": st.lists(st.sampled_from(["1", "2-3", "4", "80-90", "85-100", "65535"]), min_size=1).map(",".join),
        "rate": st.sampled_from(["1/day", "60/minute", "5/hour", "999999999/second"]),
    },
)


def test_both_halves_agree_on_whatever_is_accepted(kernel):
    """Networks by the hundred in one table: loaded for real, read back, nothing to say."""
    accepted = []

    @settings(max_examples=300)
    @given(st.lists(RULE, max_size=4))
    def collect(allow):
        item = {"network": f"n{len(accepted)}", "interfaces": [f"e{len(accepted)}"], "allow": allow}
        if not parse.parse([item])[1]:
            accepted.append(item)

    collect()
    assert len(accepted) > 50
    made = parse.parse(accepted)[0]
    text = "".join(ruleset.text([one]).replace(ruleset.RESET, "") for one in made)
    text = text.replace("chain entry", "chain entry%d")
    for number in range(len(made)):
        text = text.replace("chain entry%d", f"chain entry{number}", 1)
    done = subprocess.run(
        ["unshare", "-n", "sh", "-c", f"{NFT} -f - && exec {NFT} -j list ruleset"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [
        row for row in said(json.dumps(json.loads(done.stdout)), accepted, {"-": []}) if "forward" not in row[1]
    ] == []
