# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How far two devices are apart: the levels of `nvidia-smi topo -m`, and a weight for each."""

from __future__ import annotations

import math

from ..errors import EngineError
from ..suggest import advice

X, NV, PIX, PXB, PHB, NODE, SYS, UNKNOWN = LEVELS = ("X", "NV", "PIX", "PXB", "PHB", "NODE", "SYS", "UNKNOWN")
RANK = {level: rank for rank, level in enumerate(LEVELS)}

DEFAULT_WEIGHTS = {X: 0, NV: 1, PIX: 2, PXB: 3, PHB: 3.5, NODE: 4, SYS: 5, UNKNOWN: 5}

MEANING = {
    X: "the device itself",
    NV: "bonded NVLinks",
    PIX: "one PCIe bridge",
    PXB: "several PCIe bridges, no host bridge",
    PHB: "one host bridge (root complex)",
    NODE: "two host bridges of one NUMA node",
    SYS: "two NUMA nodes",
    UNKNOWN: "two host bridges, NUMA node of one not known",
}


def weights(overrides=None, where="weights"):
    """{level: weight} with the caller's weights over the defaults. Raises EngineError."""
    table = dict(DEFAULT_WEIGHTS)
    if not overrides:
        return table
    if not isinstance(overrides, dict):
        raise EngineError("%r is not a mapping" % (overrides,), where, "Write for example {PXB: 2.5, SYS: 10}")
    for level, weight in overrides.items():
        if level not in RANK:
            raise EngineError('there is no level "%s"' % (level,), where, advice(level, LEVELS))
        table[str(level)] = _weight(weight, "%s.%s" % (where, level))
    return table


def _weight(value, where):
    number = value
    if isinstance(value, str):  # Jinja gives text where a template stands in quotes
        try:
            number = float(value)
        except ValueError:
            number = None
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number) or number < 0:
        raise EngineError("%r is not a weight" % (value,), where, "Write a number that is 0 or more")
    return number


def inversions(table):
    """Texts for neighbouring levels whose weights fall while the distance grows; [] for sensible weights."""
    pairs = zip(LEVELS, LEVELS[1:])
    return [
        "%s (%s) weighs less than %s (%s), which is nearer" % (far, table[far], near, table[near])
        for near, far in pairs
        if table[far] < table[near]
    ]
