# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The memory manager's Static policy: from which NUMA nodes the memory and hugepages of a Guaranteed container come."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..errors import EngineError, Problem, ProblemsError
from . import hints, masks

MEMORY = "memory"
HUGEPAGES = re.compile(r"hugepages-([1-9][0-9]*)(Ki|Mi|Gi)")


class Refused(Exception):
    """The memory manager turns the container away; its text is the kubelet's."""


@dataclass
class Table:
    """Bytes of one resource on one NUMA node."""

    allocatable: int
    free: int
    reserved: int = 0


@dataclass
class Cell:
    """A NUMA node: how many blocks of memory are on it, with which nodes it is grouped, its resources."""

    group: tuple
    tables: dict = field(default_factory=dict)
    assignments: int = 0

    def free(self, name):
        """Free bytes of a resource, 0 where the node has none of it."""
        return self.tables[name].free if name in self.tables else 0

    def allocatable(self, name):
        """Bytes that pods may have in all."""
        return self.tables[name].allocatable if name in self.tables else 0


@dataclass
class Block:
    """So many bytes of a resource from some NUMA nodes."""

    numa_nodes: tuple
    resource: str
    size: int


def machine(numa_nodes, reserved):
    """{NUMA id: Cell} of an empty machine.

    numa_nodes: {NUMA id: {"memory": bytes in all, "hugepages-2Mi": bytes, ...}}; hugepages are taken off the memory,
    as the kubelet does. reserved: {NUMA id: {resource: bytes}}, the kubelet's reservedMemory. Raises ProblemsError.
    """
    problems, cells = [], {}
    for node, sizes in sorted(numa_nodes.items()):
        wrong = [name for name in sizes if name != MEMORY and not HUGEPAGES.fullmatch(name)]
        problems += [Problem("NUMA node %d" % node, "has no resource of that kind", "", name) for name in wrong]
        kept, huge = reserved.get(node, {}), sum(size for name, size in sizes.items() if name != MEMORY)
        tables = {name: sizes[name] - kept.get(name, 0) - (huge if name == MEMORY else 0) for name in sizes}
        problems += [
            Problem(
                "NUMA node %d" % node, "has less %s than is reserved on it" % name, "Reserve less", kept.get(name, 0)
            )
            for name, size in tables.items()
            if size < 0
        ]
        cells[node] = Cell((node,), {name: Table(size, size) for name, size in tables.items()})
    if sum(kept.get(MEMORY, 0) for kept in reserved.values()) <= 0:
        problems.append(
            Problem("reservedMemory", "is missing: the Static policy does not start without", "Reserve some")
        )
    if problems:
        raise ProblemsError(problems)
    return cells


def allocate(cells, request, affinity, preferred, reusable=()):
    """[Block] for {resource: bytes}; takes them off the cells. Raises Refused.

    affinity, preferred: the Topology Manager's decision; None: the memory manager looks for the best by itself.
    reusable: {(NUMA ids, resource): bytes} of the pod's init containers.
    """
    reusable = dict(reusable)
    chosen = _affinity(cells, request, affinity, preferred, reusable)
    if len(chosen) > 1 and any(cells[node].assignments and cells[node].group != chosen for node in chosen):
        raise Refused("[memorymanager] preferred hint violates NUMA node allocation")
    for name, size in request.items():
        _take(cells, chosen, name, max(0, size - reusable.get((chosen, name), 0)))
    return [Block(chosen, name, size) for name, size in request.items()]


def _affinity(cells, request, affinity, preferred, reusable):
    if affinity is None:
        found = hints.memory(cells, request, reusable)
        if not found:
            what = "failed to get the default NUMA affinity, no NUMA nodes with enough memory is available"
            raise Refused("[memorymanager] " + what)
        affinity, best = _best(_of_memory(found))
        if preferred and not best:
            raise Refused("[memorymanager] failed to find the default preferred hint")
        preferred = best
    if all(sum(cells[node].free(name) for node in affinity) >= size for name, size in request.items()):
        return tuple(affinity)
    # A merged affinity can be narrower than the memory needs.
    wider = [hint for hint in hints.memory(cells, request, reusable).get(MEMORY, []) if set(affinity) <= set(hint[0])]
    if not wider:
        raise Refused("[memorymanager] failed to find NUMA nodes to extend the current topology hint")
    affinity, best = _best(wider)
    if preferred and not best:
        raise Refused("[memorymanager] failed to find the extended preferred hint")
    return affinity


def _of_memory(found):
    if MEMORY not in found:
        raise EngineError("a Guaranteed container asks for memory too", "memory", "Add it to the request")
    return found[MEMORY]


def _best(found):
    """Preferred ones first, then few nodes, then low ids."""
    return min(found, key=lambda hint: (not hint[1], len(hint[0]), masks.of(hint[0])))


def _take(cells, nodes, name, size):
    """Fill the nodes one after the other; every one of them counts an assignment, also for nothing."""
    for node in nodes:
        cell = cells[node]
        cell.assignments += 1
        cell.group = nodes
        taken = min(size, cell.free(name))
        if taken:
            cell.tables[name].free -= taken
            cell.tables[name].reserved += taken
            size -= taken


def release(cells, blocks):
    """Put blocks back."""
    for block in blocks:
        size = block.size
        for node in block.numa_nodes:
            cell = cells[node]
            cell.assignments -= 1
            if not cell.assignments:
                cell.group = (node,)
            given = min(size, cell.tables[block.resource].reserved if block.resource in cell.tables else 0)
            if given:
                cell.tables[block.resource].free += given
                cell.tables[block.resource].reserved -= given
                size -= given
