# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.device_plugin."""

from __future__ import annotations

from .kinds import KINDS


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "kind": {"type": "str", "choices": sorted(KINDS), "default": "sriov"},
        "pools": {"type": "list", "elements": "dict", "default": []},
        "drained": {"type": "bool", "default": False},
        "program": {"type": "path", "default": ""},
        "brought": {"type": "bool", "default": False},
        "verbosity": {"type": "int", "default": 2},
        "timeout": {"type": "int", "default": 180},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
