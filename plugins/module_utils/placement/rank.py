# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Distances between places of a PCIe tree. All devices with one path are one place, so the tables stay small."""

from __future__ import annotations

from ..distance.levels import LEVELS, PHB, PIX, RANK, SYS, UNKNOWN
from ..distance.matrix import ranks

# A CPU hangs on its NUMA node's host bridge.
LOCAL, REMOTE, NOBODY_KNOWS = RANK[PHB], RANK[SYS], RANK[UNKNOWN]


class Ranks:
    """The tables of all nodes; machines of one make share theirs."""

    def __init__(self):
        self.tables = {}

    def of(self, paths, root_nodes):
        """The Table of the paths of a machine and {root complex: NUMA node}."""
        key = (tuple(sorted(paths)), tuple(sorted(root_nodes.items())))
        if key not in self.tables:
            self.tables[key] = Table(key[0], root_nodes)
        return self.tables[key]


class Table:
    """Ranks between the paths of one machine, worked out when first asked for."""

    def __init__(self, paths, root_nodes):
        self.paths, self.root_nodes = paths, root_nodes
        self.place = {path: place for place, path in enumerate(paths)}
        self.rows = None

    def between(self, one, other):
        """The rank of the level between devices with these paths; two devices with the same one are not the same."""
        if one == other:
            return RANK[PIX] if len(one) > 1 else RANK[PHB]
        if self.rows is None:
            self.rows = ranks([{"pcie_path": path} for path in self.paths], self.root_nodes)
        return self.rows[self.place[one]][self.place[other]]


def level(rank):
    """The name of a rank."""
    return LEVELS[rank]
