# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The shift between two groups with its confidence interval: Hodges-Lehmann's estimate, Moses' interval (Mann-Whitney).

Own code, of 30 lines, and no library, because: scipy has neither this estimate nor its interval (R's
wilcox.test(conf.int=TRUE) has both); of its mannwhitneyu only one whole number would be used here, at the price of
110 MB on every controller; its BCa bootstrap misses the truth too often at the few runs that a comparison has (13 %
instead of 5: tests/unit/benchmark/test_simulations.py); and its t interval is drawn wide by the one stalled run that
emulation always has, unless such runs were thrown away, which we do not. The tests hold this file against scipy and
R's worked values.

The interval holds for any distribution of the values, since the order of the runs is drawn by lot (see order).
"""

from __future__ import annotations

import functools
import math
import statistics

LEVEL = 0.95
FEWEST = 4  # in each group: with fewer there is no interval of 95 %


def shift(first, second, level=LEVEL):
    """(estimate, low, high) of how much the first group lies above the second; low and high None for too few values."""
    differences = sorted(one - other for one in first for other in second)
    if not differences:
        return None, None, None
    cut = left_out(len(first), len(second), level)
    estimate = statistics.median(differences)
    return (estimate, None, None) if cut is None else (estimate, differences[cut], differences[-1 - cut])


@functools.lru_cache(maxsize=None)
def left_out(first, second, level=LEVEL):
    """How many of the sorted differences lie outside the interval at each end, for groups of these sizes; None: no
    interval of that level exists."""
    counts = _counts(first, second)
    limit = (1 - level) / 2 * math.comb(first + second, first)
    below = 0
    for statistic, count in enumerate(counts):
        below += count
        if below > limit:
            return statistic - 1 if statistic else None
    return None


def _counts(first, second):
    """How many of all arrangements have Mann-Whitney's U = 0, 1, 2, ...: the coefficients of a Gaussian binomial."""
    size = first * second + 1
    counts = [1] + [0] * (size - 1)
    for factor in range(1, first + 1):
        for place in range(size - 1, second + factor - 1, -1):  # times 1 - q^(second + factor)
            counts[place] -= counts[place - second - factor]
        for place in range(factor, size):  # over 1 - q^factor
            counts[place] += counts[place - factor]
    return counts
