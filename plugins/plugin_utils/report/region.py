# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The region as the testbed file asks for it: networks, switches with their ports, the cables to the nodes."""

from __future__ import annotations

from ...module_utils.errors import EngineError
from .drawing import natural


def site(of_region, hosts):
    """{"name", "title"}. Raises EngineError where the hosts are of more than one site."""
    names = {(variables.get("testbed_site") or of_region).get("name") for variables in hosts.values()}
    if len(names) > 1:
        raise EngineError(
            "has %d sites: %s" % (len(names), ", ".join(sorted(map(str, names)))),
            "inventory",
            "One report shows one site: give one testbed.yml by -i",
        )
    return {"name": of_region.get("name"), "title": of_region.get("title") or of_region.get("name")}


def networks(found):
    """{name: {vlan, cidr, gateway, mtu, purpose, ranges, ingress}} by VLAN. ingress: None is no filter, [] all shut."""
    return {name: _network(found[name]) for name in sorted(found, key=lambda each: (_vlan(found[each]), each))}


def _vlan(network):
    return network.get("vlan") or 0


def _network(network):
    ingress = network.get("ingress")
    return {
        "vlan": network.get("vlan"),
        "cidr": network.get("cidr"),
        "gateway": network.get("gateway"),
        "mtu": network.get("mtu"),
        "purpose": list(network.get("purpose") or []),
        "ranges": dict(network.get("ranges") or {}),
        "ingress": None if ingress is None else [_rule(rule) for rule in ingress],
    }


def _rule(rule):
    source = rule.get("from")
    return {
        "from": ([source] if isinstance(source, str) else list(source)) if source else None,
        "protocol": rule.get("protocol") or "any",
        "ports": None if rule.get("ports") is None else str(rule["ports"]),
        "rate": rule.get("rate"),
    }


def switches(found, hosts):
    """{name: {title, address, network, ports: {port: {media, vlan, tagged, lag, peer, node, nic, port}}}}."""
    return {name: _switch(found[name], hosts) for name in sorted(found, key=natural)}


def _switch(switch, hosts):
    ports = switch.get("ports") or {}
    return {
        "title": switch.get("title"),
        "address": switch.get("address"),
        "network": switch.get("network"),
        "ports": {str(port): _switch_port(ports[port], hosts) for port in sorted(ports, key=natural)},
    }


def _switch_port(port, hosts):
    peer = port.get("peer")
    node, nic, nic_port = peer.split("/") if peer and peer.count("/") == 2 else (None, None, None)
    known = node in hosts
    return {
        "media": port.get("media"),
        "vlan": port.get("vlan"),
        "tagged": list(port.get("tagged") or []),
        "vlans": _vlans(port),
        "lag": port.get("lag"),
        "peer": peer,
        "node": node if known else None,
        "nic": nic if known else None,
        "port": nic_port if known else None,
    }


def _vlans(port):
    """The VLANs of a switch port as text: "10", "30+40" for a trunk, "10+30" with an untagged one, "" for none."""
    found = [port["vlan"]] if port.get("vlan") is not None else []
    return "+".join(str(vlan) for vlan in found + list(port.get("tagged") or []))
