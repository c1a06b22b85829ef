# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The nftables text for a node's filters. Pure; nft itself says whether it is right (table.expected)."""

from __future__ import annotations

from . import model

TABLE = "gedge_ingress"
NAME = "inet %s" % TABLE
# In one transaction: whoever sends meanwhile meets the old table or the new one.
RESET = "add table %s\ndelete table %s\n" % (NAME, NAME)
HEAD = "# Written by gedge.engine: what may enter this node on its data networks. Changes by hand are put right.\n"
# After conntrack (-200), before destination NAT (-100): a published pod is entered through the same door.
ENTRY = "type filter hook prerouting priority -150; policy accept;"
FORWARD = "type filter hook forward priority -10; policy accept;"


def text(filters):
    """What 'nft -f' loads, "" where there is nothing to filter and nothing to keep apart."""
    closed = [one for one in filters if one.rules is not None]
    apart = _separation(filters)
    if not closed and not apart:
        return ""
    chains = [_chain(_chain_name(one), _network(one)) for one in closed]
    if closed:
        doors = ", ".join('"%s" : jump %s' % (name, _chain_name(one)) for one in closed for name in one.interfaces)
        chains.append(_chain("entry", [ENTRY, "iifname vmap { %s }" % doors]))
    if apart:
        chains.append(_chain("separation", [FORWARD] + apart))
    return "%s%stable %s {\n%s}\n" % (HEAD, RESET, NAME, "\n".join(chains))


def _chain_name(one):
    return "in-" + one.network


def _chain(name, lines):
    return "\tchain %s {\n%s\t}\n" % (name, "".join("\t\t%s\n" % line for line in lines))


def _network(one):
    """Lines of a filtered network, in order of evaluation."""
    lines = [
        _line("ct direction reply ct state established", "accept", one, "replies"),
        _line("ct state related", "accept", one, "related"),
        _line(
            "icmpv6 type { mld-listener-query, nd-neighbor-solicit, nd-neighbor-advert }", "accept", one, "neighbours"
        ),
        # Linux answers for all its addresses on every interface: not here, or the networks would not be apart.
        _line(
            "fib daddr type local fib daddr . iif type != { local, broadcast, multicast }",
            "drop",
            one,
            "another interface's address",
        ),
    ]
    for number, rule in enumerate(one.rules):
        for match in _matches(rule):
            if rule.rate:
                packets, unit = rule.rate
                over = "limit rate over %d/%s burst %d packets" % (packets, unit, packets)
                lines.append(_line(match + " " + over if match else over, "drop", one, "allow[%d] above rate" % number))
            lines.append(_line(match, "accept", one, "allow[%d]" % number))
    return lines + [_line("", "drop", one, "not allowed")]


def _line(match, verdict, one, what):
    return '%scounter %s comment "%s %s"' % (match + " " if match else "", verdict, one.network, what)


def _matches(rule):
    """One match for each family that the rule speaks of, one for both where it names no source."""
    tail = _protocol(rule)
    found = []
    for word, nfproto, sources in (("ip", "ipv4", rule.sources4), ("ip6", "ipv6", rule.sources6)):
        if any(source.endswith("/0") for source in sources):
            # ICMP says its family itself.
            found.append("" if rule.protocol in (model.ICMP, model.ICMPV6) else "meta nfproto " + nfproto)
        elif sources:
            found.append("%s saddr %s" % (word, _set(sources)))
    return [" ".join(filter(None, (head, tail))) for head in found or [""]]


def _protocol(rule):
    if rule.ports:
        return "%s dport %s" % (
            rule.protocol,
            _set(["%d-%d" % pair if pair[0] != pair[1] else str(pair[0]) for pair in rule.ports]),
        )
    words = {model.ANY: "", model.ICMPV6: "meta l4proto ipv6-icmp"}
    return words.get(rule.protocol, "meta l4proto " + rule.protocol)


def _set(elements):
    return elements[0] if len(elements) == 1 else "{ %s }" % ", ".join(elements)


def _separation(filters):
    """Nothing is forwarded from an interface of one network to one of another, whatever ip_forward says."""
    lines = []
    for one in filters:
        others = [name for other in filters if other is not one for name in other.interfaces]
        if others:
            match = "iifname %s oifname %s" % (_names(one.interfaces), _names(sorted(others)))
            lines.append(_line(match, "drop", one, "to another network"))
    return lines


def _names(names):
    return _set(['"%s"' % name for name in names])
