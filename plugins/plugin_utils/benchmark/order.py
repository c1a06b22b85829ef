# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The order of the runs of two sides: A B B A B A A B ... (Thue-Morse), so that no drift decides.

Runs come in pairs, one of each side, and the pairs turn around by the Thue-Morse sequence: over four pairs a drift that
is linear or quadratic in time falls on both sides alike, and so does a disturbance that comes every so many runs, which
plain A B A B would give to one side.
"""

from __future__ import annotations

SIDES = ("a", "b")


def order(runs, warmup):
    """[{"run": 1, "side": "a", "warmup": True}, ...]: first warmup runs of each side, then runs of each."""
    sides = [side for dummy in range(warmup) for side in SIDES]
    sides += [side for pair in range(runs) for side in _pair(pair)]
    return [
        {"run": number + 1, "side": side, "warmup": number < warmup * len(SIDES)} for number, side in enumerate(sides)
    ]


def _pair(number):
    return SIDES if bin(number).count("1") % 2 == 0 else SIDES[::-1]
