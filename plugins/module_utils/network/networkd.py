# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files of systemd-networkd and sysctl.d that bring links back at boot. Pure text."""

from __future__ import annotations

import re

from .model import ON_LINK

FOLDER = "/etc/systemd/network"
PREFIX = FOLDER + "/50-gedge-"
SYSCTL = "/etc/sysctl.d/50-gedge-network.conf"
HEAD = "# Made by gedge.engine.network.\n"


def path(name):
    """The .network file of an interface."""
    return "%s%s.network" % (PREFIX, name)


def interface_of(file):
    """The interface that one of our files of networkd is for, None for another file."""
    if not file.startswith(PREFIX):
        return None
    return file[len(PREFIX) :].rsplit(".", 1)[0]


def files(links):
    """{path: text} for [Link], where every VLAN's port is among them (see wanted.with_ports)."""
    made = {}
    for link in links:
        vlans = [other.name for other in links if other.vlan and other.parent == link.name]
        made[path(link.name)] = _network(link, vlans)
        if link.vlan:
            made["%s%s.netdev" % (PREFIX, link.name)] = _netdev(link)
    return made


def priorities(files):
    """Priorities of the routing rules in {path: text}, which are the numbers of their tables."""
    return {int(number) for text in files.values() for number in re.findall(r"^Priority=(\d+)$", text, re.MULTILINE)}


def defaults(files):
    """The interfaces that {path: text} gives the node's default route over."""
    sections = {path: text.split("[Route]\n")[1:] for path, text in files.items()}
    return {
        interface_of(path)
        for path, routes in sections.items()
        if any("Table=" not in one.split("\n[")[0] and "Destination=" not in one.split("\n[")[0] for one in routes)
    }


def sysctl_file(links, separation):
    """{path: text} of the sysctls; systemd-sysctl sets them for each interface as it appears."""
    values = {path: value for link in links for path, value in link.sysctls().items()} if separation else {}
    lines = ["%s = %s\n" % (path[len("/proc/sys/") :], value) for path, value in sorted(values.items())]
    return {SYSCTL: HEAD + "".join(lines)} if lines else {}


def _network(link, vlans):
    lines = ["[Match]", "Name=%s" % link.name, "", "[Link]", "RequiredForOnline=no"]
    lines += ["MTUBytes=%d" % link.mtu] if link.mtu else []
    lines += [] if link.up else ["ActivationPolicy=always-down"]
    lines += ["", "[Network]"] + (["Description=%s" % link.network] if link.network else [])
    # An address belongs to the node, not to the cable: it is there without carrier too.
    lines += ["ConfigureWithoutCarrier=yes", "DHCP=no", "IPv6AcceptRA=no", "LinkLocalAddressing=ipv6"]
    lines += ["VLAN=%s" % name for name in vlans] + ["Address=%s" % address for address in link.addresses]
    for table, to, via in sorted(link.all_routes()):
        lines += ["", "[Route]"] + ([] if via == ON_LINK else ["Gateway=%s" % via])
        lines += ["Scope=link"] if via == ON_LINK and ":" not in to else []  # IPv6 has no scopes of routes
        lines += [] if to == "default" else ["Destination=%s" % to]
        lines += [] if table == "main" else ["Table=%s" % table]
    for priority, address, table in sorted(link.rules()):
        lines += ["", "[RoutingPolicyRule]", "From=%s" % address, "Table=%s" % table, "Priority=%d" % priority]
    return HEAD + "\n".join(lines) + "\n"


def _netdev(link):
    return "%s[NetDev]\nName=%s\nKind=vlan\n\n[VLAN]\nId=%d\n" % (HEAD, link.name, link.vlan)
