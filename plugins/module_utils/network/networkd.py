# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files of systemd-networkd that bring links back at boot. Pure text."""

from __future__ import annotations

import re

from .model import MADE_BY, ON_LINK

NAME = "systemd-networkd"
FOLDER = "/etc/systemd/network"
PREFIX = FOLDER + "/50-gedge-"
PREFIXES = (PREFIX,)
MAKES_DOWN = True  # a VLAN that is to be down is made, and is down
SEE = "networkctl status %s; journalctl -u systemd-networkd"

RELOAD = r"""
reload() { systemctl is-active --quiet systemd-networkd && timeout 20 networkctl reload; }
"""
BUSY = r"""
busy() {
    case "$(networkctl --no-legend --no-pager list "$@" 2> /dev/null)" in *pending*|*configuring*) return 0 ;; esac
    return 1
}
"""


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
    pattern = re.compile(r"^Priority=(\d+)$", re.MULTILINE)
    return {int(number) for text in files.values() for number in pattern.findall(text)}


def defaults(files):
    """The interfaces that {path: text} gives the node's default route over."""
    sections = {path: text.split("[Route]\n")[1:] for path, text in files.items() if interface_of(path)}
    return {
        interface_of(path)
        for path, routes in sections.items()
        if any("Table=" not in one.split("\n[")[0] and "Destination=" not in one.split("\n[")[0] for one in routes)
    }


def mode(file):
    """The mode of a file, None for any."""
    return


def reload(before, after):
    """sh: a function "reload". {path: text} of our files as they were and as the change makes them."""
    return RELOAD


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
    return MADE_BY + "\n".join(lines) + "\n"


def _netdev(link):
    return "%s[NetDev]\nName=%s\nKind=vlan\n\n[VLAN]\nId=%d\n" % (MADE_BY, link.name, link.vlan)
