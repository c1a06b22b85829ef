# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""PCI host bridges of a virtual node, and which bus of theirs a device sits on."""

from __future__ import annotations

import re

from ..errors import Problem

BRIDGE_BUS = (0x20, 0x80)
SLOTS_PER_BRIDGE = 32
BUSES = range(0x02, 0xFF)
ADDRESS = re.compile(r"0000:([0-9a-f]{2}):00\.([0-7])$")


def address(bus, function):
    """The PCI address of a function on a root port's bus."""
    return "0000:%02x:00.%d" % (bus, function)


def seat(device, used):
    """Give a device its bus: the next one of its NUMA node's bridge, or the one that its `pci` asks for.

    used: devices so far on each NUMA node's bridge; counts on. Sets index, bus, pci, the ports' pci, and own_bridge."""
    node = device["numa_node"]
    usual = BRIDGE_BUS[node] + 1 + used[node]
    asked = asked_bus(device)
    device["usual"] = usual
    if asked is None or asked == usual:
        device.update(index=used[node], bus=usual)
        used[node] += 1
    else:
        device.update(index=0, bus=asked, own_bridge=True)
    device["pci"] = address(device["bus"], 0)
    for port in device["ports"]:
        port["pci"] = address(device["bus"], port["function"])


def asked_bus(device):
    """The bus that the `pci` of a NIC's first port with one asks for, None where none does or it is no such address."""
    for port in device["ports"]:
        found = ADDRESS.match(str(port["wanted_pci"] or "").lower())
        if found:
            return int(found.group(1), 16)
    return None


def faults(node, devices, used):
    """[Problem] of seats that cannot be had. Takes away what only this needs of a device."""
    problems, taken = [], {}
    for bridge, count in zip(BRIDGE_BUS, used):
        taken.update(dict.fromkeys(range(bridge, bridge + count + 1), "the lab's own devices"))
        if count > SLOTS_PER_BRIDGE:
            problems.append(Problem(node, "%d devices on one NUMA node" % count, "At most %d" % SLOTS_PER_BRIDGE))
    for device in devices:
        usual = device.pop("usual")
        path = "%s/%s" % (node, device["name"])
        if device.get("own_bridge"):
            problems += bridge_faults(path, device, usual, taken)
        problems += [fault for port in device["ports"] for fault in port_faults(path, device, port, usual)]
    return problems


def bridge_faults(path, device, usual, taken):
    """A bridge of its own takes the bus before the device's, too."""
    buses = (device["bus"] - 1, device["bus"])
    holder = next((taken[bus] for bus in buses if bus in taken), None)
    taken.update(dict.fromkeys(buses, device["name"]))
    if holder is None and device["bus"] in BUSES:
        return []
    what = "bus %02x or the one before it is in use by %s" % (device["bus"], holder or "the machine itself")
    advice = 'Write pci: "%s", or leave it out' % address(usual, device["ports"][0]["function"])
    return [Problem(path + ".pci", what, advice, device["pci"])]


def port_faults(path, device, port, usual):
    """The ports of a NIC are the functions of one device."""
    wanted = port["wanted_pci"]
    if not wanted or str(wanted).lower() == port["pci"]:
        return []
    bus = device["bus"] if ADDRESS.match(str(wanted).lower()) else usual
    advice = 'Write pci: "%s"' % address(bus, port["function"])
    return [Problem("%s/%s.pci" % (path, port["name"]), "the virtual testbed puts this port elsewhere", advice, wanted)]
