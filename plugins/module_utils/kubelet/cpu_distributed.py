# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""takeByTopologyNUMADistributed: as many CPUs of each NUMA node, where one node is too small (KEP-2902).

Follows pkg/kubelet/cm/cpumanager/cpu_assignment.go with its faults: with five and more NUMA nodes it remembers a set
of nodes in memory that its next step writes over (views below), and it can try for ever to hand out a rest.
"""

from __future__ import annotations

import math

from ..errors import EngineError
from .cpu_packed import Accumulator, take

ENDLESS = "the kubelet would never come to an end over this request"
MEND = "Leave out distribute-cpus-across-numa, or ask for other numbers of CPUs"


def distribute(topology, available, count, group, spread=False, by_socket=False):
    """The set of count CPUs, handed out in groups of so many. Raises NotEnough, EngineError."""
    if count % group:
        return take(topology, available, count, spread)
    found = Accumulator(topology, available, count, spread)
    if found.done():
        return found.taken
    found.check()
    nodes = found.numa_nodes()
    for size in _sizes(found, group):
        best = _Search(found, nodes, group, by_socket).best(size)
        if best is not None:
            return _hand_out(found, best, group)
    return take(topology, available, count, spread)


def _sizes(found, group):
    """How many NUMA nodes it may take."""
    groups, wanted = _up(len(found.topology.cpus), group), _up(found.needed, group)
    per_node = _up(groups, len(found.topology.members["numa"]))
    return range(_up(wanted, per_node), min(wanted, len(found.by("numa"))) + 1)


def _up(number, by):
    return (number - 1) // by + 1


def views(items, size):
    """All combinations of a size, each as (list, length): Go slices, of which several can share one array."""

    def walk(start, left, array, length):
        if not left:
            yield array, length
            return
        for index in range(start, len(items) - left + 1):
            yield from walk(index + 1, left - 1, *_append(array, length, items[index]))

    return walk(0, size, [], 0) if size > 0 else iter(())


def _append(array, length, item):
    """Go's append: writes into the array where there is room, else copies to one of twice the size."""
    if length == len(array):
        array = array + [None] * max(1, length)
    array[length] = item
    return array, length + 1


def read(view):
    """The items of a view, as they are now."""
    return view[0][: view[1]]


def deviation(numbers):
    """The standard deviation, rounded as the kubelet does it."""
    mean = _rounded(sum(numbers) / float(len(numbers)))
    return _rounded(math.sqrt(sum((number - mean) * (number - mean) for number in numbers) / float(len(numbers))))


def _rounded(value):
    """Three digits, halves away from zero."""
    whole = math.floor(value * 1000)
    return (whole + 1 if value * 1000 - whole >= 0.5 else whole) / 1000.0


class _Search:
    """Looks for the set of NUMA nodes on which the CPUs can be spread with the best balance."""

    def __init__(self, found, nodes, group, by_socket):
        self.found, self.nodes, self.group, self.by_socket = found, nodes, group, by_socket
        self.count = found.needed
        self.free = {node: len(cpus) for node, cpus in found.by("numa").items()}

    def best(self, size):
        """(nodes, nodes of the rest) as views, None where no set of this size will do."""
        best, balance, in_one = None, math.inf, False
        for view in views(self.nodes, size):
            if balance == 0 and (not self.by_socket or in_one):
                break
            combo = read(view)
            even = self._even(combo)
            if even is None:
                continue
            local, rest = self._balance(combo, even)
            same = self.by_socket and self._one_socket(combo)
            better = same if self.by_socket and same != in_one else local < balance
            if better:
                best, balance, in_one = (view, rest), local, same if self.by_socket else in_one
        return best

    def _even(self, combo):
        """How many CPUs each node of the set gives, None where it cannot be."""
        if sum(self.free[node] for node in combo) < self.count:
            return None
        if sum(self.free[node] // self.group for node in combo) * self.group < self.count:
            return None
        even = self.count // len(combo) // self.group * self.group
        if self.by_socket:
            even = min([even] + [self.free[node] // self.group * self.group for node in combo])
        return even if all(self.free[node] >= even for node in combo) else None

    def _balance(self, combo, even):
        """(balance, view of the nodes that give the rest or None) of the best way to hand out the rest."""
        after = dict(self.free)
        for node in combo:
            after[node] -= even
        rest = self.count - even * len(combo)
        if not rest:
            return deviation(list(after.values())), None
        able = [node for node in combo if after[node] >= self.group]
        best, nodes = math.inf, None
        for size in range(len(able), 0, -1):
            for view in views(able, size):
                balance = self._balance_of(read(view), dict(after), rest)
                if balance is not None and balance < best:
                    best, nodes = balance, view
        return best, nodes

    def _balance_of(self, subset, after, rest):
        if sum(after[node] for node in subset) < rest:
            return None
        while rest > 0:
            before = rest
            for node in subset:
                if rest == 0:
                    break
                if after[node] >= self.group:
                    after[node] -= self.group
                    rest -= self.group
            if rest == before:
                raise EngineError(ENDLESS, advice=MEND)
        return deviation(list(after.values()))

    def _one_socket(self, combo):
        sockets = self.found.topology.sockets()
        return len(set().union(*(sockets[node] for node in combo))) <= 1


def _hand_out(found, best, group):
    """Take the even share of each node, then the rest."""
    combo, rest_of = read(best[0]), read(best[1]) if best[1] else []
    free = {node: len(found.by("numa").get(node, ())) for node in combo}
    even = min([found.needed // len(combo) // group * group] + [free[node] // group * group for node in combo])
    rest = found.needed - even * len(combo)
    for node in combo:
        _take_of(found, node, even)
    while rest > 0:
        before = rest
        for node in rest_of:
            if rest == 0:
                break
            if len(found.by("numa").get(node, ())) >= group:
                _take_of(found, node, group)
                rest -= group
        if rest == before:
            raise EngineError(ENDLESS, advice=MEND)
    if found.needed:
        raise EngineError("the kubelet miscounts over this request and refuses it", advice=MEND)
    return found.taken


def _take_of(found, node, count):
    found.take(take(found.topology, found.by("numa").get(node, ()), count, found.spread))
