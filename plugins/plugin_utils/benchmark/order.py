# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The order of the runs of two sides: in pairs that are turned around by lot (A B, B A, B A, A B, ...).

Each side begins as many pairs as the other, and the lot knows nothing of what comes and goes with time; so under no
disturbance whatsoever, as long as it does not know the order either, is a difference claimed more often than the
interval's level says (Fisher's randomisation). A fixed order has no such promise: A B A B lets a drift decide,
A B B A B A A B a wave of its own length (tests/unit/benchmark/test_simulations.py).
"""

from __future__ import annotations

import random

SIDES = ("a", "b")


def order(runs, warmup, seed=None):
    """[{"run": 1, "side": "a", "warmup": True}, ...]: first warmup runs of each side, then runs of each, by lot.

    seed: for the same order again; None for a new one each time."""
    lot = random.Random(seed)
    kinds = [SIDES, SIDES[::-1]]
    lot.shuffle(kinds)  # which kind has one more, where the number is odd
    pairs = (kinds * (runs // 2 + 1))[:runs]
    lot.shuffle(pairs)
    sides = [side for pair in [SIDES] * warmup + pairs for side in pair]
    return [
        {"run": number + 1, "side": side, "warmup": number < warmup * len(SIDES)} for number, side in enumerate(sides)
    ]
