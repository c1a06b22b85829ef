# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The one optional library, highspy, a solver. Where it is missing, only what needs it says so (MISSING).

It is imported when it is first asked for: whoever wants one filter of this collection loads all of them, and the
library with its numpy would be a fifth of that."""

from __future__ import annotations

import importlib

PIN = "highspy==1.16.0"


def __getattr__(name):
    """libraries.highspy, None where it is missing, and libraries.MISSING, which says so; "" where it is there."""
    if name not in ("highspy", "MISSING"):
        raise AttributeError(name)
    found = {"highspy": None, "MISSING": ""}
    try:
        found["highspy"] = importlib.import_module("highspy")
    except ImportError as error:
        found["MISSING"] = "%s. Run `pip install %s` for Ansible's own Python, or write solver: own" % (error, PIN)
    globals().update(found)
    return found[name]
