# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.tuning, for the module itself and for the plan on saved topologies."""

from __future__ import annotations

from ..hugepages import OPTIONS as PAGES


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "profile": {"type": "str", "choices": ["none", "edge-accelerated"], "default": "none"},
        "hugepages": {"type": "list", "elements": "dict", "default": [], "options": PAGES},
        "sysctls": {"type": "dict", "default": {}},
        "isolated_cpus": {"type": "str", "default": ""},
        "governor": {"type": "str", "default": ""},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
