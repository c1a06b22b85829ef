# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which VF is to reach which, and what the answers and the switch's counters say. Pure."""

from __future__ import annotations

from ...module_utils import cpuset
from .findings import finding


def endpoints(reading, ports):
    """VFs of a node that can be probed: [{interface, title, network, vlan, switch_port}], in order.

    reading: of verify.reading.read; ports: testbed_ports. A VF bound to vfio-pci or moved into another network
    namespace has no device here and cannot be probed."""
    found = []
    for port in ports:
        pf = _pf_of(reading, port)
        if not pf or not port.get("vfs"):
            continue
        networks = _networks(port)
        for index, vf in sorted(pf["vfs"].items()):
            if vf["netdev"] and vf["driver"] != "vfio-pci":
                found.append(
                    {
                        "interface": vf["netdev"],
                        "title": "%s VF %d" % (pf["name"], index),
                        "network": networks.get(index, port["network"]),
                        "switch_port": _switch_port(port),
                    }
                )
    return found


def _pf_of(reading, port):
    if port.get("pci"):
        return reading.get(port["pci"])
    return next((pf for pf in reading.values() if pf["name"] == port.get("interface")), None)


def _networks(port):
    return {
        index: vf["network"]
        for vf in port["vfs"].get("config") or []
        if vf.get("network")
        for index in cpuset.parse(vf["range"])
    }


def _switch_port(port):
    return "%s/%s" % (port["switch"], port["switch_port"]) if port.get("switch") else None


def targets(readings, raised, node):
    """What one node sends: [{interface, address, expect, label}].

    readings: {node: {"endpoints"}}; raised: {node: {"links"}}, results of link_probe's phase raise. Each VF sends to
    one VF of its network on each other node; for each other network one VF tries to reach one of it, in vain."""
    nodes = {name: _by_network(readings[name], raised[name]) for name in readings}
    found = []
    for peer in sorted(set(nodes) - {node}):
        for network, mine in sorted(nodes[node].items()):
            same = nodes[peer].get(network, [])
            found += [_target(one, same[place % len(same)], peer, "reply") for place, one in enumerate(mine) if same]
            for other in sorted(set(nodes[peer]) - {network}):
                found.append(_target(mine[0], nodes[peer][other][0], peer, "silence"))
    return found


def _by_network(reading, raised):
    addresses = {link["interface"]: link["address"] for link in raised["links"]}
    found = {}
    for end in reading["endpoints"]:
        if addresses.get(end["interface"]):
            found.setdefault(end["network"], []).append(dict(end, address=addresses[end["interface"]]))
    return found


def _target(mine, theirs, peer, expect):
    label = "%s (%s) -> %s %s (%s)" % (mine["title"], mine["network"], peer, theirs["title"], theirs["network"])
    return {"interface": mine["interface"], "address": theirs["address"], "expect": expect, "label": label}


def link_findings(node):
    """Findings for VFs that got no link or no address. node: {"endpoints", "links"}."""
    titles = {end["interface"]: end for end in node["endpoints"]}
    rows = []
    for link in node["links"]:
        end = titles[link["interface"]]
        at = " at switch port %s" % end["switch_port"] if end["switch_port"] else ""
        if not link["carrier"]:
            rows.append(finding(end["title"], "has no link%s" % at, "Check that its PF is up, the cable and the port"))
        elif not link["address"]:
            rows.append(finding(end["title"], "got no link-local address", "Check that IPv6 is not disabled on it"))
    return rows


def traffic_findings(answered):
    """Findings from link_probe's phase ping: silence where a reply was due, a reply where silence was due."""
    rows = []
    for target in answered:
        if target["expect"] == "reply" and not target["replies"]:
            rows.append(finding(target["label"], "no reply", "Check VLAN and cabling of both switch ports"))
        elif target["expect"] == "silence" and target["replies"]:
            rows.append(finding(target["label"], "answered across networks", "A port or VF is in a wrong VLAN"))
    return rows
