# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is asked of a node's links, and what was found of them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

MADE_BY = "# Made by gedge.engine.network.\n"  # the first line of each of our files
DATA, MANAGEMENT = "data", "management"
CONF4, CONF6 = "/proc/sys/net/ipv4/conf/%s/%s", "/proc/sys/net/ipv6/conf/%s/%s"
ON_LINK = "on-link"  # in place of a gateway: neighbours, which need none
# A request for an address of another interface is not answered, and none is named as sender (no weak-host ARP).
ARP = ((CONF4, "arp_ignore", "1"), (CONF4, "arp_announce", "2"))
# Strict return path; no address, route or gateway from router advertisements; no router for IPv6.
CLOSED = (
    (CONF4, "rp_filter", "1"),
    (CONF6, "accept_ra", "0"),
    (CONF6, "autoconf", "0"),
    (CONF6, "forwarding", "0"),
)


@dataclass
class Route:
    """A route to a network by a gateway."""

    to: str
    via: str


@dataclass
class Link:
    """One interface as asked for: a port, or a VLAN of a port.

    name: its network device; parent: the port's, the same as name where there is no vlan; main: its gateway is the
    node's default route; own_table: replies of its addresses leave by its own table."""

    name: str
    parent: str
    network: str = ""
    purpose: str = DATA
    addresses: list = field(default_factory=list)
    vlan: int | None = None
    mtu: int | None = None
    gateway: str | None = None
    routes: list = field(default_factory=list)
    table: int | None = None
    up: bool = True
    main: bool = False
    own_table: bool = False
    where: str = ""

    def sysctls(self):
        """{path below /proc/sys: value} that keep it apart from other networks."""
        wanted = ARP + (CLOSED if self.purpose == DATA else ())
        return {pattern % (self.name, key): value for pattern, key, value in wanted}

    def all_routes(self):
        """{(table, destination, gateway)} with "default" for the gateway's; table "main" for the node's own.
        In a table of its own a network needs its neighbours too: the kernel adds them to main only."""
        found = {("main", route.to, route.via) for route in self.routes}
        if self.gateway and self.main:
            found.add(("main", "default", self.gateway))
        if self.gateway and self.own_table:
            found.add((str(self.table), "default", self.gateway))
            networks = {str(ipaddress.ip_interface(address).network) for address in self.addresses}
            found |= {(str(self.table), network, ON_LINK) for network in networks}
        return found

    def rules(self):
        """{(priority, address, table)}: who asks its own table. The priority is the table's number."""
        if not self.own_table:
            return set()
        return {(self.table, address.split("/")[0], str(self.table)) for address in self.addresses}


@dataclass
class Found:
    """One interface as it is: what "ip -j" says of it. routes: {(table, destination, gateway)}."""

    name: str
    index: int = 0
    up: bool = False
    mtu: int = 1500
    mac: str = ""
    pci: str | None = None
    parent: str | None = None
    vlan: int | None = None
    addresses: list = field(default_factory=list)
    routes: set = field(default_factory=set)


@dataclass
class State:
    """What was found on a node.

    backend: networkd or networkmanager, whose files bring links back; links: {name: Found}; rules: {(priority, address,
    table)}; sysctls: {path: value}; files: {path: text} of our own; others: {interface: (what of somebody else governs
    it, advice)}; management: names of interfaces; ingress: what package ingress observed; unread: those of our files
    that the backend does not read for their mode."""

    backend: object

    links: dict
    rules: set
    sysctls: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    others: dict = field(default_factory=dict)
    management: set = field(default_factory=set)
    ingress: object = None
    unread: set = field(default_factory=set)
