# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.control_plane."""

from __future__ import annotations

MEMBER = {"name": {"type": "str", "required": True}, "address": {"type": "str", "required": True}}
PROGRAM = {"binary": {"type": "str", "required": True}, "sha256": {"type": "str", "default": ""}}
KEYS = ["RSA-2048", "RSA-3072", "RSA-4096", "ECDSA-P256", "ECDSA-P384"]


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "mode": {"type": "str", "choices": ["services", "static-pods"], "default": "services"},
        "version": {"type": "str"},
        "name": {"type": "str"},
        "members": {"type": "list", "elements": "dict", "default": [], "options": MEMBER},
        "endpoint": {"type": "str", "default": ""},
        "port": {"type": "int", "default": 6443},
        "certificate_names": {"type": "list", "elements": "str", "default": []},
        "service_subnet": {"type": "str", "default": "10.96.0.0/16"},
        "pod_subnet": {"type": "str", "default": "10.244.0.0/16"},
        "dns_domain": {"type": "str", "default": "cluster.local"},
        "key_algorithm": {"type": "str", "choices": KEYS, "default": KEYS[0]},
        "programs": {"type": "dict", "default": {}},
        "images": {"type": "list", "elements": "str", "default": []},
        "schedulable": {"type": "bool", "default": False},
        "shared": {"type": "dict", "default": {}, "no_log": True},
        "scheduler_config": {"type": "dict", "default": {}},
        "extra_args": {"type": "dict", "default": {}},
        "renew_before_days": {"type": "int", "default": 30},
        "etcd_data_dir": {"type": "path", "default": "/var/lib/etcd"},
        "remove_etcd_data": {"type": "bool", "default": False},
        "timeout": {"type": "int", "default": 120},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
