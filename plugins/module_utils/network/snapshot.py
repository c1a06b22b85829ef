# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What interfaces are at one moment, in the words of iproute2, so that the same words bring them back."""

from __future__ import annotations

import ipaddress
import json

# Made by the kernel itself with the address, or for as long as a router advertises it.
PASSING = ("local", "broadcast", "multicast", "anycast", "unreachable", "blackhole", "nexthop")
MADE = (" proto ra ", " expires ")


def take(system, names):
    """{name: snapshot} of interfaces; {"exists": False} for one that is not there.

    A snapshot has exists, up, mtu, parent, vlan, addresses (words of "ip addr add"), routes4, routes6 (words of
    "ip route add") and sysctls {path: value}; all of it is JSON."""
    links = {one["ifname"]: one for one in _json(system, ["-d", "link", "show"])}
    shown = {one.get("ifname"): one.get("addr_info", []) for one in _json(system, ["addr", "show"])}
    routes = {family: _routes(system, family) for family in ("4", "6")}
    return {
        name: _snapshot(system, links[name], shown.get(name, []), routes) if name in links else {"exists": False}
        for name in sorted(names)
    }


def around(system, names):
    """The names and those of all that lies on top of them: a port that goes down takes its VLANs along."""
    lower = {one["ifname"]: one.get("link") for one in _json(system, ["link", "show"])}
    found, size = set(names), -1
    while len(found) != size:
        size = len(found)
        found |= {name for name, link in lower.items() if link in found}
    return found


def rules(system, priorities):
    """{family: [line of "ip rule"]} of those priorities."""
    lines = {family: system.run(["ip", "-" + family, "rule", "show"], check=False).out for family in ("4", "6")}
    return {
        family: [_words(line) for line in text.splitlines() if _is_of(line, priorities)]
        for family, text in lines.items()
    }


def differences(before, now):
    """Keys in which an interface is not as it was, {key: (before, now)}; {} for none."""
    if not before["exists"] or not now["exists"]:
        return {} if before["exists"] == now["exists"] else {"exists": (before["exists"], now["exists"])}
    keys = ("up", "mtu", "addresses", "routes4", "routes6", "sysctls")
    found = {key: (_lasting(before[key]), _lasting(now[key])) for key in keys}
    changed = [path for path, value in before["sysctls"].items() if now["sysctls"].get(path) != value]
    found["sysctls"] = tuple({path: side["sysctls"].get(path) for path in changed} for side in (before, now))
    return {key: pair for key, pair in found.items() if pair[0] != pair[1]}


def _lasting(value):
    """Addresses without the time that they have left."""
    return [words.split(" valid_lft")[0] for words in value] if isinstance(value, list) else value


def _json(system, words):
    return [one for one in json.loads(system.run(["ip", "-j"] + words).out or "[]") if one]


def _snapshot(system, link, addresses, routes):
    name, info = link["ifname"], link.get("linkinfo") or {}
    lines = {family: _routes_of(name, routes[family], addresses) for family in ("4", "6")}
    sysctls = _sysctls(system, name)
    # The kernel makes link-local addresses anew with each start of the link, unless it is told to make none.
    made = sysctls.get("/proc/sys/net/ipv6/conf/%s/addr_gen_mode" % name) != "1"
    return {
        "exists": True,
        "up": "UP" in link["flags"],
        "mtu": link["mtu"],
        "parent": link.get("link"),
        "vlan": info["info_data"]["id"] if info.get("info_kind") == "vlan" else None,
        "addresses": sorted(_address(one) for one in addresses if not (made and _is_link_local(one))),
        "routes4": lines["4"],
        "routes6": lines["6"],
        "sysctls": sysctls,
    }


def _routes_of(name, lines, addresses):
    """Without those that the kernel makes with an address. Where it was told to make none, NetworkManager has."""
    bare = {_network(one) for one in addresses if one.get("noprefixroute")}
    ours = [line for line in lines if " dev %s " % name in line + " "]
    return [line for line in ours if " proto kernel " not in line + " " or line.split()[0] in bare]


def _network(address):
    return str(ipaddress.ip_interface("%s/%d" % (address["local"], address["prefixlen"])).network)


def _is_link_local(address):
    return address["family"] == "inet6" and address.get("scope") == "link"


def _address(one):
    key = "%s/%d" % (one["local"], one["prefixlen"])
    if "address" in one:
        key = "%s peer %s/%d" % (one["local"], one["address"], one["prefixlen"])
    words = [key] + (["brd", one["broadcast"]] if "broadcast" in one else [])
    words += ["scope", one["scope"]] if one["family"] == "inet" else []
    if one.get("dynamic"):
        words += ["valid_lft", str(one["valid_life_time"]), "preferred_lft", str(one["preferred_life_time"])]
    return " ".join(words + (["noprefixroute"] if one.get("noprefixroute") else []))


def _routes(system, family):
    lines = system.run(["ip", "-" + family, "route", "show", "table", "all"], check=False).out.splitlines()
    lines = [_words(line) for line in lines]
    kept = [line for line in lines if line and line.split()[0] not in PASSING]
    return sorted(line for line in kept if not any(word in line + " " for word in MADE))


def _words(line):
    return " ".join(word for word in line.split() if word not in ("linkdown", "dead"))


def _is_of(line, priorities):
    return line.split(":")[0] in {str(priority) for priority in priorities}


def _sysctls(system, name):
    values = {}
    for family in ("ipv4", "ipv6"):
        folder = "/proc/sys/net/%s/conf/%s" % (family, name)
        for key in system.list(folder):
            text = system.read("%s/%s" % (folder, key))
            if text and " " not in text and key != "mtu":  # IPv6's follows that of the link
                values["%s/%s" % (folder, key)] = text
    return values
