# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The distance matrix with what a person needs to read it: names of the devices, in NUMA order."""

from __future__ import annotations

from ...module_utils.distance import devices as devs
from ...module_utils.distance import matrix
from ...module_utils.distance.levels import LEVELS, MEANING, weights
from ...module_utils.topology.address import sort_key
from .text_table import text_table


class View:
    """A matrix made to be shown: devices (NUMA node, then address; unknown node last), nodes, level, weights."""

    def __init__(self, topology, kinds=None, devices=None, weights_over=None):
        """Arguments as matrix.build; devices that are named keep the order of the names."""
        known = devs.all_devices(topology)
        node_of_root = devs.root_nodes(topology, known)
        chosen = devs.select(known, kinds, devices)
        self.nodes = {device["address"]: node_of_root[device["pcie_path"][0]] for device in chosen}
        if not devices:
            chosen.sort(key=self._place)
        self.devices = chosen
        self.weights = weights(weights_over)
        addresses = [device["address"] for device in chosen]
        built = matrix.build(topology, None, addresses, weights_over) if addresses else {"level": []}
        self.level = built["level"]

    def _place(self, device):
        node = self.nodes[device["address"]]
        return (node < 0, node, sort_key(device["address"]))

    def node_name(self, device):
        """ "NUMA 0", or "NUMA ?" where no device of its root complex knows."""
        node = self.nodes[device["address"]]
        return "NUMA %d" % node if node >= 0 else "NUMA ?"

    def legend(self):
        """[(level, weight, meaning)] of the levels that occur, nearest first."""
        used = {level for row in self.level for level in row}
        return [(level, self.weights[level], MEANING[level]) for level in LEVELS if level in used]


def label(device):
    """The names by which a person knows the device beside its address: network, else RDMA devices."""
    return ",".join(device.get("net") or device.get("rdma") or [])


def distance_table(view):
    """Text: the matrix with numbered columns, and the meaning of its levels below. Ends with a newline."""
    if not view.devices:
        return "No PCI devices of these kinds.\n"
    headers = ["#", "kind", "address", "name", "node"] + [str(place) for place in range(len(view.devices))]
    rows = [
        [place, device.get("kind"), device["address"], label(device), view.node_name(device)] + list(view.level[place])
        for place, device in enumerate(view.devices)
    ]
    legend = text_table(["level", "weight", "what lies between"], view.legend())
    return "%s\n\n%s\n" % (text_table(headers, rows), legend)
