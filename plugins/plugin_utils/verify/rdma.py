# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""An independent reading of a node's RDMA, who is measured against whom, and what the measurements say. Pure.

Shares no code with package rdma: the command rdma, ip, a login's ulimit."""

from __future__ import annotations

import ipaddress
import json

from .findings import finding

PORT = 18700  # of the first pair; each takes two
FILTER = "See the server's node, and whether its ingress filter lets UDP port 4791 in"


def read(outputs, asked):
    """{"findings", "endpoints", "lines"} of a node.

    outputs: stdout of 'rdma -j link show', 'rdma system show', 'ip -j -d addr show' and of ulimit -l in a fresh login;
    asked: {"rxe": places, "netns", "memlock"} as for module rdma. An endpoint is {label, device, address, network}."""
    links, system, addresses, limit = outputs
    devices = {row["netdev"]: row["ifname"] for row in json.loads(links or "[]") if row.get("netdev")}
    netdevs = {link["ifname"]: link for link in json.loads(addresses or "[]") if link.get("ifname")}
    rows, endpoints = [], []
    for place in asked.get("rxe") or []:
        label, over, own = _place(place, netdevs)
        if over not in devices:
            rows.append(finding(label, "soft-RoCE is asked for, and there is no RDMA device over %s" % (over or "it")))
        elif _address(netdevs.get(own)):
            endpoints.append(dict(_address(netdevs[own]), label=label, device=devices[over]))
    rows += _mode(system, asked.get("netns")) + _limit(limit, asked.get("memlock"))
    return {"findings": rows, "endpoints": endpoints, "lines": _lines(devices, system, limit)}


def pairs(readings):
    """[{server, client, address, port, label}]: in each network each node measures to the node before it, once.

    readings: {node: result of read}. More than one address of a node in a network would leave the way to the route."""
    found = []
    networks = sorted({end["network"] for reading in readings.values() for end in reading["endpoints"]})
    for network in networks:
        ends = [(node, _first(reading, network)) for node, reading in sorted(readings.items())]
        ends = [(node, end) for node, end in ends if end]
        for (server, there), (client, here) in zip(ends, ends[1:]):
            label = "%s %s -> %s %s" % (client, here["label"], server, there["label"])
            pair = {"server": server, "client": client, "address": there["address"], "label": label}
            found.append(dict(pair, port=PORT + 2 * len(found)))
    return found


def verdict(reading, answers):
    """{"findings", "proof"}: what was read and what was measured. answers: targets of module rdma_probe."""
    rows, lines = list(reading["findings"]), list(reading["lines"])
    for answer in answers:
        figures = answer.get("latency")
        if answer.get("rping"):
            lines.append("RDMA %s: rping answers" % answer["label"])
        if figures:
            words = (answer["label"], figures["average"], figures["p99"], figures["messages"], figures["bytes"])
            lines.append("RDMA %s: ib_send_lat %.1f us on average, p99 %.1f us (%d messages of %d bytes)" % words)
        else:
            rows.append(finding(answer["label"], answer.get("error") or "no figures", FILTER))
    return {"findings": rows, "proof": lines}


def _place(place, netdevs):
    """(label, name of the device that an RDMA device lies over, name of the device with the address)."""
    name, vlan = place.get("interface"), place.get("vlan")
    if not name:
        name = next((one for one, link in netdevs.items() if link.get("parentdev") == place.get("pci")), None)
    label = "%s.%d" % (name or place.get("pci"), vlan) if vlan else (name or place.get("pci"))
    if vlan:
        own = next((one for one, link in netdevs.items() if link.get("link") == name and _vlan(link) == vlan), None)
        return label, name, own
    over = netdevs.get(name, {}).get("link") if _vlan(netdevs.get(name, {})) else name
    return label, over, name


def _vlan(link):
    info = link.get("linkinfo") or {}
    return (info.get("info_data") or {}).get("id") if info.get("info_kind") == "vlan" else None


def _address(link):
    """{"address", "network"} of the first address that other nodes can reach, None for none."""
    for one in (link or {}).get("addr_info") or []:
        if one.get("scope") == "global" and one.get("local"):
            with_prefix = ipaddress.ip_interface("%s/%d" % (one["local"], one["prefixlen"]))
            return {"address": one["local"], "network": str(with_prefix.network)}
    return None


def _first(reading, network):
    return next((end for end in reading["endpoints"] if end["network"] == network), None)


def _mode(system, asked):
    words = system.split()
    found = words[words.index("netns") + 1] if "netns" in words[:-1] else "unknown"
    return (
        [finding("rdma", "namespace mode %s asked for, %s found" % (asked, found))]
        if asked not in (None, found)
        else []
    )


def _limit(limit, asked):
    found = limit.strip()
    return [finding("memlock", "%s asked for, a login gets %s" % (asked, found))] if asked not in (None, found) else []


def _lines(devices, system, limit):
    if not devices:
        return []
    over = ", ".join("%s over %s" % (device, netdev) for netdev, device in sorted(devices.items()))
    return ["RDMA devices: %s; %s; a login may pin %s" % (over, " ".join(system.split()[:2]), limit.strip())]
