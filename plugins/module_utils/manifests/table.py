# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The one table of device pools. The device plugin's configuration, the NetworkAttachmentDefinitions, the requests of
pods and the selectors of claims are all read from it, so that they cannot disagree.

A pool is one PF, or the part of its VFs that is alike where VFs differ in network, VLAN, driver or RDMA: each VF is in
exactly one. Its name is the same on all nodes that have such a PF at that address.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..cpuset import render
from ..errors import Problem
from . import names

VF, SHARED, FPGA, ASIC = "vf", "shared-rdma", "fpga", "asic"
OWN_KINDS = {"fpga": FPGA, "asic": ASIC}
# How topologies call what a service asks for.
TOPOLOGY_KIND = {FPGA: "fpga", ASIC: "accelerator"}
PROCESSING = "12"  # the PCI class that the plugin takes accelerators of; it lists no other, whatever is asked for


def is_shared(device):
    """Whether a placed device is the RDMA device of a NIC that pods share, not a VF."""
    return device["resource"] == "rdma" and device["vf"] is None


def is_vf(device):
    """Whether a placed device is a VF that was asked for."""
    return device["resource"] in ("sriov", "rdma") and device["vf"] is not None


@dataclass
class Pool:
    """Devices that stand for each other. nodes: {node: selector}; devices: {node: [address]}, as far as known."""

    kind: str
    name: str
    resource: str
    network: str = ""
    vlan: int = 0
    qos: int = 0
    vfio: bool = False
    rdma: bool = False
    nodes: dict = field(default_factory=dict)
    devices: dict = field(default_factory=dict)
    members: dict = field(default_factory=dict)  # {node: [number of the VF]}

    @property
    def attachment(self):
        """Name of its NetworkAttachmentDefinition."""
        return self.name.replace("_", "-")


class Table:
    """All pools by name; filled from the testbed, then from what is placed."""

    def __init__(self, site, options, problems):
        self.site, self.options, self.problems = site, options, problems
        self.pools = {}
        self._of_vf = {}  # (node, address or (pf, index)) -> Pool
        self._used, self.no_pods = {}, set()  # (node, pf, index) -> why no pod gets it; addresses of these
        self._missing = set()
        self._cards_of, self._card_pools = set(), {}  # which nodes' cards are in; pools by kind
        for node in sorted(site.topologies):
            for kind in (FPGA, ASIC):
                self._cards(node, kind)
        for node, ports in sorted(site.ports.items()):
            for port in ports:
                if port.get("vfs") or site.devices(node):
                    self._add_port(node, port, site.address(node, port))

    def of(self, node, device):
        """The Pool of a placed device; None for a GPU or another plugin's device, or where it cannot be known."""
        if device["resource"] in OWN_KINDS:
            return self._accelerator(node, device)
        if device["resource"] not in ("sriov", "rdma"):
            return None
        if is_shared(device):
            return self._shared(node, device)
        pf = device["pf"] or device["address"]
        found = self._of_vf.get((node, pf, device["vf"]))
        if found is None:
            port = self.site.port(node, pf, device["network"])
            if port is None:
                self._unknown(node, pf, "no port of the testbed is this PF, so its VLAN is not known")
                return None
            self._add_port(node, port, pf)
            found = self._of_vf.get((node, pf, device["vf"]))
        if found is None:
            what = "the testbed gives this PF no VF %s" % device["vf"]
            self._unknown(node, pf, self._used.get((node, pf, device["vf"]), what))
            return None
        if device["network"] and device["network"] != found.network:
            what = "VF %s is in network %s by the testbed, and in %s by the placement"
            self._unknown(node, pf, what % (device["vf"], found.network, device["network"]))
        return found

    def learn(self, node, device):
        """Take in what only a placement tells, before anything is made of the table."""
        pool = self.of(node, device)
        if pool is not None and pool.kind == VF and device["rdma"] and not pool.rdma:
            self._mark_rdma(node, device["pf"] or device["address"], pool)

    def first(self, network, rdma):
        """A pool of VFs in a network (any where it is None), for a service that was not placed."""
        pools = [pool for pool in self.pools.values() if pool.kind == VF and network in (None, pool.network)]
        return min(pools, key=lambda pool: (pool.rdma != rdma, pool.name)) if pools else None

    def _unknown(self, node, address, what):
        if (node, address) not in self._missing:
            self._missing.add((node, address))
            advice = "Give its port, with pci or interface, in testbed.ports.%s" % node
            self.problems.append(Problem("placements: %s on %s" % (address, node), what, advice))

    def _add_port(self, node, port, pf):
        """The pools of a port: one for each kind of VF that it has."""
        vfs = self.site.vfs(node, port)
        if pf is None or not vfs:
            return
        groups = {}
        for vf in vfs:
            if vf.used:
                self._used[node, pf, vf.index] = "VF %d is used by the node: %s" % (vf.index, vf.used)
                self.no_pods.update([vf.address] if vf.address else [])
            elif vf.network in self.site.networks:
                groups.setdefault((vf.network, vf.vlan, vf.qos, vf.vfio, vf.rdma), []).append(vf)
        for key, members in sorted(groups.items()):
            pool = self._pool(pf, *key)
            whole = len(members) == len(vfs)
            part = pf if whole else "%s#%s" % (pf, render([vf.index for vf in members]))
            pool.nodes[node] = dict({"rootDevices": [part]}, **({"isRdma": True} if pool.rdma else {}))
            pool.devices[node] = [vf.address for vf in members if vf.address]
            pool.members[node] = [vf.index for vf in members]
            self._of_vf.update({(node, pf, vf.index): pool for vf in members})

    def _pool(self, pf, network, vlan, qos, vfio, rdma):
        usual = self.site.networks[network].vlan
        tag = "" if vlan == usual else "untagged" if vlan == 0 else "vlan%d" % vlan
        more = [tag, "q%d" % qos if qos else "", "vfio" if vfio else "", "rdma" if rdma else ""]
        name = names.words(network, names.short_address(pf), *more)
        resource = "%s/%s" % (self.options["prefix"], name)
        return self.pools.setdefault(name, Pool(VF, name, resource, network, vlan, qos, vfio, rdma))

    def _mark_rdma(self, node, pf, old):
        """A VF is given for RDMA, and neither testbed nor topology had told that its pool can do it."""
        new = self._pool(pf, old.network, old.vlan, old.qos, old.vfio, True)
        whole = old.nodes.pop(node)["rootDevices"] == [pf]
        new.devices[node] = sorted(new.devices.get(node, []) + old.devices.pop(node, []))
        new.members[node] = sorted(new.members.get(node, []) + old.members.pop(node))
        # Of two entries for one PF the plugin reads the first only.
        part = pf if whole else "%s#%s" % (pf, render(new.members[node]))
        new.nodes[node] = {"rootDevices": [part], "isRdma": True}
        self._of_vf.update({(node, pf, index): new for index in new.members[node]})
        if not old.nodes:
            del self.pools[old.name]

    def _accelerator(self, node, device):
        kind = OWN_KINDS[device["resource"]]
        pool = self._cards(node, kind)
        if pool is not None and device["address"] not in pool.devices.get(node, []):
            self._add_cards(node, pool, [device["address"]])
        return pool

    def _cards(self, node, kind):
        """The pool of a node's FPGAs or ASICs, with those of its topology; None where they are another plugin's."""
        prefix, dummy, name = self.options["resources"][kind].rpartition("/")
        if prefix != self.options["prefix"]:
            return None
        if (node, kind) not in self._cards_of:
            found = [
                address
                for address, one in self.site.devices(node).items()
                if one["kind"] == TOPOLOGY_KIND[kind]
                and one.get("class", PROCESSING)[:2] == PROCESSING
                and not (one.get("sriov") or {}).get("num")  # its VFs are given
            ]
            pool = self._card_pools.setdefault(kind, Pool(kind, name, self.options["resources"][kind]))
            self._cards_of.add((node, kind))
            self._add_cards(node, pool, found)
        return self._card_pools[kind]

    def _add_cards(self, node, pool, addresses):
        if addresses:
            self.pools[pool.name] = pool
            pool.devices[node] = sorted({*pool.devices.get(node, []), *addresses})
            pool.nodes[node] = {"pciAddresses": pool.devices[node]}

    def _shared(self, node, device):
        """A NIC whose RDMA device pods share."""
        pf = device["pf"] or device["address"]
        port = self.site.port(node, pf, device["network"])
        interface = self.site.interface(node, port) if port else None
        if self.options["rdma"]["mode"] == "exclusive":
            self._unknown(node, device["address"], "in exclusive mode no pods share an RDMA device: ask for sriov too")
            return None
        if interface is None or port["network"] not in self.site.networks:
            self._unknown(node, device["address"], "the interface of this NIC, or its network, is not known")
            return None
        name = names.words(port["network"], names.short_address(pf), "shared")
        resource = "%s/%s" % (self.options["rdma"]["prefix"], name)
        pool = self.pools.setdefault(name, Pool(SHARED, name, resource, port["network"], rdma=True))
        pool.nodes[node] = {"ifNames": [interface]}
        pool.devices[node] = [pf]
        return pool
