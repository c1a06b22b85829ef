"""Whatever is written as filters: no traceback; and what is accepted, nft accepts too."""

import subprocess

from ansible_collections.gedge.engine.plugins.module_utils.ingress.parse import parse
from ansible_collections.gedge.engine.plugins.module_utils.ingress.ruleset import TABLE, text
from hypothesis import given, settings
from hypothesis import strategies as st

NFT = "/usr/sbin/nft"
ANYTHING = st.one_of(st.none(), st.text(max_size=12), st.integers(), st.lists(st.text(max_size=5), max_size=2))
MASKED = st.builds(lambda ip, bits: f"{ip}/{bits}", st.ip_addresses(), st.integers(0, 128))
SOURCE = st.one_of(
    st.ip_addresses().map(str),
    MASKED,
    st.sampled_from(["0.0.0.0/0", "::/0", "10.0.0.0/8", "10.1.0.0/16", "fe80::/10", "255.255.255.255", "::1"]),
)
PORT = st.one_of(st.integers(0, 65536), st.sampled_from([1, 2, 3, 65535]))
RANGE = st.one_of(PORT.map(str), st.builds(lambda a, b: f"{min(a, b)}-{max(a, b)}", PORT, PORT))
RULE = st.fixed_dictionaries(
    {},
    optional={
        "from": st.lists(SOURCE, min_size=1, max_size=5),
        "protocol": st.sampled_from(["tcp", "udp", "tcp", "udp", "icmp", "icmpv6", "any"]),
        "ports": st.lists(RANGE, min_size=1, max_size=5).map(",".join),
        "rate": st.builds(
            lambda n, unit: f"{n}/{unit}",
            st.integers(1, 999999999),
            st.sampled_from(["second", "minute", "hour", "day"]),
        ),
    },
)
NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", fullmatch=True)
DEVICE = st.one_of(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,14}", fullmatch=True), st.sampled_from(["drop", "accept", "0", "1.2"])
)
ITEM = st.fixed_dictionaries(
    {"network": NAME, "interfaces": st.lists(DEVICE, min_size=1, max_size=3)},
    optional={"allow": st.one_of(st.none(), st.lists(RULE, max_size=4))},
)
BAD_RULE = st.dictionaries(st.sampled_from(["from", "protocol", "ports", "rate"]), ANYTHING).map(
    lambda rule: {key: value for key, value in rule.items() if key != "from" or isinstance(value, (list, type(None)))}
)
BAD_ITEM = st.fixed_dictionaries(
    {"network": st.text(max_size=8), "interfaces": st.lists(st.text(max_size=8), max_size=2)},
    optional={"allow": st.lists(BAD_RULE, max_size=2)},
)


@settings(max_examples=1000)
@given(st.lists(BAD_ITEM, max_size=2))
def test_bad_filters_are_problems_and_no_traceback(items):
    filters, problems = parse(items)
    assert problems or text(filters) is not None
    assert all(problem.path.startswith("filters[") and problem.what for problem in problems)


def test_what_is_accepted_nft_accepts(kernel):
    """One transaction for all cases: a table for each. About one case in eight is accepted."""
    accepted = []

    @settings(max_examples=1200)
    @given(st.lists(ITEM, min_size=1, max_size=3))
    def collect(items):
        filters, problems = parse(items)
        if not problems and text(filters):
            accepted.append(text(filters))

    collect()
    assert len(accepted) > 50
    many = "".join(one.replace(TABLE, f"{TABLE}_{number}") for number, one in enumerate(accepted))
    done = subprocess.run(["unshare", "-n", NFT, "-f", "-"], input=many, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr[:2000]) == (0, "")
