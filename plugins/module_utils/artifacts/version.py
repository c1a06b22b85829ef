# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Versions as numbers: "v1.37.2" and "1.37.2+k3s1" -> (1, 37, 2)."""

from __future__ import annotations

import re

NUMBERS = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+~.]\S*)?\Z")


def parse(text):
    """(major, minor, patch), or None for what is no version."""
    found = NUMBERS.match(str(text))
    return tuple(int(part or 0) for part in found.groups()) if found else None


def minor(numbers):
    """(1, 37, 2) -> "1.37"."""
    return "%d.%d" % numbers[:2]
