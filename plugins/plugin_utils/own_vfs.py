# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""VFs that a node uses itself, by its testbed: they are no service's. Pure."""

from __future__ import annotations

import re

from ..module_utils.topology.address import complete

SOFT_ROCE, LINK = "soft-RoCE", "a link of its own"
VARIABLES = ("testbed_rdma", "node_rdma_rxe", "node_network_links")
VF_NAME = re.compile(r"(.+?)v([0-9]+)\Z")  # systemd's: ens1f0v2 is VF 2 of ens1f0, and of ens1f0np0
PORT_NAME = re.compile(r"np[0-9]+\Z")


def used(host, topology, ports):
    """{address of a PF: {number of the VF as text: what for}}.

    host: its variables; topology: with the VFs that the testbed asks for; ports: testbed_ports."""
    names = Names(topology["pci_devices"])
    found = {}
    for place, why in _places(host, ports):
        vf = names.meant(place)
        if vf in names.vfs.values():
            found.setdefault(vf[0], {}).setdefault(vf[1], why)
    return found


def _places(host, ports):
    """({pci or interface}, what for) of all that may be a VF; soft-RoCE over a network lies over the ports there."""
    rxe = host.get("node_rdma_rxe")
    for item in _mappings((host.get("testbed_rdma") or {}).get("rxe") if rxe is None else rxe):
        over = [item] if item.get("interface") or item.get("pci") else _ports_in(item.get("network"), ports)
        yield from ((place, SOFT_ROCE) for place in over)
    links = host.get("node_network_links")
    yield from ((place, LINK) for place in _mappings(ports if links is None else links))


def _mappings(items):
    """What role variables say otherwise, the roles refuse."""
    return [item for item in items or () if isinstance(item, dict)]


def _ports_in(network, ports):
    return [port for port in ports if port.get("network") == network]


class Names:
    """VFs by the names of their interfaces, also of those that are not made yet."""

    def __init__(self, devices):
        """devices: pci_devices of a topology."""
        self.vfs = {}
        for device in devices:
            sriov = device.get("sriov") or {}
            if sriov.get("role") == "vf":
                self.vfs[device["address"]] = (sriov["pf"], str(sriov["index"]))
        self.known = {name: one["address"] for one in devices for name in one.get("net") or ()}
        self.pfs = {PORT_NAME.sub("", name): address for name, address in self.known.items() if address not in self.vfs}

    def meant(self, place):
        """(PF, number) of the VF that {pci or interface} names, there or not; None for all else."""
        if place.get("pci"):
            return self.vfs.get(complete(place["pci"]))
        name = place.get("interface") or ""
        for below in (name, name.partition(".")[0]):  # a VF, or the one below a VLAN
            if below in self.known:
                return self.vfs.get(self.known[below])
            hit = VF_NAME.match(below)
            if hit and hit.group(1) in self.pfs:
                return self.pfs[hit.group(1)], hit.group(2)
        return None
