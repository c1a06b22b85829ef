# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.boot, for the module itself and for the plan on saved topologies."""

from __future__ import annotations

from ..hugepages import OPTIONS as PAGES


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "iommu": {"type": "str", "choices": ["on", "off", "leave"], "default": "leave"},
        "isolated_cpus": {"type": "str", "default": ""},
        "nohz_full": {"type": "bool", "default": False},
        "hugepages": {"type": "list", "elements": "dict", "default": [], "options": PAGES},
        "default_hugepagesz": {"type": "str"},
        "arguments": {"type": "list", "elements": "str", "default": []},
        "modules": {"type": "list", "elements": "str", "default": []},
        "module_options": {"type": "dict", "default": {}},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
