"""Hodges-Lehmann's shift and its interval, against worked values and a second implementation."""

import itertools
import math

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.benchmark import intervals

# Critical values of Mann-Whitney's U, two-sided 5 % (as in the tables of textbooks): with U at most that, refuse.
CRITICAL = {(4, 4): 0, (4, 6): 2, (5, 5): 2, (6, 6): 5, (6, 7): 6, (7, 7): 8, (8, 8): 13, (10, 10): 23, (20, 20): 127}
NO_INTERVAL = [(1, 1), (2, 2), (3, 3), (2, 7), (1, 30)]


@pytest.mark.parametrize(("sizes", "critical"), CRITICAL.items())
def test_critical_values(sizes, critical):
    assert intervals.left_out(*sizes) == critical == intervals.left_out(*reversed(sizes))


@pytest.mark.parametrize("sizes", NO_INTERVAL)
def test_too_few_values_have_no_interval(sizes):
    assert intervals.left_out(*sizes) is None
    first, second = range(sizes[0]), range(sizes[1])
    assert intervals.shift(first, second)[1:] == (None, None)


@pytest.mark.parametrize("sizes", [(3, 4), (5, 2), (4, 4)])
def test_counts_are_those_of_all_arrangements(sizes):
    first, second = sizes
    counted = [0] * (first * second + 1)
    for chosen in itertools.combinations(range(first + second), first):
        counted[sum(chosen) - sum(range(first))] += 1
    assert intervals._counts(first, second) == counted
    assert sum(counted) == math.comb(first + second, first)


def test_rs_worked_example():
    """wilcox.test(A, B, conf.int = TRUE) on R's example of placental permeability (Hollander & Wolfe 1973, p. 69f)."""
    term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    early = [1.15, 0.88, 0.90, 0.74, 1.21]
    assert intervals.shift(term, early) == pytest.approx((0.305, -0.15, 0.76))


def test_scipy_refuses_what_lies_outside_of_the_interval():
    """All shifts inside are those that scipy's exact test does not refuse at 5 %."""
    stats = pytest.importorskip("scipy.stats")
    first = [5.1, 6.3, 4.9, 7.2, 5.8, 6.05]
    second = [4.2, 3.9, 5.3, 4.7, 4.01, 4.4, 3.3]
    dummy, low, high = intervals.shift(first, second)
    for shift in [low - 1e-6, low + 1e-6, high - 1e-6, high + 1e-6]:
        moved = [value - shift for value in first]
        kept = stats.mannwhitneyu(moved, second, method="exact").pvalue > 0.05
        assert kept == (low < shift < high)


def test_nothing_at_all():
    assert intervals.shift([], [1]) == (None, None, None)
