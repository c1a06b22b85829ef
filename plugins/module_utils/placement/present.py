# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What runs already: it keeps its node, CPUs and devices, unless it may be moved or asks for something else by now."""

from __future__ import annotations

from . import quantity
from .held import foreign, option_of
from .reading import Reader
from .state import State


class Held:
    """What one pod holds: its entries (one per container) of an earlier result."""

    def __init__(self, key, replica, node):
        self.key, self.replica, self.node = key, replica, node
        self.entries = []

    def entry_of(self, container):
        """The entry of a container, None where it had none."""
        return next((entry for entry in self.entries if entry.get("container") == container), None)


class Present:
    """fixed: {node: [(Pod, Option)]} of what is not touched; movers: names of pods that may move; stale: of those that
    cannot stay. A name is (key, replica).
    """

    def __init__(self, allocations, pods, nodes, weights):
        self.reader = Reader("allocations")
        self.nodes = {node.name: node for node in nodes}
        self.number_of = {node.name: number for number, node in enumerate(nodes)}
        self.held = self._read(allocations or [])
        self.reader.finish()
        self.fixed, self.movers, self.stale, self.options = {}, set(), set(), {}
        states = {}
        asked = {(pod.key, pod.replica): pod for pod in pods}
        for name in sorted(self.held, key=lambda name: (name in asked, name)):
            node = self.nodes[self.held[name].node]
            state = states.setdefault(node.name, State(node))
            self._sort(name, node, state, asked.get(name), weights)

    def _read(self, allocations):
        found, given = {}, {}
        if not isinstance(allocations, (list, tuple)):
            self.reader.fault("allocations", "is no list", "Give the placements of an earlier result", allocations)
            return found
        field = self.reader.field
        for path, entry in self.reader.entries(allocations, "allocations"):
            namespace = field(entry, "namespace", str, path, "") or "default"
            key = (namespace, field(entry, "service", str, path, "", needed=True))
            replica, node = self.reader.count(entry, "replica", path), field(entry, "node", str, path, "", needed=True)
            if node not in self.nodes:
                continue  # it went with its node; the pod is placed anew
            held = found.setdefault((key, replica), Held(key, replica, node))
            if held.node != node:
                self.reader.fault(path + ".node", "is not the node of the pod's other containers", "", node)
            held.entries.append(_checked(self.reader, path, entry))
            self._once(path, held.entries[-1], given.setdefault(node, {}))
        return found

    def _once(self, path, entry, given):
        """Nothing exclusive is held by two."""
        things = ["CPU %d" % cpu for cpu in entry["cpus"]]
        things += [device["address"] for device in entry["devices"] if device.get("resource") != "rdma"]
        for thing in things:
            if thing in given:
                what = "%s of %s is held by %s too" % (thing, entry["node"], given[thing])
                self.reader.fault(path, what, "Read the present allocations anew")
            given[thing] = entry["service"]

    def _sort(self, name, node, state, pod, weights):
        """A pod is fixed or a mover; one that asks for other things than it holds, or lost some, is placed anew."""
        held = self.held[name]
        if pod is None:
            pod, option = foreign(node, held, weights)
        else:
            option = option_of(node, pod, held, weights)
            refused = pod.nodes is not None and node.name not in pod.nodes
            if option is None or refused or not fits(state, pod, option):
                self.stale.add(name)
                return
        self.options[name] = option
        state.take(pod.demand.needs, option)
        if pod.move:
            self.movers.add(name)
        else:
            self.fixed.setdefault(held.node, []).append((pod, option))

    def home_of(self, pod):
        """Number of the node on which a pod that may move runs, None for another."""
        name = (pod.key, pod.replica)
        return self.number_of[self.held[name].node] if name in self.movers else None

    def node_of(self, pod):
        """Name of the node on which a pod ran, None for a new one."""
        held = self.held.get((pod.key, pod.replica))
        return held.node if held else None

    def is_fixed(self, pod):
        """Whether a pod stays untouched."""
        name = (pod.key, pod.replica)
        return name in self.held and name not in self.movers and name not in self.stale

    def option_of(self, pod):
        """The Option of staying."""
        return self.options[pod.key, pod.replica]


def fits(state, pod, option):
    """Whether what a running pod holds is there for it."""
    if state.milli < pod.demand.milli or state.total < pod.demand.memory:
        return False
    if any(state.pools[place] < count for place, count in option.pools):
        return False
    cpus, memory = [0] * len(state.cpus), [0] * len(state.cpus)
    for pick in option.picks:
        for total, given in ((cpus, pick.cpus), (memory, pick.memory)):
            for place, amount in enumerate(given or ()):
                total[place] += amount
        if any(
            has < taken for size, given in pick.hugepages for has, taken in zip(state.hugepages.get(size, ()), given)
        ):
            return False
    return all(has >= taken for has, taken in zip(state.cpus + state.memory, cpus + memory))


def _device(reader, device, where):
    """True for a device with an address and a resource; else it is a fault."""
    return all(reader.field(device, name, str, where, "", needed=True) for name in ("address", "resource"))


def _checked(reader, path, entry):
    """The entry with the types that the rest relies on."""
    field = reader.field
    devices = [device for where, device in reader.mappings(entry, "devices", path) if _device(reader, device, where)]
    numbers = [number for number in field(entry, "numa_nodes", list, path, []) if isinstance(number, int)]
    pages = field(entry, "hugepages", dict, path, {})
    return {
        "service": entry.get("service"),
        "node": entry.get("node"),
        "container": field(entry, "container", str, path, ""),
        "cpus": reader.cpus(entry, "cpus", path),
        "milli": reader.attempt(quantity.milli, entry.get("cpu"), path + ".cpu") or 0,
        "numa_nodes": numbers,
        "memory": reader.count(entry, "memory", path),
        "memory_by_numa": field(entry, "memory_by_numa", dict, path, {}),
        "hugepages": {str(size): reader.count(pages, size, path + ".hugepages") for size in pages},
        "hugepages_by_numa": field(entry, "hugepages_by_numa", dict, path, {}),
        "devices": devices,
        "ends": _ends(field(entry, "distance", dict, path, {}).get("levels")),
    }


def _ends(levels):
    """Where the data of an entry was promised to come from and go to: addresses."""
    told = levels if isinstance(levels, list) else []
    return {one["from"] for one in told if isinstance(one, dict) and isinstance(one.get("from"), str)}
