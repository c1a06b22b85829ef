# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From counts to names: which CPUs and which devices of its pools each container is expected to get."""

from __future__ import annotations

from ..kubelet import cpu_topology
from ..kubelet.cpu_static import StaticPolicy
from . import path as data_path
from .options import price

# The options that decide which CPUs of one NUMA node it is.
PACKED = ("full-pcpus-only", "strict-cpu-reservation", "prefer-align-cpus-by-uncorecache")


class Shelf:
    """What a node still has, by name. Pods that stay take first."""

    def __init__(self, node):
        self.node = node
        self.cpus = [sorted(cpus) for cpus in node.cpus]
        self.devices = [list(pool.devices) for pool in node.pools]
        self.policy = None

    def keep(self, held):
        """Takes what a pod that stays has; returns per entry its devices by pool."""
        for entry in held.entries:
            for cpus in self.cpus:
                cpus[:] = [cpu for cpu in cpus if cpu not in set(entry["cpus"])]
            for device in entry["devices"]:
                place = self.node.pool_of.get((device.get("resource"), device["address"]))
                if place is not None and self.node.pools[place].resource != "rdma":
                    here = self.devices[place]
                    here[:] = [item for item in here if item[0] != device["address"]]

    def take_cpus(self, amounts):
        """CPU numbers, so many of each NUMA node, as the static CPU manager chooses among what is free."""
        found = set()
        for place, count in enumerate(amounts or ()):
            if count:
                chosen = self._policy().take(set(self.cpus[place]), count)
                self.cpus[place] = [cpu for cpu in self.cpus[place] if cpu not in chosen]
                found |= chosen
        return sorted(found)

    def _policy(self):
        if self.policy is None:
            topology = cpu_topology.from_facts(self.node.topology)
            options = {name: value for name, value in self.node.cpu_options if name in PACKED}
            self.policy = StaticPolicy(topology, self.node.reserved, options)
        return self.policy

    def take_device(self, place):
        """(address, VF number) of a device of a pool."""
        if self.node.pools[place].resource == "rdma":
            return self.devices[place][0]
        return self.devices[place].pop(0)


def legs_of(node, pod, option, weights):
    """[Leg] of an option: over the ends with which it has its cost."""
    slots = tuple(chosen for pick in option.picks for chosen in pick.slots)
    source, sink = data_path.ends(node, pod.demand, slots)
    found = [price(node, pod.demand, option.picks, one, other, weights) for one in source for other in sink]
    return min(found, key=lambda pair: (pair[0].links != option.links, pair[0].own))[1]
