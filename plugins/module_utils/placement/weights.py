# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What placement minimises, as whole numbers of thousandths: sums are exact, so a run can be repeated."""

from __future__ import annotations

import math

from ..distance import levels
from ..errors import EngineError
from ..suggest import advice

UNIT = 1000
# In the measure of the levels' weights: SYS is 5.
DEFAULTS = {
    "remote": 5,  # all CPUs, memory or hugepages of a container away from its anchor's NUMA node
    "network_link": 1,  # two pods on one port of a NIC
    "pcie_link": 0.5,  # two pods below one root port
    "edge": 5,  # the heaviest edge of the graph, between two nodes
    "edge_numa": 1,  # the same, between two NUMA nodes of a node
    "move": 5,  # a running pod that is put elsewhere
}


class Weights:
    """The weights of one run; rank[r] is that of the level of rank r."""

    def __init__(self, distances=None, costs=None):
        """distances: {level: weight} over levels.DEFAULT_WEIGHTS; costs: {name: weight} over DEFAULTS."""
        table = levels.weights(distances, "weights")
        self.plain = table
        self.rank = [scaled(table[level]) for level in levels.LEVELS]
        found = dict(DEFAULTS)
        for name, value in _items(costs):
            if name not in DEFAULTS:
                raise EngineError('there is no cost "%s"' % (name,), "costs", advice(name, DEFAULTS))
            found[name] = _number(value, "costs.%s" % name)
        for name, value in found.items():
            setattr(self, name, scaled(value))


def _items(costs):
    if costs and not isinstance(costs, dict):
        raise EngineError("%r is not a mapping" % (costs,), "costs", "Write for example {network_link: 2}")
    return sorted((costs or {}).items(), key=str)


def _number(value, where):
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not math.isfinite(number) or not 0 <= number <= 10**6:
        raise EngineError("%r is not a cost" % (value,), where, "Write a number from 0 to 1000000")
    return number


def scaled(number):
    """A weight in thousandths."""
    return round(float(number) * UNIT)


def plain(number):
    """Thousandths as a person writes them: 3500 -> 3.5, 2000 -> 2."""
    return number // UNIT if number % UNIT == 0 else number / UNIT
