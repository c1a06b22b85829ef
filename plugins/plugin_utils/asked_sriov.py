# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From a node's ports in the testbed to what module sriov is asked for."""

from __future__ import annotations

from ..module_utils.sriov.model import VF_KEYS
from .port_device import device

SELECT = {"pci": "address", "interface": "name"}


def pfs(ports):
    """List for the option pfs of module sriov, one item for each port that has VFs.

    ports: host variable testbed_ports. The PF is found by PCI address, else by interface. Raises EngineError."""
    return [_pf(port) for port in ports if port.get("vfs")]


def _pf(port):
    key, value = device(port, "pci", "interface")
    item = {"select": {SELECT[key]: value}, "count": port["vfs"]["count"]}
    item["vfs"] = [{key: vf[key] for key in ("range", *VF_KEYS) if key in vf} for vf in port["vfs"].get("config") or []]
    return item
