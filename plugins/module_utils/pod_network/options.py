# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.pod_network."""

from __future__ import annotations

NODE = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "pod_cidr": {"type": "str", "required": True},
}


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "name": {"type": "str", "default": ""},
        "nodes": {"type": "list", "elements": "dict", "default": [], "options": NODE},
        "pod_subnet": {"type": "str", "default": "10.244.0.0/16"},
        "closed": {"type": "list", "elements": "str", "default": []},
        "vni": {"type": "int", "default": 4096},
        "port": {"type": "int", "default": 4789},
        "mtu": {"type": "int", "default": 0},
        "checksum_offload": {"type": "bool", "default": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
