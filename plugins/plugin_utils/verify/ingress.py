# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The ingress filter as "nft -j" tells it, against what was asked, rule by rule. No code of package ingress is used."""

from __future__ import annotations

import ipaddress
import json

from .findings import finding

TABLE = "gedge_ingress"
# The rules of each filtered network that nobody has to ask for, and their verdicts.
STANDING = (
    ({"ct direction": ("reply",), "ct state": ("established",)}, "accept"),
    ({"ct state": ("related",)}, "accept"),
    ({"icmpv6 type": ("mld-listener-query", "nd-neighbor-advert", "nd-neighbor-solicit")}, "accept"),
    ({"fib daddr": ("local",), "fib daddr,iif not": ("broadcast", "local", "multicast")}, "drop"),
)
PROTOCOLS = {
    "1": "icmp",
    "6": "tcp",
    "17": "udp",
    "58": "ipv6-icmp",
}  # nft says numbers where /etc/protocols is missing
EDIT = "Somebody changed the filter by hand, or it is an old one: run the site playbook"


def read(text):
    """The table of ours: {"chains": {name: [Rule]}, "hooks": {chain: hook}}, None where it is not loaded.

    text: output of 'nft -j list ruleset'. A Rule is {conditions, verdict, limit, comment, packets, bytes}."""
    chains, hooks = {}, {}
    for entry in json.loads(text or "{}").get("nftables", []):
        kind, body = next(iter(entry.items()))
        if kind not in ("chain", "rule") or (body.get("family"), body.get("table")) != ("inet", TABLE):
            continue
        if kind == "chain":
            chains[body["name"]] = []
            hooks.update({body["name"]: body["hook"]} if body.get("hook") else {})
        else:
            chains[body["chain"]].append(_rule(body))
    return {"chains": chains, "hooks": hooks} if chains else None


def _rule(body):
    made = {"conditions": {}, "verdict": None, "limit": None, "packets": 0, "bytes": 0, "comment": body.get("comment")}
    for part in body["expr"]:
        kind, what = next(iter(part.items()))
        if kind == "match":
            key = _left(what["left"]) + (" not" if what["op"] == "!=" else "")
            made["conditions"][key] = _values(key, what["right"])
        elif kind == "counter" and isinstance(what, dict):
            made.update(packets=what["packets"], bytes=what["bytes"])
        elif kind == "limit":
            made["limit"] = (what["rate"], what["per"], bool(what.get("inv")))
        elif kind == "vmap":
            pairs = what["data"].get("set", [])
            made["verdict"] = {str(name): next(iter(verdict.values()))["target"] for name, verdict in pairs}
        else:
            made["verdict"] = kind
    return made


def _left(left):
    kind, what = next(iter(left.items()))
    if kind == "payload":
        return "%s %s" % (what["protocol"], what["field"])
    if kind == "fib":
        return "fib " + ",".join(sorted([what["flags"]] if isinstance(what["flags"], str) else what["flags"]))
    return ("%s %s" % (kind, what["key"])).replace("meta ", "")


def _values(key, right):
    values = right["set"] if isinstance(right, dict) and "set" in right else [right]
    if key.endswith((" saddr", " dport")):
        return merged(_interval(key, value) for value in values)
    if key == "l4proto":
        values = [PROTOCOLS.get(str(value), value) for value in values]
    return tuple(sorted(str(value) for value in values))


def _interval(key, value):
    if isinstance(value, dict) and "range" in value:
        return tuple(_number(key, one) for one in value["range"])
    if isinstance(value, dict):
        prefix = ipaddress.ip_network("%s/%s" % (value["prefix"]["addr"], value["prefix"]["len"]))
        return int(prefix[0]), int(prefix[-1])
    return _number(key, value), _number(key, value)


def _number(key, value):
    return int(ipaddress.ip_address(value)) if key.endswith("saddr") else int(value)


def merged(intervals):
    """Intervals of numbers, in order, those that overlap or touch as one."""
    found = []
    for first, last in sorted(intervals):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def wanted(allow):
    """[(conditions, verdict, limit)] of a filtered network, in order. allow: list, in the form of module network."""
    rows = [(conditions, verdict, None) for conditions, verdict in STANDING]
    for rule in allow:
        for conditions in _conditions(rule):
            if rule.get("rate"):
                packets, unit = rule["rate"].replace(" ", "").split("/")
                rows.append((conditions, "drop", (int(packets), unit, True)))
            rows.append((conditions, "accept", None))
    return [*rows, ({}, "drop", None)]


def _conditions(rule):
    tail = {}
    if rule.get("ports"):
        tail["%s dport" % rule["protocol"]] = merged(port_runs(rule["ports"]))
    elif rule.get("protocol", "any") != "any":
        tail["l4proto"] = ("ipv6-icmp" if rule["protocol"] == "icmpv6" else rule["protocol"],)
    sources = [ipaddress.ip_network(text) for text in rule.get("from") or []]
    heads = []
    for version, word, family in ((4, "ip saddr", "ipv4"), (6, "ip6 saddr", "ipv6")):
        mine = [one for one in sources if one.version == version]
        if any(one.prefixlen == 0 for one in mine):
            heads.append({} if rule.get("protocol") in ("icmp", "icmpv6") else {"nfproto": (family,)})
        elif mine:
            heads.append({word: merged((int(one[0]), int(one[-1])) for one in mine)})
    return [dict(head, **tail) for head in heads or [{}]]


def port_runs(text):
    """[(first, last)] of "5201,8000-8010"."""
    for part in str(text).split(","):
        first, dummy, last = part.strip().partition("-")
        yield int(first), int(last or first)


def findings(table, filters, interfaces_of):
    """Findings. table: of read; filters: option filters of module network; interfaces_of: {network: [names]}."""
    rows = []
    for item in filters:
        names = item.get("interfaces") or interfaces_of.get(item["network"], [])
        if item.get("allow") is not None and names:
            title = "filter of %s" % item["network"]
            rows += [finding(title, "is not loaded")] if table is None else _network(table, item, names, title)
    open_ways = {}
    for one, to in sorted(set(_pairs(filters, interfaces_of)) - forwarded_pairs(table)):
        open_ways.setdefault(one, []).append(to)
    for one, others in open_ways.items():
        rows.append(finding(one, "nothing keeps what comes in there from being forwarded to %s" % ", ".join(others)))
    return rows


def _network(table, item, names, title):
    doors = {}
    for chain, hook in table["hooks"].items():
        for rule in table["chains"][chain] if hook == "prerouting" else []:
            if isinstance(rule["verdict"], dict) and not set(rule["conditions"]) - {"iifname"}:
                doors.update(rule["verdict"])
    rows = [finding(title, "what enters at %s does not pass it" % name) for name in names if name not in doors]
    asked = wanted(item["allow"])
    for chain in sorted({doors[name] for name in names if name in doors}):
        found = [(rule["conditions"], rule["verdict"], rule["limit"]) for rule in table["chains"].get(chain, [])]
        missing = [one for one in asked if one not in found]
        more = [one for one in found if one not in asked]
        rows += [finding(title, "lacks: %s" % words(one), EDIT) for one in missing]
        rows += [finding(title, "has what nobody asked for: %s" % words(one), EDIT) for one in more]
        if not missing and not more and found != asked:
            rows.append(finding(title, "has its rules in another order or twice", EDIT))
    return rows


def words(rule):
    """A rule for a person."""
    conditions, verdict, limit = rule
    parts = ["%s %s" % (key, _value_words(key, values)) for key, values in conditions.items()]
    return " ".join([*parts, *(["above %d/%s" % limit[:2]] if limit else []), str(verdict)])


def _value_words(key, values):
    if key.endswith("saddr"):
        ends = [(ipaddress.ip_address(first), ipaddress.ip_address(last)) for first, last in values]
        nets = [str(net) for pair in ends for net in ipaddress.summarize_address_range(*pair)]
        return ",".join(nets)
    if key.endswith("dport"):
        return ",".join(str(first) if first == last else "%d-%d" % (first, last) for first, last in values)
    return ",".join(values)


def _pairs(filters, interfaces_of):
    names = {item["network"]: item.get("interfaces") or interfaces_of.get(item["network"], []) for item in filters}
    for one, mine in names.items():
        for other, theirs in names.items():
            if one != other:
                yield from ((name, to) for name in mine for to in theirs)


def forwarded_pairs(table):
    """{(interface in, interface out)} whose packets are dropped when they are forwarded."""
    found = set()
    for chain, hook in (table or {"hooks": {}})["hooks"].items():
        for rule in table["chains"][chain] if hook == "forward" else []:
            if rule["verdict"] == "drop" and set(rule["conditions"]) == {"iifname", "oifname"} and not rule["limit"]:
                ways = rule["conditions"]
                found |= {(one, other) for one in ways["iifname"] for other in ways["oifname"]}
    return found


def counters(table):
    """{comment: (packets, bytes)} of the rules of ours."""
    found = {}
    for rule in (rule for rules in (table or {"chains": {}})["chains"].values() for rule in rules):
        if rule["comment"]:
            packets, octets = found.get(rule["comment"], (0, 0))
            found[rule["comment"]] = (packets + rule["packets"], octets + rule["bytes"])
    return found
