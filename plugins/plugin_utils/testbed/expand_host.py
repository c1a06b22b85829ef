# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The variables of one host."""

from __future__ import annotations

from .macs import automatic_mac
from .vlans import is_tagged, vf_network, vf_vlan


def host_vars(testbed, node):
    """All variables of one node, as plain data."""
    profile = testbed.profiles[node.profile]
    addresses = _addresses(testbed, node)
    made = {
        "testbed_node": node.name,
        "testbed_index": node.index,
        "testbed_profile": profile.name,
        "testbed_addresses": addresses,
        "testbed_ports": [_port(testbed, node, port, addresses) for port in profile.ports],
        "testbed_accelerators": [_accelerator(entry) for entry in profile.accelerators],
        **_settings(testbed.settings_of(node)),
        "testbed_lab": dict(profile.lab, **node.lab),
    }
    host = node.ansible_host or _way_in(testbed, addresses)
    return dict(made, ansible_host=host) if host else made


def _addresses(testbed, node):
    """{network: "address/prefix"} of a node."""
    names = testbed.addressed_networks(node)
    return {name: testbed.networks[name].with_prefix(testbed.address_of(node, name)) for name in names}


def _way_in(testbed, addresses):
    """Its address in the first management network that it has one in, else in the first public one."""
    for purpose in ("management", "public"):
        for name, network in testbed.networks.items():
            if purpose in network.purposes and name in addresses:
                return addresses[name].split("/")[0]
    return None


def _settings(settings):
    return {
        "testbed_reserved_cpus": settings.get("reserved_cpus") or "",
        "testbed_isolated_cpus": settings.get("isolated_cpus") or "",
        "testbed_hugepages": [_pool(entry) for entry in settings.get("hugepages") or []],
        "testbed_kernel_arguments": list(settings.get("kernel_arguments") or []),
        "testbed_tuning": settings.get("tuning") or "none",
        "testbed_rdma": dict(settings.get("rdma") or {}),
    }


def _pool(entry):
    """The kernel's command line writes 64K, people 64k."""
    return {"numa_node": None, **entry, "size": entry["size"].upper()}


def _accelerator(entry):
    return dict({"numa_node": None, "count": 1, "id": None}, **entry)


def _port(testbed, node, port, addresses):
    network = testbed.networks[port.network]
    other = testbed.switch_port(node, port)
    return {
        "nic": port.nic,
        "port": port.port,
        "media": port.media,
        "numa_node": port.numa_node,
        "network": port.network,
        "vlan": network.vlan,
        "tagged": is_tagged(network, other),
        "switch": other.switch if other else None,
        "switch_port": str(other.number) if other else None,
        "switch_mtu": other.mtu if other else None,
        "interface": port.interface,
        "pci": port.pci.lower() if port.pci else None,
        "address": addresses.get(port.network) if port.has_address else None,
        "vfs": _vfs(testbed, node, port, other),
    }


def _vfs(testbed, node, port, other):
    if port.vf_count is None:
        return None
    config = [entry for vf in port.vfs for entry in _entries(testbed, node, port, vf, other)]
    return {"count": port.vf_count, "config": config}


def _entries(testbed, node, port, vf, other):
    """One entry for the range; with `mac: auto` one for each VF, since each has its own MAC."""
    network = vf_network(testbed, port, vf)
    common = dict(vf.options, network=network.name if network else None, vlan=vf_vlan(testbed, port, vf, other))
    if vf.options.get("mac") != "auto":
        return [dict({"range": _span(vf.first, vf.last)}, **common)]
    place = (testbed.site["name"], node.name, port.nic, port.port)
    numbers = range(vf.first, vf.last + 1)
    return [dict({"range": str(number)}, **dict(common, mac=automatic_mac(*place, number))) for number in numbers]


def _span(first, last):
    return str(first) if first == last else "%d-%d" % (first, last)
