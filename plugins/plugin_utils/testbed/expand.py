# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A Testbed -> hosts, groups and variables as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

from .expand_host import host_vars


@dataclass
class Inventory:
    """groups: {name: [hosts]}; hosts: {name: vars}; site: group of all; shared: vars of all; tables: the large ones."""

    hosts: dict = field(default_factory=dict)
    groups: dict = field(default_factory=dict)
    shared: dict = field(default_factory=dict)
    tables: dict = field(default_factory=dict)
    site: str = ""


def expand(testbed):
    """Inventory of a Testbed without faults."""
    inventory = Inventory(site=_group("site_" + testbed.site["name"]))
    for node in testbed.nodes.values():
        inventory.hosts[node.name] = host_vars(testbed, node)
        for group in groups_of(testbed, node):
            inventory.groups.setdefault(group, []).append(node.name)
    inventory.shared = {
        "testbed_site": dict({"title": testbed.site["name"]}, **testbed.site),
        "testbed_networks": {name: _network(network) for name, network in testbed.networks.items()},
    }
    inventory.tables = {
        "nodes": {name: data["testbed_addresses"] for name, data in inventory.hosts.items()},
        "switches": {name: _switch(switch) for name, switch in testbed.switches.items()},
    }
    return inventory


def groups_of(testbed, node):
    """Names of the groups of a node, each once."""
    profile = testbed.profiles[node.profile]
    names = ["testbed", "site_" + testbed.site["name"], "profile_" + profile.name]
    names += ["network_" + port.network for port in profile.ports]
    names += ["accelerator_" + entry["kind"] for entry in profile.accelerators]
    names += ["workers"] if "control_plane" not in map(_group, node.groups) else []
    return list(dict.fromkeys(_group(name) for name in names + node.groups))


def _group(name):
    return name.replace("-", "_")


def _network(network):
    return {
        "vlan": network.vlan,
        "cidr": str(network.cidr),
        "prefix": network.cidr.prefixlen,
        "gateway": str(network.gateway) if network.gateway is not None else None,
        "mtu": network.mtu or 1500,
        "purpose": list(network.purposes),
        "ranges": {name: "%s-%s" % pair for name, pair in network.ranges.items()},
        "ingress": None if network.ingress is None else [_ingress(rule) for rule in network.ingress],
    }


def _ingress(rule):
    return dict(rule, ports=str(rule["ports"])) if "ports" in rule else dict(rule)


def _switch(switch):
    return {
        "title": switch.title or switch.name,
        "network": switch.network,
        "address": str(switch.address) if switch.address is not None else None,
        "ports": {str(port.number): _switch_port(port) for port in switch.ports},
    }


def _switch_port(port):
    return {
        "media": port.media,
        "vlan": port.vlan,
        "tagged": list(port.tagged),
        "peer": port.peer,
        "lag": port.lag,
        "mtu": port.mtu,
    }
