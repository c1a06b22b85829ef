# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kubelet's hint providers with what they remember: they give hints, then take what was decided, and put it back.

Each has hints(pod, container), pod_hints(pod), allocate(pod, container, affinity, preferred) and remove(pod).
"""

from __future__ import annotations

from . import devices, hints, memory_static
from .pods import INIT, total


class CpuProvider:
    """The static CPU manager."""

    def __init__(self, policy):
        """policy: cpu_static.StaticPolicy."""
        self.policy = policy
        self.shared = policy.shared()
        self.given = {}  # {pod: {container: set of CPUs}}
        self.again = {}  # {pod: CPUs of its init containers}

    def hints(self, pod, container):
        """{"cpu": [hint...]}, {} without exclusive CPUs."""
        count = container.cpus if pod.guaranteed else 0
        return self.policy.hints(self.shared, count, self.again.get(pod.name, ()))

    def pod_hints(self, pod):
        """The same for the pod as a whole."""
        count = total(pod, lambda container: container.cpus) if pod.guaranteed else 0
        return self.policy.hints(self.shared, count, self.again.get(pod.name, ()))

    def allocate(self, pod, container, affinity, dummy_preferred):
        """The set of CPUs of a container."""
        if not pod.guaranteed or not container.cpus:
            return set()
        again = self.again.setdefault(pod.name, set())
        taken = self.policy.allocate(self.shared, container.cpus, affinity, again)
        self.shared -= taken
        self.given.setdefault(pod.name, {})[container.name] = taken
        if container.role == INIT:
            again |= taken
        else:
            again -= taken
        return taken

    def remove(self, pod):
        """The pod has ended."""
        self.again.pop(pod.name, None)
        self.shared |= set().union(*self.given.pop(pod.name, {}).values())


class MemoryProvider:
    """The Static memory manager."""

    def __init__(self, cells):
        """cells: memory_static.machine()."""
        self.cells = cells
        self.given = {}  # {pod: {container: [Block]}}
        self.again = {}  # {pod: {(NUMA ids, resource): bytes} of its init containers}

    def hints(self, pod, container):
        """{resource: [hint...]}."""
        if not pod.guaranteed or not container.memory:
            return {}
        return hints.memory(self.cells, container.memory, self.again.get(pod.name, {}))

    def pod_hints(self, pod):
        """The same for the pod as a whole. A resource that init containers alone ask for is left out, as there."""
        if not pod.guaranteed:
            return {}
        names = dict.fromkeys(name for one in pod.containers if not one.role for name in one.memory)
        request = {name: total(pod, lambda one, name=name: one.memory.get(name, 0)) for name in names}
        return hints.memory(self.cells, request, self.again.get(pod.name, {})) if request else {}

    def allocate(self, pod, container, affinity, preferred):
        """The Blocks of a container."""
        if not pod.guaranteed or not container.memory:
            return []
        again = self.again.setdefault(pod.name, {})
        blocks = memory_static.allocate(self.cells, container.memory, affinity, preferred, again)
        for block in blocks:
            place = (block.numa_nodes, block.resource)
            if container.role == INIT:
                again[place] = max(again.get(place, 0), block.size)
            elif place in again:
                again[place] = max(0, again[place] - block.size)
        self.given.setdefault(pod.name, {})[container.name] = [
            memory_static.Block(block.numa_nodes, block.resource, block.size) for block in blocks
        ]
        self._count_once(pod, container)
        return blocks

    def _count_once(self, pod, container):
        """Take off the init containers' blocks what this container uses again, so that it is put back only once."""
        given = self.given[pod.name]
        for block in given[container.name]:
            left = block.size
            for one in pod.containers:
                if one.name == container.name:
                    break
                for other in given.get(one.name, ()) if one.role == INIT else ():
                    if other.resource == block.resource and other.numa_nodes == block.numa_nodes:
                        used = min(left, other.size)
                        other.size -= used
                        left -= used

    def remove(self, pod):
        """The pod has ended."""
        self.again.pop(pod.name, None)
        given = self.given.pop(pod.name, {})
        for container in pod.containers:
            memory_static.release(self.cells, given.get(container.name, ()))


class DeviceProvider:
    """The device manager."""

    def __init__(self, known, numa_nodes, pick=None):
        """known: {resource: {device: NUMA ids, () for none}}. pick(resource, candidates, count) -> names: stands for
        the order of a Go map; by default the first by name."""
        self.known, self.numa_nodes = known, numa_nodes
        self.pick = pick or (lambda resource, candidates, count: candidates[:count])
        self.given = {}  # {pod: {resource: names}}
        self.again = {}  # {pod: {resource: names of its init containers}}

    def available(self, resource):
        """Names of the devices that nobody has."""
        given = (pod.get(resource, ()) for pod in self.given.values())
        return set(self.known[resource]) - set().union(*given)

    def hints(self, pod, container):
        """{resource: None or [hint...]}."""
        again = self.again.get(pod.name, {})
        asked = [name for name in container.devices if name in self.known]
        return {name: self._hints(name, container.devices[name], again.get(name, ())) for name in asked}

    def pod_hints(self, pod):
        """The same for the pod as a whole; what its init containers had is not looked at, as in the kubelet."""
        names = dict.fromkeys(name for one in pod.containers for name in one.devices if name in self.known)
        return {name: self._hints(name, total(pod, lambda one, name=name: one.devices.get(name, 0))) for name in names}

    def _hints(self, resource, count, again=()):
        all_of, free = self.known[resource], self.available(resource)
        tallies = [devices.tally(all_of, names) for names in (all_of, free, again)]
        return hints.device(tallies[0], tallies[1], count, self.numa_nodes, tallies[2])

    def allocate(self, pod, container, affinity, dummy_preferred):
        """{resource: set of names} of a container."""
        given, again = self.given.setdefault(pod.name, {}), self.again.setdefault(pod.name, {})
        found = {}
        for name, count in container.devices.items():
            if name not in self.known or not count:
                continue
            choice = devices.choose(self.known[name], self.available(name), count, affinity, again.get(name, ()))
            names = set(choice.certain)
            if choice.count:
                names |= set(self.pick(name, choice.candidates, choice.count))
            found[name] = names
            given[name] = given.get(name, set()) | names
            before = again.get(name, set())
            again[name] = before | names if container.role == INIT else before - names
        return found

    def remove(self, pod):
        """The pod has ended."""
        self.given.pop(pod.name, None)
        self.again.pop(pod.name, None)
