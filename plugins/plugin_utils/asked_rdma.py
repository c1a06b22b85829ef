# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From the RDMA settings and the ports of a node in the testbed to what module rdma is asked for."""

from __future__ import annotations

from ..module_utils.errors import EngineError
from .port_device import device


def asked(rdma, ports):
    """{"rxe": [...], "netns": str or None, "roce": dict or None} for the options of module rdma.

    rdma: host variable testbed_rdma; ports: host variable testbed_ports. Raises EngineError."""
    rxe = []
    for item in rdma.get("rxe") or []:
        rxe += [{"interface": item["interface"]}] if item.get("interface") else _places(item["network"], ports, True)
    return {"rxe": _once(rxe), "netns": rdma.get("netns"), "roce": _roce(rdma.get("roce"), ports)}


def _roce(roce, ports):
    if not roce:
        return None
    places = [place for name in roce["networks"] for place in _places(name, ports, False)]
    return dict({key: value for key, value in roce.items() if key != "networks"}, interfaces=_once(places))


def _places(network, ports, with_vlan):
    """The node's ports in a network; a tagged port is in it by a VLAN device."""
    found = [_place(port, with_vlan) for port in ports if port["network"] == network]
    if not found:
        raise EngineError("no port of this node is in network %s" % network, "testbed_rdma", "Name one of its networks")
    return found


def _place(port, with_vlan):
    place = dict([device(port, "pci", "interface")])
    return dict(place, vlan=port["vlan"]) if with_vlan and port.get("tagged") else place


def _once(places):
    return [place for index, place in enumerate(places) if place not in places[:index]]
