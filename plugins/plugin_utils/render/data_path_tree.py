# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The tree of a node's devices with a place for each, and the ways of a service through it."""

from __future__ import annotations

from ...module_utils.distance import devices as devs
from .distance import label

MOST_PLAIN = 40  # devices that the service does not use; more of them are left out, and told as a number


class Spot:
    """A thing in the tree: row and depth say where it is drawn."""

    def __init__(self, name, text, kind, parent):
        self.name, self.label, self.kind, self.parent = name, text, kind, parent
        self.children, self.used, self.row = [], False, 0
        self.depth = parent.depth + 1 if parent is not None else 0
        if parent is not None:
            parent.children.append(self)

    def above(self):
        """Itself and all that it hangs on, the machine last."""
        spot, found = self, []
        while spot is not None:
            found.append(spot)
            spot = spot.parent
        return found


class Leg:
    """One way: level as placement told it, the spots whose line upwards it takes, and the topmost of all."""

    def __init__(self, level, one, other):
        self.level = level
        others = other.above()
        self.top = next(spot for spot in one.above() if spot in others)
        self.way = [spot for spot in one.above() + others if spot not in self.top.above()]


class Tree:
    """spots in the order of drawing, rows and depth of the whole, legs."""

    def __init__(self, topology, entries):
        self.topology = devs.unwrap(topology)
        self.devices = devs.all_devices(self.topology)
        self.homes = devs.root_nodes(self.topology, self.devices)
        self.entries = entries
        self.root = Spot("machine", "machine", None, None)
        self.by_name = {}
        self._numa_nodes()
        self._devices()
        self.spots = []
        self.rows = self._arrange(self.root, 0)
        self.depth = max(spot.depth for spot in self.spots)
        self.legs = list(self._legs())

    def _spot(self, name, text, kind, parent):
        if name not in self.by_name:
            self.by_name[name] = Spot(name, text, kind, parent)
        return self.by_name[name]

    def _numa_nodes(self):
        """A NUMA node each, with its CPUs: those that the service has for itself, else all."""
        numbers = sorted({entry["node"] for entry in self.topology.get("numa_nodes") or ()} | set(self.homes.values()))
        for number in [number for number in numbers if number >= 0] + [number for number in numbers if number < 0]:
            name = "NUMA %d" % number if number >= 0 else "NUMA ?"
            spot = self._spot(("numa", number), name, None, self.root)
            texts = [entry["cpus"] for entry in self.entries if entry["cpus"] and number in entry["numa_nodes"]]
            text = "CPUs " + ", ".join(texts) if texts else "CPUs"
            self._spot(("cpu", number), text, "cpu", spot).used = bool(texts)

    def _devices(self):
        given = {device["address"] for entry in self.entries for device in entry["devices"]}
        ends = {level[end] for entry in self.entries for level in entry["distance"]["levels"] for end in ("from", "to")}
        wanted, plain = given | ends, 0
        for device in self.devices:
            used = device["address"] in wanted
            if not used and (device.get("sriov") or {}).get("role") == "vf":
                continue
            plain += not used
            if used or plain <= MOST_PLAIN:
                self._device(device, used)
        if plain > MOST_PLAIN:
            self._spot("more", "%d more devices" % (plain - MOST_PLAIN), None, self.root)

    def _device(self, device, used):
        path = device["pcie_path"]
        parent = self.by_name["numa", self.homes[path[0]]]
        for length in range(1, len(path) + 1):
            parent = self._spot(tuple(path[:length]), path[length - 1], None, parent)
        words = [device.get("kind") or "", device["address"], label(device)]
        spot = self._spot(device["address"], " ".join(word for word in words if word), device.get("kind"), parent)
        spot.used = used

    def _arrange(self, spot, row):
        """Gives rows to a spot and all below it; returns the next free one."""
        self.spots.append(spot)
        spot.row = row
        row += 1
        for child in spot.children:
            row = self._arrange(child, row)
        return row

    def _legs(self):
        for entry in self.entries:
            for level in entry["distance"]["levels"]:
                if level["from"] in self.by_name:
                    for other in self._targets(level["to"], entry):
                        yield Leg(level, self.by_name[level["from"]], other)

    def _targets(self, name, entry):
        """The spot of a device; of CPUs those of each NUMA node that they are on, of floating ones of all."""
        if not name.startswith("cpu"):
            return [self.by_name[name]] if name in self.by_name else []
        cpus = {spot.name[1]: spot for spot in self.by_name.values() if spot.kind == "cpu" and spot.name[1] >= 0}
        return [cpus[number] for number in sorted(cpus) if not entry["cpus"] or number in entry["numa_nodes"]]
