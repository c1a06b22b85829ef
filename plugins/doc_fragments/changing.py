# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the modules that change a node document alike."""

from __future__ import annotations


class ModuleDocFragment:
    """Check mode and diff: each of them plans its steps before it takes them."""

    DOCUMENTATION = r"""
author:
  - The gedge.engine authors (@gedge-engine)
attributes:
  check_mode:
    description: Can run in check mode and predicts exactly what a run changes.
    support: full
  diff_mode:
    description: Returns what is before and after each step.
    support: full
"""
