# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Conflicts about devices: NIC ports and accelerators that are asked for, against those that are there. Pure."""

from __future__ import annotations

from ..module_utils.suggest import nearest


def conflict(where, what, advice):
    """One conflict as plain data."""
    return {"where": where, "what": what, "advice": advice}


def ports(variables, topology):
    """Each port is there once, where the file says, and can have its VFs."""
    owners = {}
    for number, port in enumerate(variables.get("testbed_ports") or []):
        where = "testbed_ports[%d]" % number
        if not (port.get("pci") or port.get("interface")):
            continue
        device = device_of(port, topology)
        if device is None:
            # One that is told by its name and has no VFs need be no PCI device (a board's own NIC, a veth): whether the
            # link is there, role node_network sees.
            if port.get("pci") or port.get("vfs"):
                yield _missing(where, port, topology)
            continue
        owner = owners.setdefault(device["address"], where)
        if owner != where:
            what = "is the device %s, which %s is already" % (device["address"], owner)
            yield conflict(where, what, "Correct pci or interface of one of the two: its VFs are promised twice")
        yield from _node_of(where, port, device)


def device_of(port, topology):
    """The PCI device of a port in a topology, by address, else by name; None where there is none."""
    if port.get("pci"):
        hits = (one for one in _nics(topology) if one["address"] == port["pci"])
    else:
        hits = (one for one in _nics(topology) if port.get("interface") in (one.get("net") or ()))
    return next(hits, None)


def _nics(topology):
    """The physical functions among the NICs."""
    nics = (device for device in topology.get("pci_devices") or [] if device.get("kind") == "nic")
    return [device for device in nics if (device.get("sriov") or {}).get("role") != "vf"]


def _missing(where, port, topology):
    physical = _nics(topology)
    there = ["%s (%s)" % (device["address"], ", ".join(device.get("net") or []) or "no name") for device in physical]
    key = "pci" if port.get("pci") else "interface"
    known = [name for device in physical for name in ([device["address"]] if key == "pci" else device.get("net") or [])]
    hit = nearest(port[key], known)
    advice = 'Did you mean "%s"? ' % hit if hit else ""
    text = "the node has no NIC port %s (port %s of NIC %s)" % (port[key], port.get("port"), port.get("nic"))
    return conflict("%s.%s" % (where, key), text, "%sThere are: %s" % (advice, "; ".join(there) or "none"))


def _node_of(where, port, device):
    asked, found = port.get("numa_node"), device.get("numa_node", -1)
    if asked is not None and found not in (-1, asked):
        what = "NIC %s hangs on NUMA node %d, not %d" % (port.get("nic"), found, asked)
        yield conflict(where + ".numa_node", what, "Correct numa_node of the NIC in the profile")


def accelerators(variables, topology):
    """As many devices of a kind (and id) as are asked for are there, on their NUMA node."""
    asked = {}
    for number, entry in enumerate(variables.get("testbed_accelerators") or []):
        key = (entry.get("kind"), entry.get("numa_node"), entry.get("id"))
        place, count = asked.get(key, (number, 0))
        asked[key] = (place, count + (entry.get("count") or 1))
    for (kind, node, ids), (number, count) in asked.items():
        of_kind = [device for device in topology.get("pci_devices") or [] if _is(device, kind, ids)]
        here = [device for device in of_kind if node is None or device.get("numa_node", -1) in (-1, node)]
        if len(here) < count:
            name = " ".join(part for part in (kind, ids) if part)
            place = "" if node is None else " on NUMA node %d" % node
            what = "%d x %s asked for%s, %d found" % (count, name, place, len(here))
            yield conflict("testbed_accelerators[%d]" % number, what, _where_else(of_kind, name))


def _is(device, kind, ids):
    if (device.get("sriov") or {}).get("role") == "vf" or device.get("kind") != kind:
        return False
    return ids is None or ids.lower() == "%s:%s" % (device.get("vendor"), device.get("device"))


def _where_else(devices, name):
    if not devices:
        return "The node has no %s: correct the profile, or give the node another one" % name
    there = ["%s (NUMA node %d)" % (device["address"], device.get("numa_node", -1)) for device in devices]
    return "There are: %s" % ", ".join(there)
