# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Says in words what is wrong with a pair of a distance matrix, and what would be right."""

from __future__ import annotations


def names(readings, pair):
    """The names of the two devices, in the order of the table."""
    return [readings.names[place] for place in pair]


def fitting(trusted, pair, size):
    """(exact, most): the distances that the other devices demand, and the farthest that they allow (None: any).

    With a third device at two unequal distances the pair has the larger of them, at two equal ones at most that.
    """
    exact, most = set(), None
    for third in range(size):
        left, right = (trusted.get((min(end, third), max(end, third))) for end in pair)
        if left is None or right is None:
            continue
        if left != right:
            exact.add(max(left, right))
        elif most is None or left < most:
            most = left
    return exact, most


def _fits(value, exact, most):
    return exact <= {value} and (most is None or value <= most)


def asymmetric(readings, trusted, pair):
    """Both readings of a pair, and which one the other devices support."""
    one, other = names(readings, pair)
    cells = [readings.cells[one, other], readings.cells[other, one]]
    values = [readings.value[one, other], readings.value[other, one]]
    demands = fitting(trusted, pair, len(readings.names))
    right = [cell for cell, value in zip(cells, values) if _fits(value, *demands)]
    if len(right) == 1:
        tail = "only %s is ultrametric with the other distances. Write %s in both places" % (right[0], right[0])
    elif right:
        tail = "both are ultrametric with the other distances. Measure the pair again"
    else:
        tail = "neither is ultrametric with the other distances. Measure the pair again"
    return "%s-%s: row %s reads %s, row %s reads %s; %s" % (one, other, one, cells[0], other, cells[1], tail)


def ultrametric(readings, trusted, pair, tied):
    """The reading of a pair that breaks triples, what would fit, and who else could be to blame."""
    one, other = names(readings, pair)
    cell = readings.cells.get((one, other), readings.cells.get((other, one)))
    exact, most = fitting(trusted, pair, len(readings.names))
    text = "%s-%s: %s is not ultrametric with the other distances" % (one, other, cell)
    if len(exact) == 1 and _fits(min(exact), exact, most):
        text += "; only %s is. Write it in both places" % _word(readings, min(exact))
    elif not exact and most is not None:
        text += "; at most %s is. Measure the pair again" % _word(readings, most)
    else:
        text += ". Measure the pair again"
    if tied:
        also = ["-".join(names(readings, candidate)) for candidate in tied]
        text += " (or the fault is in %s: the table does not tell)" % " or ".join(also)
    return text


def _word(readings, value):
    """How the table itself writes a distance, else the number."""
    return next((readings.cells[key] for key, known in readings.value.items() if known == value), "%g" % value)
