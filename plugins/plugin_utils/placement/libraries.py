# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The one optional library: a solver. Where it is missing, only what needs it says so."""

from __future__ import annotations

PIN = "highspy==1.16.0"

try:
    import highspy
except ImportError as error:
    MISSING = "%s. Run `pip install %s` for Ansible's own Python, or write solver: own" % (error, PIN)
    highspy = None
else:
    MISSING = ""

__all__ = ["MISSING", "PIN", "highspy"]
