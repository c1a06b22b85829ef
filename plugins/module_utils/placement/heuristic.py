# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Places pods one after the other where each adds least, then takes some off and puts them back while that pays.

The second half is ruin and recreate (Schrimpf et al., 2000) with a generator of fixed seed: the same input, the same
plan. Its effort shrinks with the number of pods.
"""

from __future__ import annotations

import random

from .index import Index
from .plan import Plan

SEED = 5
MOST_ROUNDS, EFFORT = 400, 6000  # rounds: at most, and divided by the number of pods
WARM = 10  # by how many hundredths a plan may get worse at the start
NOISE = 0.1  # how often a node that is better is passed over, so that the same few are not tried for ever
NEVER = 10**18
WIDTH_FEW, WIDTH_MANY, MANY = 8, 1, 64  # outcomes that a node keeps, with few and with many pods
LEAST_ROUNDS_FROM = 10  # fewer rounds than this are not worth the start


def place(board):
    """The Plan of a Board."""
    plan = Plan(board, WIDTH_FEW if len(board.pods) <= MANY else WIDTH_MANY)
    search = _Search(plan)
    search.insert_all(range(len(board.pods)))
    rounds = min(MOST_ROUNDS, EFFORT // max(1, len(board.pods)))
    if rounds >= LEAST_ROUNDS_FROM:
        search.improve(rounds)
    return plan


class _Search:
    """The moves on a Plan, with the index kept in step."""

    def __init__(self, plan):
        self.plan, self.board = plan, plan.board
        self.index = Index(plan.board)
        self.random, self.noise = random.Random(SEED), 0
        self.pods_of = {}
        for at, pod in enumerate(self.board.pods):
            self.pods_of.setdefault(pod.key, []).append(at)

    def insert_all(self, places):
        """Puts each pod where it adds least; those that fit nowhere stay out."""
        for at in places:
            number = self.best(at, self.candidates(at))
            if number is None:
                number = self.best(at, self.index.everywhere(at))
            if number is not None:
                self.put(at, number)

    def candidates(self, at):
        """The index's nodes, and those of the pods that it talks to most."""
        found = set(self.index.candidates(at))
        edges = self.board.graph.neighbours(self.board.pods[at].key)
        for key in sorted(edges, key=lambda key: (-edges[key], key))[:4]:
            homes = {self.plan.where[other] for other in self.pods_of.get(key, ())} - {None}
            found.update(sorted(homes)[:4])
        return sorted(found)

    def best(self, at, numbers):
        """The node where a pod adds least; among equal ones that which has least left that it does not use.

        Nodes are looked at in the order of what the pod adds there at least, until none can be better any more.
        """
        ranked = sorted((self._least(at, number), self._idle(at, number), number) for number in numbers)
        best = None
        for rank in ranked:
            if best is not None and rank >= best:
                break
            if rank[0] >= NEVER or (self.noise and self.random.random() < self.noise):
                continue
            added = self.plan.added(at, rank[2])
            if added is None:
                continue
            found = (added,) + rank[1:]
            best = found if best is None or found < best else best
        return None if best is None else best[2]

    def _least(self, at, number):
        """What a pod adds on a node at least."""
        pod = self.board.pods[at]
        if self.board.homes[at] == number:
            return 0
        least = self.board.floor(number, pod.demand)
        if least is None:
            return NEVER
        neighbours = self.board.graph.neighbours(pod.key)
        if neighbours:
            here = [self.board.pods[other].key for other in self.plan.on[number]]
            here += [other.key for other in self.board.base[number].here]
            least -= sum(neighbours.get(key, 0) for key in here)
        return least

    def _idle(self, at, number):
        """Devices that the node has left of other kinds than the pod asks for."""
        demand = self.board.pods[at].demand
        kinds = {resource for resource, dummy in demand.compute} | ({"sriov"} if demand.slots else set())
        pools = self.board.nodes[number].pools
        free = self.index.states[number].pools
        return sum(count for pool, count in zip(pools, free) if pool.resource not in kinds)

    def put(self, at, number):
        self.plan.put(at, number)
        self.index.update(number, self.plan.outcome(number).state)

    def remove(self, at):
        number = self.plan.where[at]
        gone = self.plan.remove(at)
        if gone:
            self.index.update(number, self.plan.outcome(number).state)
        return gone

    def improve(self, rounds):
        """Ruin and recreate; takes what is a little worse too, less and less, and ends with the best."""
        best = before = self.plan.snapshot()
        best_value = value = self.plan.value()
        self.noise = NOISE
        for turn in range(rounds):
            out = self._ruin()
            if self.random.random() < 0.5:
                self.random.shuffle(out)
            self.insert_all(out)
            now = self.plan.value()
            if now < best_value:
                best, best_value = self.plan.snapshot(), now
            slack = max(value[1], 0) * WARM * (rounds - turn) // (100 * rounds)
            if now <= (value[0], value[1] + slack):
                before, value = self.plan.snapshot(), now
            else:
                self._back(before)
        self._back(best)

    def _ruin(self):
        """Takes a few pods off: some at random, all of a node or two, or a service and its neighbours."""
        placed = [at for at, number in enumerate(self.plan.where) if number is not None]
        if not placed:
            return [at for at, number in enumerate(self.plan.where) if number is None]
        way, seed = self.random.random(), self.random.choice(placed)
        count = min(len(placed), self.random.randint(1, 5))
        if way < 0.4:
            chosen = self.random.sample(placed, count)
        elif way < 0.7:
            others = {self.plan.where[seed], self.plan.where[self.random.choice(placed)]}
            chosen = [at for at in placed if self.plan.where[at] in others]
        else:
            keys = {self.board.pods[seed].key} | set(self.board.graph.neighbours(self.board.pods[seed].key))
            chosen = [at for at in placed if self.board.pods[at].key in keys]
        chosen = self.random.sample(chosen, min(len(chosen), 8))
        out = [at for at, number in enumerate(self.plan.where) if number is None]
        return sorted(out + [at for at in sorted(chosen, reverse=True) if self.remove(at)])

    def _back(self, saved):
        changed = [number for number, pods in enumerate(saved[1]) if pods != self.plan.on[number]]
        self.plan.restore(saved)
        for number in changed:
            self.index.update(number, self.plan.outcome(number).state)
