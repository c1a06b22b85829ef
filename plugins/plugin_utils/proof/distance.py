# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How far the devices and CPUs are apart that a pod really got, by the Resource Distance Matrix. Pure."""

from __future__ import annotations

from ...module_utils.distance import devices, levels, matrix
from ...module_utils.errors import EngineError


class Ruler:
    """Distances on one node. topology None: nothing is known there."""

    def __init__(self, topology):
        self.topology = topology
        self.known = devices.all_devices(topology) if topology else []
        self.by_address = {one["address"]: one for one in self.known}
        self.roots = devices.root_nodes(topology, self.known) if topology else {}
        self.cpu_node = {one["cpu"]: one["numa_node"] for one in topology["cpus"]} if topology else {}
        self.numa_nodes = sorted({one["node"] for one in topology["numa_nodes"]}) if topology else []

    def numa_of_cpus(self, cpus):
        """The NUMA nodes of some CPUs, sorted."""
        return sorted({self.cpu_node[cpu] for cpu in cpus if self.cpu_node.get(cpu) is not None})

    def numa_of(self, address):
        """The NUMA node of a device, -1 where it is not known."""
        if len(self.numa_nodes) == 1:
            return self.numa_nodes[0]
        device = self.by_address.get(address)
        return self.roots.get(device["pcie_path"][0], -1) if device else -1

    def between(self, one, other):
        """The level between two devices, None where one is not known."""
        try:
            found = matrix.build(self.topology, devices=[one, other]) if one != other else None
        except EngineError:
            return None
        return found["level"][0][1] if found else levels.X

    def to_cpus(self, address, nodes):
        """The level between a device and CPUs on these NUMA nodes."""
        if address not in self.by_address:
            return None
        numa = self.numa_of(address)
        if numa < 0:
            return levels.UNKNOWN
        return levels.PHB if list(nodes) == [numa] else levels.SYS


def achieved(ruler, distance, swapped, cpu_nodes):
    """{weight, levels: [[from, to, level]]} with what came in place of what was promised.

    distance: that of the ledger; swapped: {promised address: achieved one, or None}; cpu_nodes: NUMA nodes of the
    container's CPUs. weight: None where something is missing."""
    weight_of = dict(levels.DEFAULT_WEIGHTS, **{one["level"]: one["weight"] for one in distance["levels"]})
    found, total = [], 0
    for one in distance["levels"]:
        start = swapped.get(one["from"], one["from"])
        cpu = one["to"].split(" ")[0] == "cpu"
        end = one["to"] if cpu else swapped.get(one["to"], one["to"])
        level = None
        if start and end and ruler.topology:
            level = ruler.to_cpus(start, cpu_nodes) if cpu else ruler.between(start, end)
        shown = " ".join(["cpu"] + ["numa%d" % node for node in cpu_nodes]) if one["to"].startswith("cpu numa") else end
        found.append([start, shown, level])
        total = None if level is None or total is None else total + weight_of[level]
    return {"weight": total, "levels": found}
