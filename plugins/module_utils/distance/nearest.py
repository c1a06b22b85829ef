# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is near a device: other devices, and the CPUs of its NUMA node."""

from __future__ import annotations

from .. import cpuset
from ..errors import EngineError
from ..topology.address import sort_key
from . import devices as devs
from .levels import LEVELS, weights
from .matrix import ranks

WHOLE, ERROR = "all", "error"


def nearest_devices(topology, device, kind=None, count=None, weights_over=None):
    """List of {address, kind, level, weight} of the other devices, nearest first, by address where equally near.

    device: address, network or RDMA device name; kind: a kind or a list of them; count: at most so many.
    """
    table = weights(weights_over)
    known = devs.all_devices(topology)
    origin = devs.find(known, device)
    others = [other for other in devs.select(known, [kind] if isinstance(kind, str) else kind) if other is not origin]
    row = ranks([origin] + others, devs.root_nodes(topology, known))[0][1:]
    found = [
        {"address": other["address"], "kind": other.get("kind"), "level": LEVELS[rank], "weight": table[LEVELS[rank]]}
        for other, rank in zip(others, row)
    ]
    found.sort(key=lambda near: (near["weight"], sort_key(near["address"])))
    return found if count is None else found[: _count(count)]


def _count(value):
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = 0
    if number < 1 or isinstance(value, bool):
        raise EngineError("%r is not a number of devices" % (value,), "count", "Write a whole number from 1 on")
    return number


def numa_cpus(topology, device, reserved="", unknown=ERROR):
    """Sorted ints: the online CPUs of a device's NUMA node without the reserved ones ("0,2-3" or a list).

    A device that says -1 has the node of its root complex's other devices, or the only node of the machine.
    unknown: where that gives none, "error" or "all" (every online CPU).
    """
    if unknown not in (WHOLE, ERROR):
        raise EngineError("%r is no choice" % (unknown,), "unknown", 'Write "error" or "all"')
    topology = devs.unwrap(topology)
    known = devs.all_devices(topology)
    found = devs.find(known, device)
    node = _node(topology, found, known)
    if node < 0 and unknown == ERROR:
        raise EngineError(
            "nobody knows the NUMA node of this device",
            found["address"],
            'Set it in the firmware, choose the CPUs by hand, or pass unknown="all" for every CPU',
        )
    kept = set(_reserved(reserved))
    return sorted(cpu for cpu in _online(topology, node) if cpu not in kept)


def _node(topology, device, known):
    if device["numa_node"] >= 0:
        return device["numa_node"]
    nodes = topology.get("numa_nodes")
    if isinstance(nodes, (list, tuple)) and len(nodes) == 1 and isinstance(nodes[0], dict):
        return nodes[0].get("node", -1)
    return devs.root_nodes(topology, known)[device["pcie_path"][0]]


def _online(topology, node):
    """Numbers of the online CPUs of a NUMA node, of all for -1."""
    try:
        return [cpu["cpu"] for cpu in topology["cpus"] if cpu["online"] and node in (-1, cpu["numa_node"])]
    except (KeyError, TypeError):
        raise EngineError("has no list of CPUs with online and numa_node", "topology.cpus", devs.EXPECTED) from None


def _reserved(value):
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    if isinstance(value, (list, tuple)):
        value = ",".join(str(part) for part in value)
    return cpuset.parse(value or "", "reserved")
