# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How many of a test's seeded cases are run: a fifth, and all by `make soak` (GEDGE_SOAK=1)."""

from __future__ import annotations

import os

SHARE = 1 if os.environ.get("GEDGE_SOAK") == "1" else 5


def seeds(numbers):
    """The first fifth of a range of seeds, all of it in soak: the same cases in every run."""
    return numbers[: -(-len(numbers) // SHARE)]
