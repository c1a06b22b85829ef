# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which VLAN a port or a VF has to use, given the switch port that it is plugged into."""

from __future__ import annotations


def is_tagged(network, switch_port):
    """True where the switch port carries the network's VLAN tagged."""
    return bool(network and switch_port and network.vlan in switch_port.tagged)


def vf_network(testbed, port, vf):
    """The Network of a VF: the one it names, the one of its VLAN, else the port's own."""
    if "network" in vf.options:
        return testbed.networks.get(vf.options["network"])
    if vf.options.get("vlan"):
        hits = (network for network in testbed.networks.values() if network.vlan == vf.options["vlan"])
        return next(hits, None)
    return testbed.networks.get(port.network)


def vf_vlan(testbed, port, vf, switch_port):
    """The VLAN number to put into the VF: as written, else the network's where it comes tagged, else 0."""
    if "vlan" in vf.options:
        return vf.options["vlan"]
    network = vf_network(testbed, port, vf)
    return network.vlan if is_tagged(network, switch_port) else 0
