# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How many random cases each parser gets, and values that are nearly right somewhere.

GEDGE_FUZZ_CASES says how many: 100 by default, 10,000 by `make fuzz`.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

CASES = int(os.environ.get("GEDGE_FUZZ_CASES", "100"))
CALM = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
MANY = settings(max_examples=CASES, deadline=None, suppress_health_check=CALM)

# Words of all options, so that they land where they are right, or nearly.
WORDS = st.sampled_from([
    "", " ", "0", "1", "-1", "0-3", "3-0", "0,40", "99999999999999999999", "2M", "1G", "64K", "unlimited", "none",
    "any", "ens2f0", "eno1", "ens2f0v0", "ens2f0.30", "lo", "0000:18:00.0", "0000:18:00.1", "0000:3D:00.0", "8086",
    "81:00.0", "10fb", "10de:2330", "0300-03ff", "03", "02:00:00:00:00:01", "00:00:00:00:00:00", "auto",
    "ff:ff:ff:ff:ff:ff", "192.168.20.100/28", "192.168.20.96/28", "10.0.0.0/8", "0.0.0.0/0", "::1/64", "fd00::/64",
    "192.168.20.110", "tcp", "udp", "icmp", "icmpv6", "5201,8000-8010", "70000", "1000/second", "0/day", "sriov-a",
    "quiet", "isolcpus=1", "hugepages=3", 'key="a b"', "a=b=c", "pci=realloc", "vm.swappiness", "net/ipv4/ip_forward",
    "kernel.no_such", "../../etc/passwd", "performance", "nvidia", "vfio-pci", "ixgbe", "kubelet.service",
    "https://example.org/a.deb", "a" * 64, "a.deb", "NVIDIA Hopper", "SAPEON X220", "gpu", "\n", "\x00", "é", "'\"$`\\",
    "x" * 300, "%s", "{{ x }}", "/dev/null", "1g.10gb", "mixed",
])  # fmt: skip
NUMBERS = st.one_of(st.integers(-2, 10), st.integers(-5, 70000), st.integers())
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.floats(), WORDS, st.text(max_size=8))
KEYS = st.one_of(WORDS, st.text(max_size=6))
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
TEXT = st.one_of(WORDS, st.text(max_size=200))


@st.composite
def damaged(draw, text):
    """A text with one to four places cut out, doubled or overwritten."""
    for dummy in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 40))
        with_what = draw(st.one_of(st.text(alphabet='0123456789,.:-|+[]{}" \t\nNAXx/%', max_size=8), WORDS))
        text = text[:start] + with_what + text[start + length :]
        if draw(st.booleans()):
            text = text[:start] + text[start : start + length] * 2 + text[start:]
    return text


def parameters(specification):
    """What Ansible hands to a module with that argument_spec: types are right, values are whatever."""
    return st.fixed_dictionaries({name: _option(option) for name, option in specification.items()})


@st.composite
def near(draw, specification, good):
    """Good parameters, of which one or two have other values of the right type."""
    made = {name: good.get(name) for name in specification}
    for name in draw(st.lists(st.sampled_from(sorted(made)), max_size=2)):
        option, below = specification[name], specification[name].get("options")
        if draw(st.booleans()) and below and isinstance(made[name], dict):
            made[name] = draw(near(below, made[name]))
        elif draw(st.booleans()) and below and isinstance(made[name], list):
            made[name] = [draw(near(below, item)) for item in made[name]]
        else:
            made[name] = draw(_option(option))
    return made


def _option(option):
    value = _value(option)
    if option.get("required"):
        return value
    default = st.just(option.get("default"))
    # Left out more often than not: so that more options are right at once.
    return st.one_of(default, default, value)


def _value(option):
    kind = option.get("type", "str")
    if option.get("choices"):
        return st.sampled_from(option["choices"])
    if kind == "list":
        inner = {"type": option.get("elements", "str"), "options": option.get("options")}
        return st.lists(_value(inner), max_size=3)
    if kind == "dict":
        return parameters(option["options"]) if option.get("options") else st.dictionaries(KEYS, ANYTHING, max_size=3)
    simple = {"int": NUMBERS, "bool": st.booleans(), "raw": ANYTHING, "float": st.floats(allow_nan=False)}
    return simple.get(kind, TEXT)
