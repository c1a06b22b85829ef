# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A plan under way: which pod is on which node, and what that costs."""

from __future__ import annotations

import bisect


class Plan:
    """where: per pod (place in board.pods) the number of its node or None; on: per node its pods, ascending."""

    def __init__(self, board, width):
        """width: see Board.outcomes."""
        self.board, self.width = board, width
        self.where = [None] * len(board.pods)
        self.on = [()] * len(board.nodes)
        self.costs = [base.cost for base in board.base]
        self.cost = sum(self.costs) + board.graph.total
        ranks = sorted({pod.priority for pod in board.pods}, reverse=True)
        self.rank = [ranks.index(pod.priority) for pod in board.pods]
        self.left_out = [0] * len(ranks)  # pods without a node, those of the highest priority first
        for rank in self.rank:
            self.left_out[rank] += 1

    def value(self):
        """What is minimised: pods left out, the most important first, then the cost."""
        return tuple(self.left_out), self.cost

    def added(self, place, number):
        """What a pod adds to the cost on a node, None where it cannot be there."""
        pods = self.on[number]
        if not self.board.may(place, number, pods):
            return None
        cost = self.board.cost(number, _with(pods, place), self.width)
        return None if cost is None else cost - self.costs[number]

    def put(self, place, number):
        """Puts a pod on a node that has a place for it."""
        self._set(number, _with(self.on[number], place))
        self.where[place] = number
        self.left_out[self.rank[place]] -= 1

    def remove(self, place):
        """Takes a pod off its node; False, and nothing is done, where the others would then not fit any more: the
        kubelet might put one of them where another must be.
        """
        number = self.where[place]
        pods = tuple(other for other in self.on[number] if other != place)
        if self.board.cost(number, pods, self.width) is None:
            return False
        self._set(number, pods)
        self.where[place] = None
        self.left_out[self.rank[place]] += 1
        return True

    def _set(self, number, pods):
        self.on[number] = pods
        cost = self.board.cost(number, pods, self.width)
        self.cost += cost - self.costs[number]
        self.costs[number] = cost

    def outcome(self, number):
        """The best Outcome of a node's pods."""
        return self.board.outcomes(number, self.on[number], self.width)[0]

    def snapshot(self):
        """All that changes, to be given to restore."""
        return self.where[:], self.on[:], self.costs[:], self.cost, self.left_out[:]

    def restore(self, saved):
        """Goes back to a snapshot, which stays as it is."""
        self.where, self.on, self.costs, self.cost, self.left_out = (
            saved[0][:],
            saved[1][:],
            saved[2][:],
            saved[3],
            saved[4][:],
        )


def _with(pods, place):
    at = bisect.bisect(pods, place)
    return pods[:at] + (place,) + pods[at:]
