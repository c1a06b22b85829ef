# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.sriov, for the module itself and for the plan on saved topologies."""

from __future__ import annotations


def argument_spec():
    """The options, in the order of the documentation."""
    select = {key: {"type": "str"} for key in ("name", "address", "network", "vendor", "device")}
    select["numa_node"] = {"type": "int"}
    vf = {key: {"type": "int"} for key in ("vlan", "qos", "min_tx_rate", "max_tx_rate", "mtu")}
    vf.update({key: {"type": "bool"} for key in ("spoofchk", "trust")})
    vf.update(range={"type": "str", "required": True}, mac={"type": "str"})
    vf.update(link_state={"type": "str", "choices": ["auto", "enable", "disable"]})
    vf.update(driver={"type": "str", "choices": ["netdevice", "vfio-pci"]})
    pf = {
        "select": {"type": "dict", "required": True, "options": select},
        "count": {"type": "int"},
        "mtu": {"type": "int"},
        "up": {"type": "bool"},
        "vfs": {"type": "list", "elements": "dict", "options": vf},
    }
    return {
        "pfs": {"type": "list", "elements": "dict", "options": pf},
        "ports": {"type": "list", "elements": "dict"},
        "allow_vf_loss": {"type": "list", "elements": "str"},
        "iommu_at_boot": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
