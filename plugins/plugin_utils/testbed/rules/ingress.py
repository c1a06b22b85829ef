# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about what may enter from a network: senders, and ports that go with the protocol."""

from __future__ import annotations

from ..libraries import AddrFormatError, IPNetwork
from ..problems import Finding
from .references import missing

_VERSIONS = {"icmp": 4, "icmpv6": 6}


def check(testbed):
    """Findings about the ingress rules of a Testbed."""
    known = testbed.structure.names("networks")
    for network in testbed.networks.values():
        for place, rule in enumerate(network.ingress or []):
            if rule is not None:
                yield from _rule(testbed, rule, ("networks", network.name, "ingress", place), known)


def _rule(testbed, rule, keys, known):
    for place, sender in enumerate(rule.get("from") or []):
        if sender is not None:
            yield from _sender(testbed, rule, sender, keys + ("from", place), known)
    if "ports" in rule:
        yield from _ports(rule, keys + ("ports",))


def _sender(testbed, rule, sender, keys, known):
    if not set("/:.") & set(sender):
        yield from missing(keys, "such network", sender, known)
        network = testbed.networks.get(sender)
        cidr = network.cidr if network else None
    else:
        cidr, finding = _cidr(sender, keys)
        if finding:
            yield finding
    version = _VERSIONS.get(rule.get("protocol"))
    if cidr is not None and version not in (None, cidr.version):
        what = "is IPv%d, and %s is of IPv%d" % (cidr.version, rule["protocol"], version)
        yield Finding(keys, what, 'Write "protocol: %s"' % ("icmpv6" if version == 4 else "icmp"), sender)


def _cidr(text, keys):
    """(IPNetwork or None, Finding or None)."""
    try:
        network = IPNetwork(text)
    except (AddrFormatError, ValueError):
        advice = 'Write for example "192.168.20.96/28", or the name of a network'
        return None, Finding(keys, "is not an IP network", advice, text)
    if "/" not in text:
        return network.cidr, Finding(keys, "has no prefix length", 'Write "%s"' % network, text)
    if network.ip != network.network:
        what = "is an address inside a network, not the network"
        advice = 'Write "%s", or "%s/%d" for the one address'
        width = 32 if network.version == 4 else 128
        return network.cidr, Finding(keys, what, advice % (network.cidr, network.ip, width), text)
    return network, None


def _ports(rule, keys):
    text = str(rule["ports"])
    if rule.get("protocol") not in ("tcp", "udp"):
        what = "ports are of tcp and udp, and the protocol is %s" % rule.get("protocol", "any")
        yield Finding(keys, what, 'Write "protocol: tcp" or "protocol: udp", or leave the ports out', text)
    for part in text.split(","):
        first, dummy, last = part.partition("-")
        low, high = int(first), int(last or first)
        if not 1 <= low <= 65535 or not 1 <= high <= 65535:
            yield Finding(keys, "%s is no port" % part, "Ports are numbers from 1 to 65535", text)
        elif high < low:
            yield Finding(keys, "%s runs backwards" % part, 'Write "%d-%d"' % (high, low), text)
