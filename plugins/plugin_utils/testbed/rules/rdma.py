# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about RDMA: soft-RoCE and RoCE name networks and interfaces that the node has."""

from __future__ import annotations

import re
from collections import namedtuple

from ....module_utils.suggest import nearest
from ..problems import Finding
from .references import missing

# keys: of the rdma mapping; rdma: the mapping; ports: the NicPorts of the profile, None where not all are known;
# vlans: {VLAN: network}, None where not all are known
Asked = namedtuple("Asked", "keys rdma ports vlans")
_BELOW = re.compile(r"(?P<port>.+?)(?:v(?P<vf>[0-9]+))?(?:\.(?P<vlan>[0-9]+))?")


def check(testbed):
    """Findings about the RDMA settings of a Testbed."""
    known = testbed.structure.names("networks")
    whole = testbed.structure.is_whole("networks")
    vlans = {network.vlan: network.name for network in testbed.networks.values()} if whole else None
    for settings in testbed.all_settings():
        rdma = settings.get("rdma")
        if not rdma:
            continue
        asked = Asked(settings.keys("rdma"), rdma, testbed.whole_ports(settings.profile), vlans)
        yield from _rxe(asked, known, testbed.structure.is_sound)
        yield from _roce(asked, known)


def _rxe(asked, known, is_sound):
    seen = {}
    for place, entry in enumerate(asked.rdma.get("rxe") or []):
        if entry is None:
            continue
        keys = asked.keys + ("rxe", place)
        if len({"network", "interface"} & set(entry)) != 1:
            if entry or is_sound(*keys):  # else what it names was malformed, and that is said
                yield from _one_of_both(keys, entry)
            continue
        yield from _network(keys + ("network",), entry.get("network"), asked, known)
        yield from _interface(keys + ("interface",), entry.get("interface"), asked)
        if seen.setdefault(tuple(entry.items()), place) != place:
            yield Finding(keys, "stands in the list more than once", "Write each once")


def _one_of_both(keys, entry):
    if entry:
        yield Finding(keys, "names a network and an interface", "Keep one of the two")
    else:
        yield Finding(keys, "names neither a network nor an interface", "Write for example {network: sriov-a}")


def _roce(asked, known):
    for place, name in enumerate((asked.rdma.get("roce") or {}).get("networks") or []):
        yield from _network(asked.keys + ("roce", "networks", place), name, asked, known)


def _network(keys, name, asked, known):
    """The network exists, and the node has an interface in it."""
    unknown = list(missing(keys, "such network", name, known))
    yield from unknown
    if unknown or name is None or known is None or asked.ports is None:
        return
    inside = [port for port in asked.ports if port.network == name]
    if not inside:
        there = ", ".join(dict.fromkeys(port.network for port in asked.ports if port.network)) or "no network"
        yield Finding(keys, "no NIC port of the node is in this network", "It has ports in: %s" % there, name)
    elif any(port.pci is None and port.interface is None for port in inside):
        what = "nothing says which device of the node is in this network"
        yield Finding(keys, what, 'Add "pci" or "interface" to its port in the profile', name)


def _interface(keys, name, asked):
    """A port's, a VF's of it, or a VLAN's on either; said only where the names of all ports are known."""
    if name is None or not asked.ports or any(port.interface is None for port in asked.ports):
        return
    ports = {port.interface: port for port in asked.ports}
    hit = _BELOW.fullmatch(name)
    port = ports.get(name) or ports.get(name.partition(".")[0]) or ports.get(hit["port"])
    if port is None:
        near = nearest(hit["port"], ports)
        advice = 'Did you mean "%s"?' % name.replace(hit["port"], near, 1) if near else "Known: %s" % ", ".join(ports)
        yield Finding(keys, "no NIC port of the node has this interface", advice, name)
    elif port is ports.get(hit["port"]) and hit["vf"] and int(hit["vf"]) >= (port.vf_count or 0):
        what = "port %s of NIC %s has %d VFs" % (port.port, port.nic, port.vf_count or 0)
        yield Finding(keys, what, "Name one of them, counted from 0, or raise its vfs.count", name)
    elif name not in ports and hit["vlan"] and asked.vlans is not None and int(hit["vlan"]) not in asked.vlans:
        there = ", ".join("%d (%s)" % pair for pair in sorted(asked.vlans.items()))
        yield Finding(keys, "no network has the VLAN %s" % hit["vlan"], "There are: %s" % there, name)
