# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The devices that a container holds, by the device nodes that it can open: RDMA, NVIDIA GPUs, groups of VFIO."""

from __future__ import annotations

import re

from . import network

GPU_NODE = re.compile(r"nvidia(\d+)")


def rdma(system, pid):
    """[{name, pci}] of the RDMA devices whose verbs a container can open."""
    found = []
    for node in system.list("/proc/%d/root/dev/infiniband" % pid):
        folder = "/sys/class/infiniband_verbs/%s" % node
        name = system.read(folder + "/ibdev")
        if name:
            found.append({"name": name, "pci": system.link_name(folder + "/device")})
    return sorted(found, key=lambda one: one["name"])


def gpus(system, pid):
    """PCI addresses of the NVIDIA GPUs whose device node is in a container."""
    hits = [GPU_NODE.fullmatch(name) for name in system.list("/proc/%d/root/dev" % pid)]
    minors = {hit[1] for hit in hits if hit}
    return sorted(address for address, minor in _minors(system).items() if minor in minors)


def _minors(system):
    """{PCI address: number of the device node} of the driver."""
    found = {}
    for address in system.list("/proc/driver/nvidia/gpus"):
        text = system.read("/proc/driver/nvidia/gpus/%s/information" % address) or ""
        hit = re.search(r"Device Minor:\s*(\d+)", text)
        if hit:
            found[address.lower()] = hit[1]
    return found


def vfio(system, pid):
    """[{pci, vf}] of the devices in the IOMMU groups that a container can open."""
    found = []
    for group in system.list("/proc/%d/root/dev/vfio" % pid):
        for address in system.list("/sys/kernel/iommu_groups/%s/devices" % group) if group.isdigit() else ():
            found.append({"pci": address, "vf": network.of(system, address)})
    return found
