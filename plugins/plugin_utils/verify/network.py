# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A node's addresses, VLANs and routes as iproute2 tells them, against what was asked. Shares no code with package
network."""

from __future__ import annotations

import ipaddress
import json

from .findings import finding

# What 'ip -j -d -batch -' is asked, in this order.
QUESTIONS = ("addr show", "route show table all", "rule show")
LOCAL = ("local", "broadcast", "multicast", "anycast")
DOWN = "Run the site playbook; else look at the cable and the switch port"


def read(text):
    """{"links": {name: link}, "routes": [...], "rules": [...]} of the output of 'ip -j -d -batch -' for QUESTIONS."""
    decoder, documents, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        documents.append(document)
        rest = rest[end:].lstrip()
    if len(documents) != len(QUESTIONS):
        raise ValueError("%d answers of iproute2 to %d questions" % (len(documents), len(QUESTIONS)))
    links, routes, rules = documents
    return {"links": {link["ifname"]: link for link in links if link.get("ifname")}, "routes": routes, "rules": rules}


def sysctls(text):
    """{"all.arp_ignore": 1, "ens1f0.30.rp_filter": 0, ...} of lines 'net.ipv4.conf.NAME.KEY = VALUE'.

    sysctl writes the dots of a name as slashes."""
    found = {}
    for line in text.splitlines():
        key, sign, value = line.partition(" = ")
        if sign and key.startswith("net.ipv4.conf.") and value.strip().isdigit():
            found[key[len("net.ipv4.conf.") :].replace("/", ".")] = int(value)
    return found


def interfaces(links, asked):
    """[{network, purpose, interface, port, addresses, asked}] for the items of option links of module network.

    interface: None where the device is not there."""
    made = []
    for item in asked:
        port = _port(links, item)
        name = "%s.%s" % (port, item["vlan"]) if port and item.get("vlan") else port
        made.append(
            {
                "network": item["network"],
                "purpose": item.get("purpose", "data"),
                "interface": name,
                "port": port,
                "addresses": item.get("addresses") or [],
                "asked": item,
            }
        )
    return made


def _port(links, item):
    if item.get("interface"):
        return item["interface"] if item["interface"] in links else None
    hits = [name for name, link in links.items() if link.get("parentdev") == item.get("pci") and not _vlan(link)]
    return min(hits) if hits else None


def _vlan(link):
    info = link.get("linkinfo") or {}
    return (info.get("info_data") or {}).get("id") if info.get("info_kind") == "vlan" else None


def link_findings(links, ends):
    """Findings on devices: there, up, VLAN, MTU, addresses."""
    rows = []
    for end in ends:
        item, title = end["asked"], title_of(end)
        link = links.get(end["interface"])
        if link is None:
            rows.append(finding(title, "the device is not there"))
            continue
        if "UP" not in link.get("flags", []):
            rows.append(finding(title, "is down"))
        elif "LOWER_UP" not in link.get("flags", []):
            rows.append(finding(title, "has no link", DOWN))
        if item.get("vlan") and (_vlan(link), link.get("link")) != (item["vlan"], end["port"]):
            text = "VLAN %s of %s asked for, %s of %s found"
            rows.append(finding(title, text % (item["vlan"], end["port"], _vlan(link), link.get("link"))))
        if item.get("mtu") and link.get("mtu") != item["mtu"]:
            rows.append(finding(title, "MTU %s asked for, %s found" % (item["mtu"], link.get("mtu"))))
        rows += _address_findings(link, end, ends)
    return rows


def title_of(end):
    """How a person calls it: "ens1f0.30 (sriov-a)"."""
    name = end["interface"] or end["asked"].get("pci") or end["asked"].get("interface")
    return "%s (%s)" % (name, end["network"])


def _address_findings(link, end, ends):
    found = {
        ipaddress.ip_interface("%s/%s" % (one["local"], one["prefixlen"]))
        for one in link.get("addr_info", [])
        if one.get("scope") != "link"
    }
    asked = {ipaddress.ip_interface(text) for text in end["addresses"]}
    rows = [finding(title_of(end), "address %s asked for, not found" % one) for one in sorted(asked - found, key=str)]
    for one in sorted(found - asked, key=str):
        owners = sorted({other["network"] for other in ends if any(one.ip in net for net in networks(other))})
        if owners and end["network"] not in owners:
            rows.append(finding(title_of(end), "has %s, an address of network %s" % (one, owners[0])))
    return rows


def networks(end):
    """The IP networks of an interface's addresses."""
    return [ipaddress.ip_interface(text).network for text in end["addresses"]]


def route_findings(routes, ends):
    """Findings on routes that lead from one network into another, or that nobody asked for on a data network."""
    owner = {end["interface"]: end for end in ends if end["interface"]}
    rows = []
    for route in routes:
        end = owner.get(route.get("dev"))
        if end is None or route.get("type", "unicast") in LOCAL or str(route.get("table", "")) == "local":
            continue
        if route["dst"] == "default":
            if not end["asked"].get("gateway"):
                rows.append(finding(title_of(end), "has a default route, and the network has no gateway"))
            continue
        to = ipaddress.ip_network(route["dst"], strict=False)
        if to.is_link_local or to.is_multicast:
            continue  # the kernel's own, of IPv6
        allowed = networks(end) + [ipaddress.ip_network(one["to"]) for one in end["asked"].get("routes") or []]
        into = [o["network"] for o in ends if o["network"] != end["network"] and _overlaps(to, networks(o))]
        if not _overlaps(to, allowed) and (into or end["purpose"] == "data"):
            text = "has a route to %s%s" % (to, ", which is network %s" % into[0] if into else " that nobody asked for")
            rows.append(finding(title_of(end), text))
    return rows + _gateway_findings(routes, ends) + _table_findings(routes, ends)


def _overlaps(one, others):
    return any(one.version == other.version and one.overlaps(other) for other in others)


def _gateway_findings(routes, ends):
    """Someone's gateway that no default route goes by, in any table."""
    ways = {(route.get("dev"), route.get("gateway")) for route in routes if route["dst"] == "default"}
    return [
        finding(title_of(end), "no default route by the gateway %s, in no table" % end["asked"]["gateway"])
        for end in ends
        if end["interface"] and end["asked"].get("gateway") and (end["interface"], end["asked"]["gateway"]) not in ways
    ]


def _table_findings(routes, ends):
    """Tables by whose default route also the neighbours would be sent to the gateway."""
    rows = []
    for end in ends:
        mine = [route for route in routes if end["interface"] and route.get("dev") == end["interface"]]
        tables = {str(route.get("table", "main")) for route in mine if route["dst"] == "default"}
        for table in sorted(tables):
            kept = {route["dst"] for route in mine if str(route.get("table", "main")) == table}
            for net in networks(end):
                if str(net) not in kept:
                    text = "table %s has a default route and none to %s: neighbours are sent to the gateway"
                    rows.append(finding(title_of(end), text % (table, net)))
    return rows


def separation_findings(values, ends, guarded):
    """Findings on sysctls by which a network answers or forwards for another.

    values: of sysctls(); guarded: interfaces between which the filter drops what is forwarded."""
    rows = []
    for end in ends:
        name = end["interface"]
        if name is None or name + ".arp_ignore" not in values:
            continue  # named as missing above
        if values[name + ".forwarding"] and name not in guarded:
            rows.append(finding(title_of(end), "forwards packets, and no filter keeps the networks apart"))
        for key, least, means in (
            ("arp_ignore", 1, "answers ARP for addresses of other interfaces"),
            ("arp_announce", 2, "names addresses of other interfaces in ARP"),
        ):
            if max(values[name + "." + key], values.get("all." + key, 0)) < least:
                rows.append(finding(title_of(end), "%s (%s)" % (means, key)))
    return rows


def endpoints(ends, ports):
    """[{interface, title, network, switch_port}] of the ends with an address, for verify.switch."""
    cabled = {}
    for port in ports:
        if port.get("switch"):
            for key in (port.get("pci"), port.get("interface")):
                cabled[key] = "%s/%s" % (port["switch"], port["switch_port"])
    return [
        {
            "interface": end["interface"],
            "title": title_of(end),
            "network": end["network"],
            "switch_port": cabled.get(end["asked"].get("pci") or end["asked"].get("interface")),
        }
        for end in ends
        if end["interface"] and end["addresses"]
    ]
