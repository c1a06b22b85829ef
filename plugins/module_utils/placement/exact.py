# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Branch and bound over the nodes of the pods, in the order of admission. It starts from the heuristic's plan and ends
with one that nothing beats, or says that it gave up after so many steps.
"""

from __future__ import annotations

from .bounds import Bounds
from .plan import Plan

MOST_STEPS = 300000


class Exact:
    """One search. plan: the best found; proven: whether nothing beats it; bound: a value that no plan goes below."""

    def __init__(self, board, start, most_steps=MOST_STEPS):
        """start: a Plan of the heuristic, whose value is to be met or beaten."""
        self.board, self.left = board, most_steps
        self.plan = Plan(board, None)
        for at, number in enumerate(start.where):
            if number is not None:
                self.plan.put(at, number)
        self.best, self.best_value = self.plan.snapshot(), self.plan.value()
        for at in reversed(range(len(board.pods))):
            if self.plan.where[at] is not None:
                self.plan.remove(at)
        self.bounds = Bounds(board, self.plan)
        self.same = [self._same(at) for at in range(len(board.pods))]
        self.bound = self.bounds.value(0)
        self.proven = self._search(0)
        self.plan.restore(self.best)

    def _same(self, at):
        """Whether a pod is a replica like the one before it: then it need not go to an earlier node than that."""
        if not at or self.board.homes[at] is not None or self.board.homes[at - 1] is not None:
            return False
        one, other = self.board.pods[at], self.board.pods[at - 1]
        return one.key == other.key and one.nodes == other.nodes

    def _search(self, at):
        """Tries all nodes for the pod and what follows; True: nothing was given up."""
        if self.bounds.value(at) >= self.best_value:
            return True
        if at == len(self.board.pods):
            self.best, self.best_value = self.plan.snapshot(), self.plan.value()
            return True
        self.left -= 1
        if self.left < 0:
            return False
        complete = True
        for dummy, number in self._choices(at):
            self.plan.put(at, number)
            complete &= self._search(at + 1)
            self.plan.remove(at)
        return self._search(at + 1) and complete  # without it

    def _choices(self, at):
        """[(what the pod adds, node)], the least first. Of empty nodes of one kind only the first is tried."""
        plan, found, seen = self.plan, [], set()
        first = plan.where[at - 1] if self.same[at] and plan.where[at - 1] is not None else -1
        for number in self.bounds.floors[at]:
            if not plan.on[number] and not self._special(number):
                if self.board.kind[number] in seen:
                    continue
                seen.add(self.board.kind[number])
            added = plan.added(at, number) if number >= first else None
            if added is not None:
                found.append((added, number))
        return sorted(found)

    def _special(self, number):
        """Whether pods treat a node unlike others of its make: it is some pod's home or one of a few allowed."""
        return any(home == number for home in self.board.homes.values()) or any(
            allowed is not None for allowed in self.board.allowed
        )
