# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node has left, and what a pod takes of it."""

from __future__ import annotations

from typing import NamedTuple


class Pick(NamedTuple):
    """What a container gets. cpus and memory have one entry per NUMA node; None where it floats over all."""

    affinity: tuple | None  # NUMA ids that the Topology Manager decided on
    cpus: tuple | None
    memory: tuple | None
    hugepages: tuple  # ((size, (bytes per NUMA node)))
    cells: tuple  # NUMA ids whose memory is given together
    slots: tuple  # for each Slot: number of a pool, or the PCI address of a macvlan's port
    compute: tuple  # numbers of pools, one per device


class Option(NamedTuple):
    """One way to put a pod on a node."""

    own: int  # its cost by itself: data path, and what is not on the anchor's NUMA node
    picks: tuple  # of Pick
    pools: tuple  # ((number of a pool, count))
    links: tuple  # numbers of links
    numa: tuple  # places of the NUMA nodes on which its data path is; () where it floats
    stays: bool = False


class State:
    """Free amounts of a node. Small and copied often."""

    __slots__ = (
        "_key",
        "cpus",
        "groups",
        "hugepages",
        "members",
        "memory",
        "milli",
        "place_of",
        "pools",
        "ports",
        "total",
        "users",
    )

    def __init__(self, node):
        self._key = None
        self.milli, self.total = node.milli, node.total_memory
        self.cpus = [len(cpus) for cpus in node.cpus]
        self.memory = list(node.memory)
        self.hugepages = {size: list(has) for size, has in node.hugepages.items()}
        self.place_of = node.place_of
        self.groups = [()] * len(self.cpus)  # with which NUMA ids it gives memory
        self.members = [0] * len(self.cpus)  # how many containers hold it to that
        self.pools = [pool.total for pool in node.pools]
        self.users, self.ports = [0] * len(node.links), node.port_links

    def copy(self):
        """An independent one."""
        other = State.__new__(State)
        other._key = None
        other.milli, other.total = self.milli, self.total
        other.cpus, other.memory = self.cpus[:], self.memory[:]
        other.hugepages = {size: has[:] for size, has in self.hugepages.items()}
        other.groups, other.members, other.place_of = self.groups[:], self.members[:], self.place_of
        other.pools, other.users, other.ports = self.pools[:], self.users[:], self.ports
        return other

    def forget(self):
        """To be called after a change by hand."""
        self._key = None

    def key(self):
        """Equal for states in which everything fits alike and costs alike."""
        if self._key is None:
            huge = tuple(tuple(self.hugepages[size]) for size in sorted(self.hugepages))
            lists = (self.cpus, self.memory, self.groups, self.pools, self.users)
            self._key = (self.milli, self.total, huge) + tuple(map(tuple, lists))
        return self._key

    def take(self, needs, option, sign=1):
        """Takes what the containers of a pod get (sign -1 gives it back)."""
        self._key = None
        for need, pick in zip(needs, option.picks):
            self.take_pick(need, pick, sign)
        for place, count in option.pools:
            self.pools[place] -= sign * count
        for link in option.links:
            self.users[link] += sign

    def take_pick(self, need, pick, sign=1):
        """Takes CPUs and memory of one container, not its devices."""
        self.milli -= sign * need.milli
        self.total -= sign * need.memory
        for has, given in ((self.cpus, pick.cpus), (self.memory, pick.memory)):
            for place, amount in enumerate(given or ()):
                has[place] -= sign * amount
        for size, given in pick.hugepages:
            for place, amount in enumerate(given):
                self.hugepages[size][place] -= sign * amount
        for number in pick.cells:
            place = self.place_of[number]
            self.members[place] += sign
            self.groups[place] = pick.cells if self.members[place] else ()
