# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.rdma, for the module itself and for the plan on saved topologies."""

from __future__ import annotations


def argument_spec():
    """The options, in the order of the documentation."""
    place = {"interface": {"type": "str"}, "pci": {"type": "str"}, "vlan": {"type": "int"}}
    roce = {
        "interfaces": {"type": "list", "elements": "dict", "required": True, "options": place},
        "priority": {"type": "int", "default": 3},
        "dscp": {"type": "int", "default": 26},
        "pfc": {"type": "bool", "default": True},
        "bandwidth": {"type": "int"},
        "ecn": {"type": "bool", "default": True},
    }
    return {
        "drivers": {"type": "bool", "default": True},
        "rxe": {"type": "list", "elements": "dict", "default": [], "options": place},
        "netns": {"type": "str", "choices": ["shared", "exclusive"]},
        "roce": {"type": "dict", "options": roce},
        "memlock": {"type": "str"},
        "memlock_services": {"type": "list", "elements": "str", "default": []},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
