# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.nfs_storage."""

from __future__ import annotations

PROVISIONER = {
    "name": {"type": "str", "default": "gedge.io/nfs"},
    "program": {"type": "path", "required": True},
    "server": {"type": "str", "default": ""},
    "kubelet_kubeconfig": {"type": "path", "default": "/etc/kubernetes/kubelet.conf"},
    "ca": {"type": "str", "default": ""},
    "token": {"type": "str", "default": "", "no_log": True},
}
EXPORT = {
    "folder": {"type": "str", "required": True},
    "clients": {"type": "list", "elements": "str", "required": True},
    "options": {"type": "str", "default": "rw,sync,no_subtree_check,no_root_squash"},
}


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "provisioner": {"type": "dict", "options": PROVISIONER},
        "export": {"type": "dict", "options": EXPORT},
        "brought": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
