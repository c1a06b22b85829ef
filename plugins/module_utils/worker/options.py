# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.worker."""

from __future__ import annotations

VF = {"pci": {"type": "str", "required": True}, "count": {"type": "int", "required": True}}
JOIN = {
    "endpoint": {"type": "str", "default": ""},
    "token": {"type": "str", "default": "", "no_log": True},
    "ca_cert_hash": {"type": "str", "default": ""},
}
PROXY = {
    "server": {"type": "str", "required": True},
    "ca": {"type": "str", "required": True},
    "token": {"type": "str", "required": True, "no_log": True},
    "pod_subnet": {"type": "str", "default": ""},
}


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "name": {"type": "str", "default": ""},
        "address": {"type": "str", "default": ""},
        "join": {"type": "dict", "default": {}, "options": JOIN},
        "programs": {"type": "dict", "default": {}},
        "cni_programs": {"type": "dict", "default": {}},
        "vfs": {"type": "list", "elements": "dict", "default": [], "options": VF},
        "kube_proxy": {"type": "dict", "options": PROXY},
        "timeout": {"type": "int", "default": 300},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
