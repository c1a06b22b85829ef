# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The hints of the three providers as functions of what is free. They count only, so they are cheap at scale.

A hint is (tuple of NUMA ids, preferred); a provider's answer is {resource: None | [hints]}, as topology_manager.admit
takes it. Preferred are the hints with as few NUMA nodes as an empty machine needs: on a machine that is half full a
pod that would fit into one node if that were empty is not preferred on two.
"""

from __future__ import annotations

from . import masks


def cpu(total, free, request, reusable=()):
    """The hints of the static CPU manager for request exclusive CPUs: {"cpu": [...]}, {} where it pins none.

    total, free: {NUMA id: CPUs}; free leaves out what is reserved and what containers have for themselves. A node
    without a CPU is in no hint.
    reusable: {NUMA id: CPUs} that init containers of the same pod had (all of them must be in a hint).
    A request that is not whole, or of a pod that is not Guaranteed, pins nothing: ask with 0.
    """
    return {"cpu": _cpu(total, free, request, dict(reusable), None)} if request else {}


def cpu_by_socket(total, free, request, sockets, reusable=()):
    """As cpu() with the option align-by-socket. sockets: {NUMA id: set of sockets}."""
    return {"cpu": _cpu(total, free, request, dict(reusable), sockets)} if request else {}


def _cpu(total, free, request, reusable, sockets):
    nodes = tuple(sorted(node for node, count in total.items() if count))
    least, found = len(nodes), []
    needed = masks.of(node for node, count in reusable.items() if count)
    given = sum(reusable.values())
    for ids, word in masks.subsets(nodes):
        if len(ids) < least and sum(total[node] for node in ids) >= request:
            least = len(ids)
        if needed & ~word or given + sum(free.get(node, 0) for node in ids) < request:
            continue
        found.append((ids, len(ids)))
    if sockets is None:
        return [(ids, size == least) for ids, size in found]
    fewest = _fewest_sockets(least, len(nodes), len(set().union(*sockets.values())))
    return [(ids, size == least or _spanned(ids, sockets) == fewest) for ids, size in found]


def _fewest_sockets(least, nodes, sockets):
    """How many sockets the request needs; no hint is aligned (0) where sockets are smaller than NUMA nodes."""
    per_socket = nodes // sockets
    return -(-least // per_socket) if per_socket else 0


def _spanned(ids, sockets):
    return len(set().union(*(sockets[node] for node in ids)))


def device(total, free, request, numa_nodes, reusable=()):
    """The device manager's hints for request devices of one resource: None, or a list.

    total: {tuple of NUMA ids: count} of all devices, free: of those that are healthy and not given; () is a device
    without a NUMA node, as plugins report -1. reusable: of devices that init containers of the pod had.
    numa_nodes: all of the node; the kubelet looks only at those that have devices of the resource (since 1.37).
    None where no device of the resource has a NUMA node: then the Topology Manager does not look at it at all.
    """
    if not any(total):
        return None
    reusable = dict(reusable)
    if sum(free.values()) + sum(reusable.values()) < request:
        return []
    present = {node for ids in total for node in ids}
    nodes = tuple(sorted(present.intersection(numa_nodes))) or tuple(sorted(numa_nodes))
    rows = [[(masks.of(ids), count) for ids, count in tally.items()] for tally in (total, free, reusable)]
    least, found = len(nodes), []
    for ids, word in masks.subsets(nodes):
        if len(ids) < least and _within(rows[0], word) >= request:
            least = len(ids)
        if any(mask and count and not mask & word for mask, count in rows[2]):
            continue
        if _within(rows[1], word) + _within(rows[2], word) >= request:
            found.append(ids)
    return [(ids, len(ids) == least) for ids in found]


def _within(rows, word):
    """Devices that touch a set of NUMA nodes."""
    return sum(count for mask, count in rows if mask & word)


def memory(cells, request, reusable=()):
    """The Static memory manager's hints for {resource: bytes}: {resource: [...]}, {} where nothing fits.

    cells: {NUMA id: memory_static.Cell}. reusable: {(NUMA ids, resource): bytes} of the pod's init containers.
    {} is no refusal: the Topology Manager takes it for no preference, and the memory manager then refuses the
    container itself (memory_static.allocate).
    """
    nodes = tuple(sorted(cells))
    reusable = dict(reusable)
    least, found = len(nodes), []
    for ids, dummy in masks.subsets(nodes):
        if any(sum(cells[node].allocatable(name) for node in ids) < size for name, size in request.items()):
            continue
        least = min(least, len(ids))
        if _grouped_otherwise(cells, ids):
            continue
        if all(
            sum(cells[node].free(name) for node in ids) + reusable.get((ids, name), 0) >= size
            for name, size in request.items()
        ):
            found.append(ids)
    return {name: [(ids, len(ids) == least) for ids in found] for name in request} if found else {}


def _grouped_otherwise(cells, ids):
    """A NUMA node gives memory either alone or in one group: True where that forbids these nodes."""
    if len(ids) == 1:
        return len(cells[ids[0]].group) > 1
    return any(cells[node].assignments and cells[node].group != ids for node in ids)
