# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.cni."""

from __future__ import annotations

MULTUS = {
    "server": {"type": "str", "default": ""},
    "kubelet_kubeconfig": {"type": "path", "default": "/etc/kubernetes/kubelet.conf"},
    "ca": {"type": "str", "default": ""},
    "token": {"type": "str", "default": "", "no_log": True},
    "cluster_network": {"type": "str", "default": ""},
    "log_level": {"type": "str", "choices": ["debug", "error", "panic", "verbose"], "default": "error"},
}


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "programs": {"type": "dict", "default": {}},
        "brought": {"type": "bool", "default": False},
        "multus": {"type": "dict", "options": MULTUS},
        "bin_dir": {"type": "path", "default": "/opt/cni/bin"},
        "conf_dir": {"type": "path", "default": "/etc/cni/net.d"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
