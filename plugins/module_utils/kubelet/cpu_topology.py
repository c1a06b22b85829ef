# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The CPUs of a node as the kubelet knows them: core, socket, NUMA node and uncore (L3) cache of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..errors import EngineError

LEVELS = ("core", "socket", "numa", "uncore")


@dataclass(frozen=True)
class Cpu:
    """Where a CPU sits; core: the lowest CPU of the core, which the kubelet takes for its id."""

    core: int
    socket: int
    numa: int
    uncore: int


class CpuTopology:
    """All online CPUs of a node. Never changed."""

    def __init__(self, cpus):
        """cpus: {number: Cpu}. Raises EngineError where there are none."""
        if not cpus:
            raise EngineError("the node has no online CPU", "cpus")
        self.cpus = cpus
        self.members = {level: {} for level in LEVELS}
        for cpu in sorted(cpus):
            for level in LEVELS:
                self.members[level].setdefault(getattr(cpus[cpu], level), set()).add(cpu)
        # Whole numbers, as the kubelet divides: cores of several sizes are not foreseen there.
        self.per_core = len(cpus) // len(self.members["core"])
        self.per_socket = len(cpus) // len(self.members["socket"])
        self.per_uncore = len(cpus) // len(self.members["uncore"])
        self.numa_first = len(self.members["socket"]) >= len(self.members["numa"])

    def numa_nodes(self):
        """The NUMA ids that have CPUs, in order."""
        return tuple(sorted(self.members["numa"]))

    def sockets(self):
        """{NUMA id: set of sockets}."""
        return {node: {self.cpus[cpu].socket for cpu in cpus} for node, cpus in self.members["numa"].items()}

    def by_numa(self, cpus=None):
        """{NUMA id: number of CPUs}, of some CPUs or of all."""
        return dict(Counter(self.cpus[cpu].numa for cpu in (self.cpus if cpus is None else cpus)))

    def of_numa(self, nodes):
        """The CPUs of some NUMA nodes."""
        return set().union(*(self.members["numa"].get(node, ()) for node in nodes))

    def of_sockets(self, nodes):
        """The CPUs of all sockets that some NUMA nodes are in."""
        sockets = {self.cpus[cpu].socket for cpu in self.of_numa(nodes)}
        return set().union(*(self.members["socket"][socket] for socket in sockets))

    def whole_cores(self, cpus):
        """Some CPUs and all their siblings."""
        return set().union(*(self.members["core"][self.cpus[cpu].core] for cpu in cpus))


def from_rows(rows):
    """CpuTopology of rows (cpu, core, socket, numa, uncore)."""
    return CpuTopology({row[0]: Cpu(*row[1:]) for row in rows})


def from_facts(topology):
    """CpuTopology of topology_facts, put together as cAdvisor does it for the kubelet.

    Offline CPUs do not count. A core is what has the same core number, socket and NUMA node. An L3 cache is an uncore
    cache only where a NUMA node has several; else the socket's number stands for it.
    """
    rows = [row for row in topology["cpus"] if row["online"]]
    cores = {}
    for row in sorted(rows, key=lambda row: row["cpu"]):
        cores.setdefault(_core(row), row["cpu"])
    threads, shared = Counter(_core(row) for row in rows), Counter(row["l3"] for row in rows)
    per_node = Counter(core[0] for core in cores)
    found = {}
    for row in rows:
        core = _core(row)
        whole_node = per_node[core[0]] * threads[core]
        split = row["l3"] is not None and shared[row["l3"]] != whole_node
        found[row["cpu"]] = Cpu(cores[core], core[1], core[0], row["l3"] if split else core[1])
    return CpuTopology(found)


def _core(row):
    """(NUMA node, socket, core number); a CPU of which the kernel tells nothing is a core for itself."""
    number = row["core"] if row["core"] is not None else ("cpu", row["cpu"])
    return row["numa_node"] or 0, row["socket"] or 0, number
