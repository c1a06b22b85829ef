# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What one node sends to the others over its networks to prove them, and what the answers say. Pure.

Of a node's reading: ends, [{network, purpose, interface, addresses, mtu}], and filters, {network: allow or None}."""

from __future__ import annotations

import ipaddress

from ...module_utils.probe import silence
from .findings import finding
from .ingress import port_runs

DATA, MANAGEMENT = "data", "management"
UNSERVED = range(64999, 1, -1)  # where a port that no rule allows is looked for, from the top
LEAST_SHARE = 0.5  # of the echo requests over the management network that must be answered under load


def targets(readings, node):
    """{"pings", "ports", "load", "watch"} for module network_probe on one node. readings: {node: reading}."""
    mine, made = readings[node], {"pings": [], "ports": [], "load": None, "watch": []}
    peers = sorted(set(readings) - {node})
    for peer in peers:
        for end in mine["ends"]:
            for other in readings[peer]["ends"]:
                allow = readings[peer]["filters"].get(other["network"])
                pair = _Pair(node, end, peer, other, allow)
                if end["network"] == other["network"]:
                    made["pings"] += pair.echoes()
                    made["ports"] += pair.knocks()
                elif DATA in (end["purpose"], other["purpose"]):
                    made["pings"] += pair.trespass()
    for peer in _ring(peers, node):
        made["load"] = made["load"] or _load(mine, readings[peer])
        made["watch"] = made["watch"] or _watch(mine, readings[peer], node, peer)
    return made


class _Pair:
    """An end of this node and one of a peer; allow: what the peer lets in there."""

    def __init__(self, node, end, peer, other, allow):
        self.end, self.other, self.allow = end, other, allow
        self.source, self.address = _address(end), _address(other)
        self.label = "%s %s (%s) -> %s %s (%s)" % (
            node,
            end["interface"],
            end["network"],
            peer,
            other["interface"],
            other["network"],
        )

    def usable(self):
        """True where both have an address."""
        return bool(self.source and self.address)

    def _target(self, **keys):
        return dict({"interface": self.end["interface"], "address": self.address, "label": self.label}, **keys)

    def echoes(self):
        """Echo requests within a network, small ones and ones that fill the MTU."""
        if not self.usable():
            return []
        if not allows(self.allow, self.source, "icmp"):
            return [self._target(expect="silence", kind="filter")]
        made = [self._target(expect="reply", kind="path")]
        mtu = min(one["mtu"] for one in (self.end, self.other) if one["mtu"]) if self.end["mtu"] else None
        return made + ([self._target(expect="reply", kind="mtu", size=mtu)] if mtu else [])

    def trespass(self):
        """An echo request from one network to an address of another."""
        return [self._target(expect="silence", kind="apart")] if self.usable() else []

    def knocks(self):
        """For each protocol one port that may be reached and one that may not."""
        made = []
        for protocol in ("tcp", "udp") if self.usable() and self.allow is not None else ():
            port, dummy = self.open_port(protocol)
            if port:
                made.append(self._target(protocol=protocol, port=port, expect="passes"))
            port = next((one for one in UNSERVED if not allows(self.allow, self.source, protocol, one)), None)
            if port:
                made.append(self._target(protocol=protocol, port=port, expect="stopped"))
        return made

    def open_port(self, protocol):
        """(a port of the first rule that names ports, the rule's number), (None, None) for none. A rate of less than
        one a second may be used up."""
        for number, rule in enumerate(self.allow or ()):
            often = str(rule.get("rate", "/second")).endswith("/second")
            if rule.get("ports") and rule["protocol"] == protocol and often:
                port = next(port_runs(rule["ports"]))[0]
                if _matches(rule, self.source, protocol, port):
                    return port, number
        return None, None


def swallowed(one):
    """True for a UDP packet without an answer: a listener that says nothing (RoCE) looks like a filter that drops, so
    the counter of the peer's rule has to tell."""
    return one["protocol"] == "udp" and one["answer"] == "silent"


def _address(end):
    return end["addresses"][0].split("/")[0] if end["addresses"] and end["interface"] else None


def allows(allow, source, protocol, port=None):
    """True where rules (None: no filter) let such a packet in."""
    return allow is None or any(_matches(rule, source, protocol, port) for rule in allow)


def _matches(rule, source, protocol, port):
    if rule.get("protocol", "any") not in ("any", protocol):
        return False
    address = ipaddress.ip_address(source)
    if rule.get("from") and not any(address in ipaddress.ip_network(text) for text in rule["from"]):
        return False
    return not rule.get("ports") or any(first <= port <= last for first, last in port_runs(rule["ports"]))


def _ring(peers, node):
    """The peers, beginning with the next one by name, so that not all load the same."""
    return [peer for peer in peers if peer > node] + [peer for peer in peers if peer < node]


def _load(mine, theirs):
    """The first data network that both are on."""
    for end in mine["ends"]:
        for other in theirs["ends"]:
            if end["purpose"] == DATA and end["network"] == other["network"] and _address(end) and _address(other):
                return {"interface": end["interface"], "address": _address(other), "network": end["network"]}
    return None


def _watch(mine, theirs, node, peer):
    return [
        {"interface": end["interface"], "address": _address(other), "label": "%s -> %s" % (node, peer)}
        for end in mine["ends"]
        for other in theirs["ends"]
        if end["purpose"] == MANAGEMENT == other["purpose"] and end["network"] == other["network"]
        if _address(end) and _address(other)
    ]


def findings(answers):
    """Findings of the result of module network_probe."""
    silent = {one["label"] for one in answers["pings"] if one["kind"] == "path" and not one["replies"]}
    rows = []
    for one in answers["pings"]:
        text, advice = _ping_fault(one, one["label"] in silent)
        if text:
            rows.append(finding(one["label"], text, advice))
    for one in answers["ports"]:
        came = one["answer"] in ("open", "refused")
        what = "%s port %d" % (one["protocol"], one["port"])
        if one["expect"] == "passes" and not came and not swallowed(one):
            rows.append(finding(one["label"], "%s is allowed, and does not pass" % what, "See the filter of the peer"))
        elif one["expect"] == "stopped" and came:
            text = "%s passes, and nobody allows it" % what
            rows.append(finding(one["label"], text, "The peer's filter is not what was asked for"))
    for one in (answers.get("load") or {}).get("answers", []):
        if one["replies"] < one["sent"] * LEAST_SHARE:
            text = "%d of %d echo requests answered while a data network was under load" % (one["replies"], one["sent"])
            rows.append(finding("management network, " + one["label"], text, "Data and management share something"))
    return rows


def _ping_fault(one, unreachable):
    if one["expect"] == "silence" and one["replies"]:
        if one["kind"] == "filter":
            return "ICMP passes, and nobody allows it", "The peer's filter is not what was asked for"
        return (
            "answered across networks",
            "See arp_ignore and the filter of the peer, and the VLANs of both switch ports",
        )
    if one["expect"] == "silence" or one["replies"]:
        return "", ""
    if one["kind"] == "path":
        what = "no reply" + silence.sentence(one)
        return what, "Check VLAN and cabling of both switch ports, and the filter of the peer"
    if unreachable:
        return "", ""  # said already
    return "packets of %d bytes do not pass" % one["size"], "Check the MTU of both ends and of the switch ports"


def uncounted(readings, node, before, after):
    """Findings on a filter that did not count what the other nodes sent: to be dropped, or by UDP to be let in.

    before, after: {comment: (packets, bytes)}, see verify.ingress.counters."""
    dropped, passed = {}, {}
    for pair in _arriving(readings, node):
        network = pair.other["network"]
        stopped = [one for one in pair.knocks() if one["expect"] == "stopped"]
        dropped[network] = dropped.get(network, 0) + len(stopped)
        port, number = pair.open_port("udp") if pair.usable() else (None, None)
        if port:
            passed.setdefault((network, number, port), []).append(pair.label)
    rows = []
    for network, least in sorted(dropped.items()):
        counted = growth(before, after, "%s not allowed" % network)[0]
        if counted < least:
            text = "%d packets counted as dropped, %d or more were sent for that" % (counted, least)
            rows.append(finding("filter of " + network, text, "The packets did not arrive, or did not pass the filter"))
    for (network, number, port), labels in sorted(passed.items()):
        if growth(before, after, "%s allow[%d]" % (network, number))[0] < len(labels):
            text = "udp port %d is allowed, and not all that was sent to it passed" % port
            rows.append(finding("filter of " + network, text, "See rule allow[%d] of the filter" % number))
    return rows


def _arriving(readings, node):
    """Each _Pair of a peer's end and an end of this node in one network."""
    for peer in sorted(set(readings) - {node}):
        for end in readings[peer]["ends"]:
            for other in readings[node]["ends"]:
                if end["network"] == other["network"]:
                    yield _Pair(peer, end, node, other, readings[node]["filters"].get(other["network"]))


def growth(before, after, comment):
    """(packets, bytes) by which a counter grew."""
    return tuple(new - old for new, old in zip(after.get(comment, (0, 0)), before.get(comment, (0, 0))))
