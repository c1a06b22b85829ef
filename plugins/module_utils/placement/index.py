# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Nodes by what they have left, so that a pod on a big site looks at a handful of them and not at all."""

from __future__ import annotations

import bisect

from .options import enough

FEW = 32  # with so many nodes a pod looks at all
MOST_GROUPS = 16  # forms of nodes that are looked at each for itself
FREEST, TIGHTEST = 3, 3  # how many of a group are looked at, from both ends
SCANNED = 24  # how many more are passed over before a group is given up


class Index:
    """Keeps, per group of like nodes and per resource, the nodes sorted by free amount."""

    def __init__(self, board):
        self.board = board
        forms = len({node.form for node in board.nodes})
        self.group = [node.form if forms <= MOST_GROUPS else node.form % MOST_GROUPS for node in board.nodes]
        self.states = [base.state for base in board.base]
        self.free = [self._free(number) for number in range(len(board.nodes))]
        self.lists = {}
        for number, free in enumerate(self.free):
            for name, amount in free.items():
                self.lists.setdefault((self.group[number], name), []).append((amount, number))
        for entries in self.lists.values():
            entries.sort()

    def _free(self, number):
        """{resource: free amount}; VFs by network too."""
        node, state = self.board.nodes[number], self.states[number]
        found = {"cpu": sum(state.cpus), "milli": state.milli}
        for pool, count in zip(node.pools, state.pools):
            found[pool.resource] = found.get(pool.resource, 0) + count
            if pool.resource == "sriov":
                found[pool.network] = found.get(pool.network, 0) + count
        return found

    def update(self, number, state):
        """Notes what a node has left now."""
        self.states[number] = state
        before, after = self.free[number], self._free(number)
        for name, amount in after.items():
            if amount != before[name]:
                entries = self.lists[self.group[number], name]
                del entries[bisect.bisect_left(entries, (before[name], number))]
                bisect.insort(entries, (amount, number))
        self.free[number] = after

    def candidates(self, place):
        """Numbers of nodes that are worth a look for a pod, without a promise that it fits there."""
        nodes, demand = self.board.nodes, self.board.pods[place].demand
        allowed = self.board.allowed[place]
        if len(nodes) <= FEW or (allowed is not None and len(allowed) <= FEW):
            return sorted(range(len(nodes)) if allowed is None else allowed)
        name, wanted = self._tightest(demand)
        found = []
        for group in sorted(set(self.group)):
            entries = self.lists.get((group, name), [])
            low = bisect.bisect_left(entries, (wanted, -1))
            found += self._some(demand, entries, range(len(entries) - 1, low - 1, -1), FREEST)
            found += self._some(demand, entries, range(low, len(entries)), TIGHTEST)
        home = self.board.homes[place]
        return sorted(set(found) | ({home} if home is not None else set()))

    @staticmethod
    def _tightest(demand):
        """(resource, amount) by which nodes are looked for."""
        if demand.compute:
            return demand.compute[0]
        vfs = [slot for slot in demand.slots if not slot.macvlan and not slot.shared]
        if vfs:
            network = vfs[0].network
            return network or "sriov", sum(slot.network == network for slot in vfs)
        return ("cpu", demand.cpus) if demand.cpus else ("milli", demand.milli)

    def _some(self, demand, entries, order, most):
        """A few nodes in this order that have enough of all, no two in the same state."""
        found, seen, passed = [], set(), 0
        for at in order:
            number = entries[at][1]
            node, state = self.board.nodes[number], self.states[number]
            key = (node.form, state.key())
            if key in seen or not enough(node, state, demand):
                passed += 1
                if passed > SCANNED:
                    break
                continue
            seen.add(key)
            found.append(number)
            if len(found) == most:
                break
        return found

    def everywhere(self, place):
        """Every node with enough of all: the last resort of a pod that found no place among the candidates."""
        demand = self.board.pods[place].demand
        return [number for number, node in enumerate(self.board.nodes) if enough(node, self.states[number], demand)]
