# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Whether the kubelet of a node admits a container, and on which NUMA nodes: the models of module_utils/kubelet, asked
with the counts that placement keeps. Answers are kept, since services and nodes of one make ask the same again.
"""

from __future__ import annotations

from functools import lru_cache

from ..kubelet import hints, memory_static
from ..kubelet.topology_manager import manager

KEPT = 1 << 16


class Request:
    """What a container (or, in scope pod, all containers) asks the kubelet's managers for."""

    def __init__(self, needs, pools_of_slots, node):
        """needs: of the containers; pools_of_slots: a pool number for each VF of theirs, None for a macvlan."""
        watched = [need for need in needs if need.guaranteed]
        self.cpus = sum(need.cpus for need in needs)
        self.single = [need.cpus for need in needs if need.cpus]
        self.memory = memory_of(watched)
        self.devices = {}
        for place in pools_of_slots:
            if place is not None:
                name = node.pools[place].plugin_resource
                self.devices[name] = self.devices.get(name, 0) + 1
        for need in needs:
            for resource, count in need.compute:
                name = (resource,)
                self.devices[name] = self.devices.get(name, 0) + count


def memory_of(needs):
    """((resource, bytes)) as the memory manager sees it: memory first; () where nobody asks."""
    found = {}
    for need in needs:
        for size, amount in need.hugepages:
            found["hugepages-" + size] = found.get("hugepages-" + size, 0) + amount
    memory = sum(need.memory for need in needs)
    return (("memory", memory),) + tuple(sorted(found.items())) if memory or found else ()


def admit(node, state, request):
    """(admitted, tuple of NUMA ids or None, preferred) of a Request; None: the managers choose freely."""
    if not _whole_cores(node, request.single):
        return False, None, False
    if node.policy == "none":
        return True, None, False
    answers, ids = [], tuple(node.numa_ids)
    if request.cpus:
        answers.append(_cpu_hints(request.cpus, tuple(node.all_cpus), tuple(state.cpus), ids))
    if node.pins_memory and request.memory:
        answers.append(_memory_hints(_table(node, state, request.memory), request.memory, ids))
    for name in sorted(request.devices, key=str):
        answers.append(_device_hints(node, state, name, request.devices[name], ids))
    return _merged(node.policy, tuple(answer for answer in answers if answer is not None), ids)


def _whole_cores(node, counts):
    """full-pcpus-only refuses a number of CPUs that leaves a thread of a core to others."""
    return not node.full_cores or all(count % node.threads == 0 for count in counts)


@lru_cache(maxsize=KEPT)
def _merged(policy, answers, ids):
    """The decision on answers, each a tuple of hints (None left out)."""
    found = manager(policy, ids)
    word, preferred = found.merge([{place: list(answer) for place, answer in enumerate(answers)}])
    admitted, affinity = found.admit([{place: list(answer) for place, answer in enumerate(answers)}])
    return admitted, None if word is None else affinity, preferred


@lru_cache(maxsize=KEPT)
def _cpu_hints(wanted, total, free, ids):
    return tuple(hints.cpu(dict(zip(ids, total)), dict(zip(ids, free)), wanted)["cpu"])


def _device_hints(node, state, name, wanted, ids):
    total, free = {}, {}
    for place in node.pools_named.get(name, ()):
        pool = node.pools[place]
        at = (ids[pool.told],) if pool.told >= 0 else ()
        total[at] = total.get(at, 0) + pool.total
        free[at] = free.get(at, 0) + state.pools[place]
    return _counted(wanted, tuple(sorted(total.items())), tuple(sorted(free.items())), ids)


@lru_cache(maxsize=KEPT)
def _counted(wanted, total, free, ids):
    found = hints.device(dict(total), dict(free), wanted, ids)
    return None if found is None else tuple(found)


def _table(node, state, asked):
    """What the memory manager knows: per NUMA node the group, its members, and (allocatable, free) by resource."""
    rows = []
    for name, dummy in asked:
        size = name[len("hugepages-") :]
        has = (node.memory, state.memory) if name == "memory" else (node.hugepages.get(size), state.hugepages.get(size))
        rows.append(tuple(zip(*has)) if has[0] else ((0, 0),) * len(node.numa_ids))
    return tuple(state.groups), tuple(state.members), tuple(rows)


def _cells(table, asked, ids):
    groups, members, rows = table
    cells = {}
    for place, number in enumerate(ids):
        tables = {
            name: memory_static.Table(row[place][0], row[place][1], row[place][0] - row[place][1])
            for (name, dummy), row in zip(asked, rows)
        }
        cells[number] = memory_static.Cell(groups[place] or (number,), tables, members[place])
    return cells


@lru_cache(maxsize=KEPT)
def _memory_hints(table, asked, ids):
    found = hints.memory(_cells(table, asked, ids), dict(asked))
    return tuple(found["memory"]) if found else None


def give_memory(node, state, need, affinity, preferred):
    """(NUMA ids, {resource: [bytes per NUMA node]}) that the memory manager gives a container; None: it refuses."""
    asked = memory_of([need])
    if not asked:
        return (), ()
    ids = tuple(node.numa_ids)
    return _given(_table(node, state, asked), asked, ids, affinity, preferred)


@lru_cache(maxsize=KEPT)
def _given(table, asked, ids, affinity, preferred):
    cells = _cells(table, asked, ids)
    try:
        blocks = memory_static.allocate(cells, dict(asked), affinity, preferred)
    except memory_static.Refused:
        return None
    given = []
    for (name, dummy), row in zip(asked, table[2]):
        given.append((name, tuple(free - cells[number].free(name) for number, (dummy2, free) in zip(ids, row))))
    return blocks[0].numa_nodes, tuple(given)


def spread(wanted, free, whole, places):
    """How many CPUs each NUMA node gives: [count]. Whole free NUMA nodes first, then the fullest, as the kubelet.

    free, whole: free ones and all that could be given; places: the NUMA nodes to take from before the others.
    """
    given = [0] * len(free)
    for turn in (places, [place for place in range(len(free)) if place not in places]):
        aligned = min(wanted, sum(free[place] for place in turn))
        for place in turn:
            if whole[place] and free[place] == whole[place] <= aligned:
                given[place] = free[place]
                aligned -= free[place]
                wanted -= free[place]
        for place in sorted(turn, key=lambda place: (free[place], place)):
            count = min(aligned, free[place] - given[place])
            given[place] += count
            aligned -= count
            wanted -= count
    return tuple(given) if wanted == 0 else None


def fill(wanted, free):
    """How many bytes each NUMA node gives where nobody decides: lowest first; None: not enough."""
    given = []
    for amount in free:
        given.append(min(wanted, amount))
        wanted -= given[-1]
    return tuple(given) if wanted == 0 else None
