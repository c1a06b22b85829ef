# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Network devices as RDMA sees them: which driver, which RDMA module, what lies below a VLAN. Reads sysfs only."""

from __future__ import annotations

import re

NET = "/sys/class/net"
PCI = "/sys/bus/pci/devices"
# Driver of the network device: (module of its RDMA half, whether its VFs have RDMA by the same driver).
# From drivers/infiniband/hw of Linux 6.1 and 6.12; nothing but this table knows a vendor.
MODULES = {
    "be2net": ("ocrdma", False),
    "bnxt_en": ("bnxt_re", True),
    "cxgb4": ("iw_cxgb4", False),
    "enic": ("usnic_verbs", False),
    "hns3": ("hns_roce_hw_v2", True),
    "i40e": ("irdma", False),
    "ice": ("irdma", False),
    "mana": ("mana_ib", True),
    "mlx4_core": ("mlx4_ib", True),
    "mlx5_core": ("mlx5_ib", True),
    "qede": ("qedr", True),
}
# i40e: of the 700 series only the X722 has RDMA (iWARP).
ONLY = {"i40e": {"37cc", "37cd", "37ce", "37cf", "37d0", "37d1", "37d2", "37d3"}}
NETWORK_CLASS = ("0x0200", "0x0207")  # Ethernet, InfiniBand


def rdma_modules(system):
    """Kernel modules of the RDMA NICs that are there, sorted."""
    found = set()
    for address in system.list(PCI):
        folder = "%s/%s" % (PCI, address)
        if (system.read(folder + "/class") or "").startswith(NETWORK_CLASS):
            module = module_of(system.link_name(folder + "/driver"), system.read(folder + "/device"))
            found.update([module] if module else [])
    return sorted(found)


def module_of(driver, device, is_vf=False):
    """The RDMA module that goes with a network driver, None for none. device: PCI device, "0x37d1"."""
    module, with_vfs = MODULES.get(driver, (None, False))
    allowed = driver not in ONLY or (device or "").replace("0x", "").lower() in ONLY[driver]
    return module if allowed and (with_vfs or not is_vf) else None


def resolve(system, place):
    """The name of the network device that soft-RoCE lies over: of a VLAN the device below. None: no such PCI device.

    A device that is not there yet is known by its name only: ens1f0v0.30 lies over ens1f0v0."""
    if place.interface:
        return below_vlan(system, place.interface)
    names = system.list("%s/%s/net" % (PCI, place.pci))
    return names[0] if names else None


def below_vlan(system, name):
    """The device below a VLAN device; the name itself for any other."""
    if not system.exists("%s/%s" % (NET, name)):
        return re.sub(r"\.[0-9]{1,4}$", "", name)
    if "DEVTYPE=vlan" not in (system.read("%s/%s/uevent" % (NET, name)) or "").split():
        return name
    lower = [link[6:] for link in system.list("%s/%s" % (NET, name)) if link.startswith("lower_")]
    return below_vlan(system, lower[0]) if lower else name


def hardware_module(system, name):
    """The RDMA module of the NIC that a network device belongs to, None where it has no RDMA.

    A VF that does not exist yet is judged by its PF: ens1f0v0 by ens1f0."""
    if system.exists("%s/%s" % (NET, name)):
        folder = "%s/%s/device" % (NET, name)
        is_vf = system.exists(folder + "/physfn")
        return module_of(system.link_name(folder + "/driver"), system.read(folder + "/device"), is_vf)
    folder = "%s/%s/device" % (NET, re.sub(r"v[0-9]+$", "", name))
    return module_of(system.link_name(folder + "/driver"), system.read(folder + "/device"), True)
