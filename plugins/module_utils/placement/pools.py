# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The devices of a node in pools: devices of one pool are equal, so only their number counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ..topology.address import complete, sort_key

RESOURCE_OF_KIND = {"gpu": "gpu", "fpga": "fpga", "accelerator": "asic"}
GIVES_VFS = {"sriov", "rdma"}
VFIO = "vfio-pci"  # a VF without a network device: no pod that asks for one can take it
# How many may share the RDMA device of a PF: the device plugin's own default (rdmaHcaMax).
SHARERS = 1000


@dataclass
class Pool:
    """Equal devices: same resource, PF, place in the PCIe tree."""

    resource: str  # sriov | rdma (shared) | gpu | fpga | asic
    kind: str
    path: tuple
    numa: int  # place in the node's list of NUMA nodes of its root complex, -1 unknown: for distances
    told: int  # the same of what the device itself says: for the kubelet
    network: str | None = None
    pf: str | None = None
    rdma: bool = False
    links: tuple = ()  # names: "net PF", "pcie ROOT/PORT"
    devices: list = field(default_factory=list)  # [(address, VF number or None)]

    @property
    def total(self):
        """How many can be given."""
        return SHARERS if self.resource == "rdma" else len(self.devices)

    @property
    def plugin_resource(self):
        """What the kubelet counts together: one resource per PF and network, one per other kind."""
        return (self.resource, self.pf, self.network, self.rdma) if self.kind == "nic" else (self.resource,)

    def signature(self):
        """All that makes it different from another pool."""
        facts = (self.resource, self.path, self.numa, self.told, self.network, self.pf, self.rdma)
        return facts + (tuple(address for address, dummy in self.devices),)


@dataclass
class Port:
    """A port of the node's NICs with its network."""

    pci: str
    network: str
    purposes: frozenset
    rdma: bool
    peer: str
    path: tuple
    links: tuple
    apart: dict = field(default_factory=dict)  # {VF number: Vf} of VFs that differ from their port


class Vf(NamedTuple):
    """What a VF is for, where it is not for what its port is."""

    network: str
    driver: str = ""
    used: str = ""  # what the node uses it for itself: then no pod gets it
    made: bool = True  # False: the testbed asks for it, and it is not there yet


@dataclass
class Disk:
    """An NVMe disk: it is shared, so only where it is counts."""

    address: str
    path: tuple
    pcie_link: str | None


class Ports:
    """The ports of a node by PCI address, and its NVMe disks."""

    def __init__(self, reader, record, path, devices):
        self.by_pci = {}
        for where, port in reader.mappings(record, "ports", path):
            pci = complete(reader.field(port, "pci", str, where, "", needed=True))
            if pci not in devices:
                if pci:
                    reader.fault(where + ".pci", "the topology has no such device", "Read the topology anew", pci)
                continue
            purpose = [port["purpose"]] if isinstance(port.get("purpose"), str) else port.get("purpose")
            self.by_pci[pci] = Port(
                pci=pci,
                network=reader.field(port, "network", str, where, ""),
                purposes=frozenset(reader.texts({"purpose": purpose}, "purpose", where)),
                rdma=reader.field(port, "rdma", bool, where, False),
                peer=reader.field(port, "peer", str, where, ""),
                path=tuple(devices[pci]["pcie_path"]),
                links=_links(tuple(devices[pci]["pcie_path"]), pci),
                apart=_apart(reader, port, where),
            )
        self.nvmes = [
            Disk(address, tuple(device["pcie_path"]), pcie_link(tuple(device["pcie_path"])))
            for address, device in devices.items()
            if device.get("kind") == "nvme"
        ]

    def all(self):
        """Every Port, by address."""
        return [self.by_pci[pci] for pci in sorted(self.by_pci, key=sort_key)]

    def networks(self):
        """Names of the networks of its ports and of their VFs."""
        return {port.network for port in self.all()}.union(
            vf.network for port in self.all() for vf in port.apart.values()
        )

    def used(self, network):
        """["VF 0 of 0000:21:00.0 is used by the node: soft-RoCE"] of the VFs in a network ("": any)."""
        return [
            "VF %d of %s is used by the node: %s" % (number, port.pci, vf.used)
            for port in self.all()
            for number, vf in sorted(port.apart.items())
            if vf.used and network in ("", vf.network)
        ]

    def macvlan(self, network):
        """Ports on which a macvlan of the network ("": any) can be made."""
        return [port for port in self.all() if "macvlan" in port.purposes and network in ("", port.network)]


def _apart(reader, port, where):
    found = {}
    for place, vf in reader.mappings(port, "vfs", where):
        number = reader.count(vf, "vf", place)
        network = reader.field(vf, "network", str, place, port.get("network") or "")
        texts = [reader.field(vf, key, str, place, "") for key in ("driver", "used")]
        found[number] = Vf(network, *texts, reader.field(vf, "made", bool, place, True))
    return found


def pcie_link(path):
    """The link at the root port, through which all devices below it go; None for a device in the root complex."""
    return "pcie %s/%s" % path[:2] if len(path) > 1 else None


def _links(path, pf=None):
    names = ["net " + pf] if pf else []
    return tuple(names + [link for link in [pcie_link(path)] if link])


def pools_of(devices, ports, root_nodes, numa_ids):
    """[Pool] in a fixed order: VFs by PF, shared RDMA, then GPUs, FPGAs and ASICs."""
    place_of = {number: place for place, number in enumerate(numa_ids)}
    only = 0 if len(numa_ids) == 1 else -1
    known = {device["address"]: device for device in devices}
    found = {}
    for pool, address, number in _giveable(devices, known, ports):
        pool.numa = place_of.get(root_nodes[pool.path[0]], only)
        pool.told = place_of.get(known[address]["numa_node"], -1)
        key = (pool.resource, pool.pf, pool.network, pool.rdma, pool.path, pool.told)
        found.setdefault(key, pool).devices.append((address, number))
    order = ("sriov", "rdma", "gpu", "fpga", "asic")
    return sorted(found.values(), key=lambda pool: (order.index(pool.resource), sort_key(pool.devices[0][0])))


def _giveable(devices, known, ports):
    """(new Pool, address, VF number) of each device that can be given to a pod."""
    for device in devices:
        sriov = device.get("sriov") or {}
        path = tuple(device["pcie_path"])
        if device.get("kind") == "nic":
            port = ports.by_pci.get(device["address"])
            if port is not None and port.purposes & GIVES_VFS:
                yield from _of_port(device, sriov, port, known)
        elif device.get("kind") in RESOURCE_OF_KIND and not sriov.get("num"):
            pool = Pool(RESOURCE_OF_KIND[device["kind"]], device["kind"], path, -1, -1, links=_links(path))
            yield pool, device["address"], None


def _of_port(device, sriov, port, known):
    for number, address in enumerate(sriov.get("vfs") or ()):
        vf = port.apart.get(number, Vf(port.network))
        if address in known and vf.driver != VFIO and not vf.used:
            rdma = port.rdma or bool(known[address].get("rdma"))
            yield _nic_pool("sriov", known[address], port, vf.network, rdma), address, number
    if port.rdma or device.get("rdma"):
        yield _nic_pool("rdma", device, port, port.network, True), device["address"], None


def _nic_pool(resource, device, port, network, rdma):
    path = tuple(device["pcie_path"])
    return Pool(resource, "nic", path, -1, -1, network, port.pci, rdma, _links(path, port.pci))
