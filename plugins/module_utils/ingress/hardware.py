# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Where a filter can stand: what the NIC below an interface says that it can, by ethtool.

Nothing is put into a NIC yet. An allow list that lets replies in needs the state of connections: ntuple filters match
single flows and have no default, and flower drops without state. Either would be a first sieve before nftables, and
none is used before it was tried on such a card; the result says so, instead of claiming an offload."""

from __future__ import annotations

import re

from ..errors import EngineError

FEATURE = re.compile(r"^\s*([a-z0-9-]+): (on|off)( \[fixed\])?", re.MULTILINE)
RULES = re.compile(r"^Total \d+ rules", re.MULTILINE)
NTUPLE, FLOWER = "ntuple filters", "tc offload (flower)"


def abilities(features, rules):
    """The ones of NTUPLE and FLOWER that a NIC reports. features: of 'ethtool -k'; rules: of 'ethtool -u'."""
    found = {name: (state, bool(fixed)) for name, state, fixed in FEATURE.findall(features)}
    able = {name for name, (state, fixed) in found.items() if state == "on" or not fixed}
    return [
        word
        for word, can in (
            (NTUPLE, "ntuple-filters" in able and bool(RULES.search(rules))),
            (FLOWER, "hw-tc-offload" in able),
        )
        if can
    ]


def reason(system, interface):
    """Why the filter of an interface stands in nftables: what each NIC below it has, or that it was not asked."""
    return "; ".join("%s %s" % (port, _has(system, port)) for port in ports(system, interface))


def _has(system, port):
    try:
        features, rules = (system.run(["ethtool", flag, port], check=False).out for flag in ("-k", "-u"))
    except EngineError as error:
        return "was not asked for filters of its own: %s" % error.what
    if not features:
        return "does not say whether it has filters of its own"
    words = abilities(features, rules)
    if not words:
        return "has neither %s nor %s" % (NTUPLE, FLOWER)
    return "has %s, which is not used: it was never tried on such a card" % " and ".join(words)


def ports(system, interface):
    """The network devices at the bottom of one: the port of a VLAN, those of a bond, the device itself."""
    names = system.list("/sys/class/net/%s" % interface)
    if not names and "." in interface:  # a VLAN that is not made yet
        return ports(system, interface.rpartition(".")[0])
    lower = [name[len("lower_") :] for name in names if name.startswith("lower_")]
    return sorted({port for name in lower for port in ports(system, name)}) or [interface]
