# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Durations as Gateway API writes them (GEP-2257): 500ms, 5s, 1m30s, 2h."""

from __future__ import annotations

import re

UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def milliseconds(text):
    """1m30s -> 90000."""
    return sum(int(number) * UNITS[unit] for number, unit in re.findall("([0-9]+)(ms|h|m|s)", text))
