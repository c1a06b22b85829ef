# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What no plan can go below, for the search: how many pods stay out at least, and what the others cost at least."""

from __future__ import annotations

import itertools


class Bounds:
    """Lower bounds of a plan in which the pods before some place are decided."""

    def __init__(self, board, plan):
        self.board, self.plan = board, plan
        self.floors = [self._floors(at) for at in range(len(board.pods))]
        self.asks = [_asks(pod.demand) for pod in board.pods]

    def _floors(self, at):
        """{node: what the pod adds there at least} of the nodes that it may use."""
        found, pod = {}, self.board.pods[at]
        for number in range(len(self.board.nodes)):
            if not self.board.may(at, number, ()):
                continue
            least = self.board.floor(number, pod.demand)
            if least is not None:
                found[number] = least + (self.board.weights.move if self.board.homes[at] is not None else 0)
            if self.board.homes[at] == number:
                found[number] = min(found.get(number, 10**18), self.board.present.option_of(pod).own)
        return found

    def value(self, start):
        """(pods that stay out at least, by priority; what the plan costs at least if no more do), pods from start on
        being undecided.
        """
        plan, out = self.plan, list(self.plan.left_out)
        undecided = [at for at in range(start, len(self.board.pods)) if self.floors[at]]
        for at in undecided:
            out[plan.rank[at]] -= 1
        cost = plan.cost + sum(self._least(at, start) for at in undecided)
        for rank, surplus in self._surplus(undecided).items():
            out[rank] += surplus
        return tuple(out), cost

    def _surplus(self, undecided):
        """{rank: how many of its undecided pods cannot fit}, by the totals of each resource alone."""
        free = {}
        for number in range(len(self.board.nodes)):
            for name, amount in _free(self.board.nodes[number], self.plan.outcome(number).state).items():
                free[name] = free.get(name, 0) + amount
        most, ranks = {}, {}
        for at in undecided:
            ranks.setdefault(self.plan.rank[at], []).append(at)
        for rank, places in ranks.items():
            for name, has in free.items():
                asked = sorted(self.asks[at].get(name, 0) for at in places)
                fit = sum(total <= has for total in itertools.accumulate(asked))
                most[rank] = max(most.get(rank, 0), len(places) - fit)
        return most

    def _least(self, at, start):
        """The pod's floor, less all that it can save beside the pods that it talks to."""
        board = self.board
        neighbours = board.graph.neighbours(board.pods[at].key)
        if not neighbours:
            return min(self.floors[at].values())
        open_saving, here = 0, {}
        for other in range(at):
            saving = neighbours.get(board.pods[other].key, 0)
            if saving and other >= start:
                open_saving += saving
            elif saving and self.plan.where[other] is not None:
                here[self.plan.where[other]] = here.get(self.plan.where[other], 0) + saving
        for number in self.floors[at]:
            saving = sum(neighbours.get(other.key, 0) for other in board.base[number].here)
            if saving:
                here[number] = here.get(number, 0) + saving
        return min(least - here.get(number, 0) for number, least in self.floors[at].items()) - open_saving


def _asks(demand):
    """{resource: amount} of a pod."""
    vfs = sum(not slot.macvlan and not slot.shared for slot in demand.slots)
    found = {"milli": demand.milli, "cpu": demand.cpus, "memory": demand.memory, "sriov": vfs}
    found.update(demand.compute)
    return found


def _free(node, state):
    found = {"milli": state.milli, "cpu": sum(state.cpus), "memory": state.total}
    found.update(sriov=0, gpu=0, fpga=0, asic=0)
    for pool, count in zip(node.pools, state.pools):
        if pool.resource in found:
            found[pool.resource] += count
    return found
