# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""NUMA nodes: CPUs, memory, hugepages by size, distances. Nodes without CPUs or without memory are nodes too."""

from __future__ import annotations

import re

from ..errors import EngineError
from . import cpus
from .reading import DAMAGED, cpu_list, number, numbered

BASE = "/sys/devices/system/node"


def gather(system, volatile=True):
    """List of dicts {node, cpus, memory_bytes, hugepages: {"2048kB": {total, free}}, distances}, by node number.

    distances: to each node of the list, in its order (ACPI SLIT, 10 is local), [] where unknown.
    A kernel without NUMA has no node folder: as hwloc does, the whole machine is then node 0.
    """
    nodes = _online_nodes(system)
    if not nodes:
        return _one_node(system, volatile)
    return [_node(system, node, len(nodes), volatile) for node in nodes]


def _online_nodes(system):
    there = numbered(system.list(BASE), "node")
    online = cpu_list(system, BASE + "/online")
    return there if online is None else [node for node in there if node in set(online)]


def _node(system, node, count, volatile):
    folder = "%s/node%d" % (BASE, node)
    listed = cpu_list(system, folder + "/cpulist", folder + "/cpumap")
    if listed is None:
        listed = numbered(system.list(folder), "cpu")
    return {
        "node": node,
        "cpus": listed,
        "memory_bytes": _memory(system, folder + "/meminfo"),
        "hugepages": _hugepages(system, folder + "/hugepages", volatile),
        "distances": _distances(system, folder + "/distance", count),
    }


def _one_node(system, volatile):
    present = cpus.all_present(system)
    memory = _memory(system, "/proc/meminfo")
    if not present and memory is None:
        return []
    online = cpu_list(system, cpus.BASE + "/online")
    return [
        {
            "node": 0,
            "cpus": present if online is None else online,
            "memory_bytes": memory,
            "hugepages": _hugepages(system, "/sys/kernel/mm/hugepages", volatile),
            "distances": [],
        }
    ]


def _memory(system, path):
    """Bytes of MemTotal, None where the file does not tell."""
    found = re.search(r"MemTotal:\s*([0-9]{1,18}) kB", system.read(path) or "")
    return int(found.group(1)) * 1024 if found else None


def _hugepages(system, folder, volatile):
    sizes = {}
    for name in system.list(folder):
        if name.startswith("hugepages-"):
            pages = {"total": number(system, "%s/%s/nr_hugepages" % (folder, name), 0)}
            if volatile:
                pages["free"] = number(system, "%s/%s/free_hugepages" % (folder, name), 0)
            sizes[name[len("hugepages-") :]] = pages
    return sizes


def _distances(system, path, count):
    """One int per node; a list of another length does not belong to these nodes and is left out."""
    text = system.read(path)
    try:
        found = [int(part) for part in (text or "").split()]
    except ValueError:
        raise EngineError("%r is not a list of distances" % text[:40], path, DAMAGED) from None
    return found if len(found) == count else []
