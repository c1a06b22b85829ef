# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Exact placement with HiGHS: every set of pods that a node can hold is a column with its cost, and the solver picks
disjoint columns. Nodes of one make share theirs, so a site of many nodes of few makes stays small.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NamedTuple

from ...module_utils.errors import EngineError
from ...module_utils.placement.plan import Plan
from . import libraries

MOST_COLUMNS = 60000
TIME_LIMIT = 600.0  # seconds; far beyond what MOST_COLUMNS takes, and then it is an error, not another answer


class Column(NamedTuple):
    """A set of pods (places) on a node of a kind, and what it adds."""

    kind: int
    pods: tuple
    cost: int


def check():
    """Raises EngineError where the library is not there."""
    if libraries.MISSING:
        raise EngineError("solver highs needs a library: %s" % libraries.MISSING, "solver")


def solve(board, start):
    """(Plan, proven, bound) as module_utils.placement.place wants them; start: a Plan of the same pods.

    Raises EngineError where there are more columns than the solver should be given.
    """
    kinds = _kinds(board)
    columns = list(_columns(board, kinds))
    choice = _Choice(start.rank, kinds, columns)
    plan, free = Plan(board, None), [list(numbers) for numbers in kinds]
    for column in choice.best():
        number = free[column.kind].pop(0)
        for at in column.pods:
            plan.put(at, number)
    return plan, True, plan.value()


def _kinds(board):
    """[[node]] of nodes that are the same to every pod."""
    found = {}
    for number in range(len(board.nodes)):
        known = tuple(allowed is None or number in allowed for allowed in board.allowed)
        home = number if number in board.homes.values() else None
        found.setdefault((board.kind[number], known, home), []).append(number)
    return sorted(found.values())


def _columns(board, kinds):
    """A Column for each set of pods that a node of a kind holds."""
    count = 0
    for kind, numbers in enumerate(kinds):
        layer = [()]
        for at in range(len(board.pods)):
            grown = []
            for pods in layer:
                cost = board.cost(numbers[0], pods + (at,), None) if board.may(at, numbers[0], pods) else None
                if cost is not None:
                    grown.append(pods + (at,))
                    yield Column(kind, pods + (at,), cost - board.base[numbers[0]].cost)
            layer += grown
            count += len(grown)
            if count > MOST_COLUMNS:
                what = "there are more than %d sets of pods that a node could hold" % MOST_COLUMNS
                raise EngineError(
                    what, "solver", "Write method: heuristic, or solver: own for the best within its steps"
                )


class _Choice:
    """The choice of columns: each pod at most once, each kind as often as it has nodes."""

    def __init__(self, rank, kinds, columns):
        """rank: per pod, 0 for those of the highest priority."""
        self.rank, self.columns = rank, columns
        self.rows = [[] for dummy in range(len(rank) + len(kinds))]
        self.lower = [0] * len(self.rows)
        self.upper = [1] * len(rank) + [len(numbers) for numbers in kinds]
        for place, column in enumerate(columns):
            for at in column.pods:
                self.rows[at].append((place, 1))
            self.rows[len(rank) + column.kind].append((place, 1))

    def best(self):
        """[Column]: as many pods as can be, the most important first, then the least cost."""
        if not self.columns:
            return []
        for rank in sorted(set(self.rank)):
            counts = [sum(self.rank[at] == rank for at in column.pods) for column in self.columns]
            most = -self._solve([-count for count in counts])[1]
            self.rows.append([(place, count) for place, count in enumerate(counts) if count])
            self.lower.append(most)
            self.upper.append(most)
        return [self.columns[place] for place in self._solve([column.cost for column in self.columns])[0]]

    def _solve(self, costs):
        """([place of a chosen column], sum of their costs)."""
        values = optimum(costs, self.rows, self.lower, self.upper)
        chosen = [place for place, value in enumerate(values) if value > 0.5]
        return chosen, sum(costs[place] for place in chosen)


def optimum(costs, rows, lower, upper):
    """Values of the columns, each 0 or 1, at the least cost. rows: [[(column, factor)]] with their bounds.

    Raises EngineError where the solver has no optimum.
    """
    highspy = libraries.highspy
    with _silence():
        solver = highspy.Highs()
    # One thread and one seed: the same answer each time. Costs are whole numbers, so half of one is no gap.
    settings = {"output_flag": False, "threads": 1, "random_seed": 0, "time_limit": TIME_LIMIT}
    for name, value in dict(settings, mip_rel_gap=0.0, mip_abs_gap=0.5).items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(highspy, costs, rows, lower, upper))
    solver.run()
    status = solver.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise EngineError("HiGHS ended with %s" % solver.modelStatusToString(status), "solver", "Write solver: own")
    return list(solver.getSolution().col_value)


@contextlib.contextmanager
def _silence():
    """HiGHS greets on standard output when it is made, whatever it is told: and a caller's JSON may go there."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _model(highspy, costs, rows, lower, upper):
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(rows)
    model.col_cost_, model.col_lower_, model.col_upper_ = costs, [0] * len(costs), [1] * len(costs)
    model.row_lower_, model.row_upper_ = lower, upper
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(costs)
    starts, index, value = [0], [], []
    for row in rows:
        index += [place for place, dummy in row]
        value += [factor for dummy, factor in row]
        starts.append(len(index))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, index, value
    return model
