# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The static CPU manager policy: which CPUs are kept for the system, and which a Guaranteed container gets."""

from __future__ import annotations

from ..errors import EngineError
from . import cpu_distributed, cpu_packed, hints
from . import options as known
from .cpu_packed import NotEnough


class SmtAlignment(Exception):
    """full-pcpus-only turns the container away; its text is the kubelet's."""


class StaticPolicy:
    """The policy on one node. It keeps no state: shared is the default CPU set, which no container has for itself."""

    def __init__(self, topology, reserved=(), options=None, alpha=False, policy=""):
        """topology: CpuTopology. reserved: CPUs (reservedSystemCPUs), or how many (the kubelet then takes them as for
        a container). options: cpuManagerPolicyOptions; alpha: the feature gate for the alpha ones. policy: the
        Topology Manager's, with which align-by-socket can clash. Raises EngineError."""
        self.topology = topology
        self.options = known.cpu(options, alpha)
        self._check(policy)
        count = reserved if isinstance(reserved, int) else len(set(reserved))
        if isinstance(reserved, int):
            try:
                reserved = self.take(set(topology.cpus), reserved) if reserved else ()
            except NotEnough:
                reserved = ()
        self.reserved = set(reserved)
        if len(self.reserved) != count or self.reserved - set(topology.cpus):
            raise EngineError("these CPUs are not all there", "reservedSystemCPUs", "Reserve CPUs of the node")
        self.reserved_cores = topology.whole_cores(self.reserved)

    def _check(self, policy):
        if not self.options.by_socket:
            return
        where = "cpuManagerPolicyOptions." + known.BY_SOCKET
        if policy == "single-numa-node":
            raise EngineError("cannot be used with the Topology Manager's single-numa-node", where, "Drop one of them")
        if len(self.topology.members["socket"]) > len(self.topology.members["numa"]):
            raise EngineError("cannot be used where there are more sockets than NUMA nodes", where, "Leave it out")

    def shared(self):
        """The default CPU set of an empty node."""
        return set(self.topology.cpus) - (self.reserved if self.options.strict else set())

    def available(self, shared):
        """The CPUs of the default set that a container can have for itself."""
        return shared - self.reserved

    def hints(self, shared, request, reusable=()):
        """{"cpu": [hint...]} for request CPUs; see hints.cpu. reusable: CPUs of the pod's init containers."""
        total, free = self.topology.by_numa(), self.topology.by_numa(self.available(shared))
        again = self.topology.by_numa(reusable)
        if self.options.by_socket:
            return hints.cpu_by_socket(total, free, request, self.topology.sockets(), again)
        return hints.cpu(total, free, request, again)

    def allocate(self, shared, request, affinity, reusable=()):
        """The set of CPUs of a container. affinity: NUMA ids or None, the Topology Manager's.

        Raises SmtAlignment, NotEnough: the kubelet turns the container away. EngineError: it would hang.
        """
        self._check_cores(shared, request)
        allocatable = self.available(shared) | set(reusable)
        taken = set()
        if affinity is not None:
            aligned = allocatable & self._near(affinity)
            taken = self.take(aligned, min(request, len(aligned)))
        return taken | self.take(allocatable - taken, request - len(taken))

    def _near(self, affinity):
        return self.topology.of_sockets(affinity) if self.options.by_socket else self.topology.of_numa(affinity)

    def _check_cores(self, shared, request):
        if not self.options.full_cores:
            return
        size = self.topology.per_core
        if request % size:
            what = "SMT Alignment Error: requested %d cpus not multiple cpus per core = %d"
            raise SmtAlignment(what % (request, size))
        free = len(shared - self.reserved_cores)
        if request > free:
            what = "SMT Alignment Error: not enough free physical CPUs: available physical CPUs = %d, "
            what += "requested CPUs = %d, CPUs per core = %d"
            raise SmtAlignment(what % (free, request, size))

    def take(self, available, count):
        """count CPUs out of available by the policy's options. Raises NotEnough, EngineError."""
        chosen = self.options
        if chosen.across_numa:
            group = self.topology.per_core if chosen.full_cores else 1
            return cpu_distributed.distribute(
                self.topology, available, count, group, chosen.across_cores, chosen.by_socket
            )
        return cpu_packed.take(self.topology, available, count, chosen.across_cores, chosen.by_uncore)
