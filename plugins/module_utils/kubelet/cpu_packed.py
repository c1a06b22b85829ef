# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""takeByTopologyNUMAPacked: fill what is begun, whole NUMA nodes and sockets first, then cores, then threads.

Follows the kubelet's pkg/kubelet/cm/cpumanager/cpu_assignment.go step by step: each order that is taken there is
taken here, so that the same CPUs come out.
"""

from __future__ import annotations


class NotEnough(Exception):
    """There are fewer free CPUs than are asked for; its text is the kubelet's."""


class Accumulator:
    """CPUs being collected for one container."""

    def __init__(self, topology, available, needed, spread=False):
        """available: the free CPUs; needed: how many; spread: single threads are not packed into cores."""
        self.topology = topology
        self.free = {cpu for cpu in available if cpu in topology.cpus}
        self.needed = needed
        self.spread = spread
        self.taken = set()

    def done(self):
        """All are collected."""
        return self.needed < 1

    def check(self):
        """Raises NotEnough where it cannot come to an end."""
        if self.needed > len(self.free):
            what = "not enough cpus available to satisfy request: requested=%d, available=%d"
            raise NotEnough(what % (self.needed, len(self.free)))

    def take(self, cpus):
        """Collect some CPUs."""
        self.taken |= cpus
        self.free -= self.taken
        self.needed -= len(cpus)

    # -- what is free, in the order in which it is taken: what has the fewest free CPUs first, then by number

    def by(self, level):
        """{id at this level: set of its free CPUs}."""
        found = {}
        for cpu in self.free:
            found.setdefault(getattr(self.topology.cpus[cpu], level), set()).add(cpu)
        return found

    def _inside(self, inner, outer, order):
        """Ids of the inner level, one after the other of the outer ones; an id can come twice, as in the kubelet."""
        cpus, found = self.by(inner), []
        ids = {}
        for cpu in self.free:
            at = self.topology.cpus[cpu]
            ids.setdefault(getattr(at, outer), set()).add(getattr(at, inner))
        for one in order:
            found += sorted(ids[one], key=lambda other: (len(cpus[other]), other))
        return found

    def _first(self, level):
        cpus = self.by(level)
        return sorted(cpus, key=lambda one: (len(cpus[one]), one))

    def numa_nodes(self):
        """NUMA nodes with free CPUs."""
        return self._first("numa") if self.topology.numa_first else self._inside("numa", "socket", self.sockets())

    def sockets(self):
        """Sockets with free CPUs."""
        return self._inside("socket", "numa", self.numa_nodes()) if self.topology.numa_first else self._first("socket")

    def cores(self):
        """Cores with free CPUs."""
        if self.topology.numa_first:
            return self._inside("core", "socket", self.sockets())
        return self._inside("core", "numa", self.numa_nodes())

    def uncores(self):
        """Uncore caches with free CPUs."""
        return self._inside("uncore", "numa", self.numa_nodes())

    def threads(self):
        """Single CPUs."""
        groups, level = (self.sockets(), "socket") if self.spread else (self.cores(), "core")
        cpus = self.by(level)
        return [cpu for one in groups for cpu in sorted(cpus[one])]

    # -- the steps

    def take_full(self, level, order, size=None):
        """Take what is wholly free and not more than is needed; size: CPUs of a whole one, None asks the topology."""
        cpus, members = self.by(level), self.topology.members[level]
        whole = [one for one in order if len(cpus[one]) == (len(members[one]) if size is None else size)]
        for one in whole:
            if self.needed >= len(members[one]):
                self.take(members[one])

    def take_levels(self):
        """Whole NUMA nodes and whole sockets, the greater of them first."""
        levels = ("numa", "socket") if self.topology.numa_first else ("socket", "numa")
        for level in levels:
            if not self.done():
                if level == "numa":
                    self.take_full("numa", self.numa_nodes())
                else:
                    self.take_full("socket", self.sockets(), self.topology.per_socket)

    def take_uncores(self):
        """Whole uncore caches, then the rest out of one."""
        for uncore in self.uncores():
            if self.needed >= self.topology.per_uncore:
                self.take_full("uncore", self.uncores())
            if self.done():
                return
            self._take_part(uncore)
            if self.done():
                return

    def _take_part(self, uncore):
        """The whole rest out of one uncore cache, or nothing."""
        per_core = self.topology.per_core
        cores = sorted({self.topology.cpus[cpu].core for cpu in self.by("uncore").get(uncore, ())})
        wanted = set(cores[: -(-self.needed // per_core)])
        cpus = sorted(cpu for cpu in self.free if self.topology.cpus[cpu].core in wanted)
        if self.needed % 2 and per_core > 1 and len(cpus) > self.needed:
            cpus.pop()  # an odd request needs one thread of its last core
        if len(cpus) == self.needed:
            self.take(set(cpus))

    def take_threads(self):
        """Single CPUs until there are enough."""
        for cpu in self.threads():
            self.take({cpu})
            if self.done():
                return


def take(topology, available, count, spread=False, by_uncore=False):
    """The set of count CPUs out of available. spread: distribute-cpus-across-cores; by_uncore: prefer-align-cpus-by-
    uncorecache. Raises NotEnough."""
    found = Accumulator(topology, available, count, spread)
    if found.done():
        return found.taken
    found.check()
    found.take_levels()
    if by_uncore and not found.done():
        found.take_uncores()
    if not spread and not found.done():
        found.take_full("core", found.cores(), topology.per_core)
    if not found.done():
        found.take_threads()
    if not found.done():
        raise NotEnough("failed to allocate cpus")
    return found.taken
