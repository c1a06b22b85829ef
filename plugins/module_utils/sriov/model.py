# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The nouns of SR-IOV: what a node has (Pf, Vf) and what is asked of it (Entry, WantedPf)."""

from __future__ import annotations

from dataclasses import dataclass, field

# What the PF's driver sets for a VF, in the words of "ip link set dev PF vf N ...".
ADMIN_KEYS = ("mac", "vlan", "qos", "spoofchk", "trust", "min_tx_rate", "max_tx_rate", "link_state")
# What is set on the VF's own device.
DEVICE_KEYS = ("driver", "mtu")
VF_KEYS = ADMIN_KEYS + DEVICE_KEYS
NO_MAC = "00:00:00:00:00:00"
NETDEVICE, VFIO = "netdevice", "vfio-pci"
UNBOUND = "none"  # a VF without driver; nobody asks for it, but it is restored


@dataclass
class Vf:
    """One VF as found. netdev: its device in this network namespace; own_mac, mtu: of that device; None where there
    is none. admin: {key of ADMIN_KEYS: value}, what the PF holds; a key that its driver does not report is left out."""

    index: int
    address: str
    driver: str | None
    netdev: str | None
    admin: dict
    own_mac: str | None = None
    mtu: int | None = None
    max_mtu: int | None = None

    def value(self, key):
        """The present value of a key of VF_KEYS, None where it is unknown."""
        if key == "driver":
            return VFIO if self.driver == VFIO else NETDEVICE if self.driver else None
        return self.mtu if key == "mtu" else self.admin.get(key)

    def as_dict(self):
        """Plain data for a result or a saved baseline."""
        plain = {key: self.value(key) for key in VF_KEYS if self.value(key) is not None}
        plain.update(index=self.index, address=self.address, netdev=self.netdev)
        return plain


@dataclass
class Pf:
    """One PF as found: identity, capacity, state, and its VFs in order of index.

    routing: first VF offset and stride, which say a VF's PCI address before it exists. unstarted: VFs were made by a
    run that died before their drivers were bound."""

    address: str
    name: str | None
    vendor: str
    device: str
    driver: str | None
    numa_node: int
    total: int
    vfs: list
    mtu: int | None = None
    max_mtu: int | None = None
    up: bool = False
    carrier: bool = False
    autoprobe: bool = True
    routing: tuple = (0, 0)
    unstarted: bool = False
    iommu: bool = True

    def as_dict(self):
        """Plain data for a result or a saved baseline."""
        plain = {key: getattr(self, key) for key in ("address", "name", "mtu", "up", "autoprobe")}
        plain["vfs"] = [vf.as_dict() for vf in self.vfs]
        return plain


@dataclass
class WantedPf:
    """What is asked of one PF; None means: not asked, leave it. mtu in bytes; vfs: {index: {key of VF_KEYS: value}};
    where: key path for messages."""

    count: int | None = None
    mtu: int | None = None
    up: bool | None = None
    vfs: dict = field(default_factory=dict)
    where: str = ""


def vf_address(pf, index):
    """The PCI address that VF index of a Pf has or will have."""
    return address_of(pf.address, pf.routing, index)


def address_of(pf_address, routing, index):
    """That of a PF at an address, routing: (offset, stride): PF + offset + index * stride (PCIe SR-IOV, 2.1.2)."""
    domain, bus, rest = pf_address.split(":")
    slot, function = rest.split(".")
    routing_id = (int(bus, 16) << 8) | (int(slot, 16) << 3) | int(function)
    routing_id += routing[0] + index * routing[1]
    return "%s:%02x:%02x.%d" % (domain, routing_id >> 8, (routing_id >> 3) & 31, routing_id & 7)
