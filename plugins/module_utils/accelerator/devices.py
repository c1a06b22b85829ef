# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The accelerators that a node has: PCI functions that the catalogue knows, from sysfs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from . import entry as entries

PCI = "/sys/bus/pci/devices"
ADDRESS = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")


@dataclass
class Device:
    """One PCI function and its entry. parent: a VF's PF; total_vfs: what it can have; vfs: addresses."""

    address: str
    vendor: str
    device: str
    pci_class: str
    entry: entries.Entry
    numa_node: int = -1
    driver: str = None
    parent: str = None
    total_vfs: int = 0
    vfs: list = field(default_factory=list)

    def as_dict(self):
        """Plain data for a result."""
        return {
            "address": self.address,
            "id": "%s:%s" % (self.vendor, self.device),
            "name": self.entry.name,
            "kind": self.entry.kind,
            "family": self.entry.family,
            "resource": self.entry.resource,
            "numa_node": self.numa_node,
            "driver": self.driver,
            "parent": self.parent,
            "vfs": self.vfs,
        }


def observe(system, known, kind):
    """[Device] of one kind, in the order of their addresses. known: [Entry]."""
    found = []
    for address in filter(ADDRESS.fullmatch, system.list(PCI)):
        place = "%s/%s" % (PCI, address)
        vendor, device, pci_class = (
            _hex(system, place, *what) for what in (("vendor", 4), ("device", 4), ("class", 6))
        )
        hit = entries.find(known, vendor, device, pci_class) if vendor and device and pci_class else None
        if hit is not None and hit.kind == kind:
            found.append(_device(system, place, Device(address, vendor, device, pci_class, hit)))
    return found


def _device(system, place, device):
    device.numa_node = _number(system.read(place + "/numa_node"), -1)
    device.driver = system.link_name(place + "/driver")
    device.parent = system.link_name(place + "/physfn")
    device.total_vfs = _number(system.read(place + "/sriov_totalvfs"), 0)
    links = sorted((name for name in system.list(place) if re.fullmatch(r"virtfn\d+", name)), key=lambda n: int(n[6:]))
    device.vfs = [system.link_name("%s/%s" % (place, name)) for name in links]
    return device


def _hex(system, place, name, digits):
    """The digits of "0x8086" in lower case, None where the function went away meanwhile."""
    text = system.read("%s/%s" % (place, name)) or ""
    return "%0*x" % (digits, int(text, 16)) if re.fullmatch(r"0x[0-9a-fA-F]+", text) else None


def _number(text, otherwise):
    return int(text) if re.fullmatch(r"-?\d+", text or "") else otherwise
