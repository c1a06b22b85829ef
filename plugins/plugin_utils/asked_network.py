# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From a node's ports and networks in the testbed to what module network is asked for."""

from __future__ import annotations

from ..module_utils.network.model import DATA, MANAGEMENT
from .port_device import device

FIRST_TABLE = 1000


def links(ports, networks):
    """List for the option links of module network, one item for each port.

    ports, networks: host variables testbed_ports and testbed_networks. Raises EngineError."""
    return [_link(port, networks.get(port["network"]) or {}) for port in ports]


def _link(port, network):
    item = dict([device(port, "interface", "pci")], network=port["network"], mtu=network.get("mtu"))
    # A network that is management and something else besides is the one that the node is managed over.
    item["purpose"] = MANAGEMENT if MANAGEMENT in (network.get("purpose") or []) else DATA
    item["addresses"] = [port["address"]] if port.get("address") else []
    if port.get("tagged"):
        item["vlan"] = port["vlan"]
    if network.get("gateway") and port.get("address"):
        item.update(gateway=network["gateway"], table=FIRST_TABLE + network["vlan"])
    return item
