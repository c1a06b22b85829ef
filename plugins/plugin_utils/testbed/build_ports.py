# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Switch ports and NIC ports of a document -> typed objects."""

from __future__ import annotations

from .model import NicPort, SwitchPort, Vf
from .problems import Finding

_HIGHEST_PORT = 1024


def build_switch_ports(switch, ports, structure, findings):
    """SwitchPorts of one switch, a range opened up, in the order of their numbers."""
    made = {}
    for key, data in ports.items():
        keys = ("switches", switch, "ports", key)
        for number in _numbers(keys, key, findings):
            if number in made:
                findings.append(_port_twice(keys, number, made[number]))
                break
            made[number] = _switch_port(switch, key, number, data, structure.is_sound(*keys))
    return [made[number] for number in sorted(made)]


def _numbers(keys, key, findings):
    first, _dash, last = key.partition("-")
    if len(first) > 4 or len(last) > 4 or int(last or first) > _HIGHEST_PORT:
        findings.append(Finding(keys, "no switch has so many ports", "The highest number is %d" % _HIGHEST_PORT))
        return ()
    if int(last or first) < int(first):
        findings.append(Finding(keys, "the range runs backwards", 'Write "%s-%s"' % (last, first)))
        first, last = last, first
    return range(int(first), int(last or first) + 1)


def _port_twice(keys, number, other):
    what = 'port %d is described already by "%s"' % (number, other.key)
    return Finding(keys, what, "Give each port once: split or shorten one of the ranges")


def _switch_port(switch, key, number, data, sound):
    return SwitchPort(
        switch=switch,
        key=key,
        number=number,
        media=data.get("media"),
        vlan=data.get("vlan"),
        tagged=tuple(vlan for vlan in data.get("tagged", []) if vlan is not None),
        peer=data.get("peer"),
        lag=data.get("lag"),
        mtu=data.get("mtu"),
        sound=sound,
    )


def build_profile_ports(profile, nics, structure, findings):
    """NicPorts of one profile in the order of the file."""
    return [
        _nic_port(NicPort(profile, nic, port), data, nics[nic], structure, findings)
        for nic in nics
        for port, data in nics[nic].get("ports", {}).items()
    ]


def _nic_port(made, data, card, structure, findings):
    made.media = _media(made, data, card, structure)
    made.numa_node = card.get("numa_node")
    made.network = data.get("network")
    made.pci = data.get("pci")
    made.interface = data.get("interface")
    made.has_address = data.get("address", True)
    made.vf_count = data["vfs"].get("count") if "vfs" in data else None
    entries = enumerate(data.get("vfs", {}).get("config", []))
    made.vfs = [_vf(made, place, entry, findings) for place, entry in entries if entry and "range" in entry]
    return made


def _media(port, data, card, structure):
    """The port's own media, else the NIC's; a malformed one of the port does not fall back."""
    written = structure.names(*port.keys) or []
    return data.get("media") if "media" in written else card.get("media")


def _vf(port, place, entry, findings):
    text = str(entry["range"])
    first, _dash, last = text.partition("-")
    low, high = int(first), int(last or first)
    vf = Vf(place, min(low, high), max(low, high), {key: value for key, value in entry.items() if key != "range"})
    if high < low:
        findings.append(Finding(port.vf_keys(vf, "range"), "runs backwards", 'Write "%d-%d"' % (high, low), text))
    return vf
