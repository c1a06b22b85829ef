# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.runtime."""

from __future__ import annotations


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "pause_image": {"type": "str", "default": ""},
        "images": {"type": "list", "elements": "str", "default": []},
        "images_dir": {"type": "path", "default": "/var/lib/gedge/images"},
        "keep_images": {"type": "bool", "default": False},
        "mirrors": {"type": "dict", "default": {}},
        "cni_bin_dir": {"type": "path", "default": "/opt/cni/bin"},
        "cni_conf_dir": {"type": "path", "default": "/etc/cni/net.d"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
