# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is to be placed: pods (a replica of a service each) and what their containers need, as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

COMPUTE = ("gpu", "fpga", "asic")
OWN_NIC, NVME = "", "nvme"


@dataclass(frozen=True)
class Slot:
    """One VF (or, with macvlan, one sub-interface): on which network ("": any), and whether RDMA is needed."""

    network: str
    rdma: bool = False
    macvlan: bool = False
    shared: bool = False  # the RDMA device of a PF, used by many


@dataclass(frozen=True)
class Need:
    """A container: milli CPUs, of which exclusive whole ones, bytes, and devices."""

    name: str
    milli: int
    cpus: int  # exclusive ones; 0 where it shares
    memory: int
    hugepages: tuple  # ((size, bytes)), sorted
    slots: tuple  # of Slot
    compute: tuple  # ((resource, count)), in the order of COMPUTE
    topology: str
    guaranteed: bool  # of the pod: whether CPU and memory manager look at it


@dataclass(frozen=True)
class Pod:
    """A replica of a service. Pods with the same demand are the same to a node."""

    key: tuple  # (namespace, service)
    replica: int
    priority: int
    demand: Demand
    nodes: frozenset | None  # None: any
    apart: frozenset  # keys of services that must not be on its node
    traffic: tuple  # ((key, weight)), both directions are one
    move: bool
    daemon: bool = False  # one of a DaemonSet, which has one on each node

    def title(self):
        """ "detector" or "detector 2" for a further replica."""
        return self.key[1] if self.replica == 0 else "%s %d" % (self.key[1], self.replica)


@dataclass(frozen=True)
class Demand:
    """What a node must have for a pod, and the data path through it."""

    needs: tuple
    source: str
    sink: str
    asked: bool = True  # False: of what runs and is not among the services

    def __hash__(self):
        return self._hash

    def __post_init__(self):
        # Options of a node are kept by demand, so it is hashed for each look.
        object.__setattr__(self, "_hash", hash((self.needs, self.source, self.sink)))
        object.__setattr__(self, "milli", sum(need.milli for need in self.needs))
        object.__setattr__(self, "cpus", sum(need.cpus for need in self.needs))
        object.__setattr__(self, "memory", sum(need.memory for need in self.needs))
        object.__setattr__(self, "slots", tuple(slot for need in self.needs for slot in need.slots))
        object.__setattr__(self, "hugepages", _sums(need.hugepages for need in self.needs))
        object.__setattr__(self, "compute", _sums(need.compute for need in self.needs))
        object.__setattr__(self, "on_path", _on_path(self.needs))
        order = {"none": 0, "best-effort": 1, "restricted": 2, "single-numa-node": 3}
        object.__setattr__(self, "topology", max((need.topology for need in self.needs), key=order.get))


def _sums(pairs):
    total = {}
    for part in pairs:
        for name, amount in part:
            total[name] = total.get(name, 0) + amount
    return tuple(sorted(total.items()))


def _on_path(needs):
    """Places of the containers that the data goes through: those that compute on devices, else the one with the NIC."""
    computing = [place for place, need in enumerate(needs) if need.compute]
    if computing:
        return frozenset(computing)
    return frozenset([next((place for place, need in enumerate(needs) if need.slots), 0)])
