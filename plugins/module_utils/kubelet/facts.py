# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the managers need to know of a node, out of its topology_facts (its CPUs: cpu_topology.from_facts)."""

from __future__ import annotations

import re

from .memory_static import MEMORY

SIZE = re.compile(r"([1-9][0-9]*)kB")
UNITS = ((1 << 20, "Gi"), (1 << 10, "Mi"), (1, "Ki"))


def distances(topology):
    """{NUMA id: distances to the others, () where unknown}, as topology_manager.admit takes it."""
    return {row["node"]: tuple(row["distances"]) for row in topology["numa_nodes"]}


def memory(topology):
    """{NUMA id: {"memory": bytes, "hugepages-2Mi": bytes, ...}}, as memory_static.machine takes it."""
    return {row["node"]: _sizes(row) for row in topology["numa_nodes"]}


def _sizes(row):
    found = {MEMORY: row["memory_bytes"] or 0}
    for name, pages in row["hugepages"].items():
        size = int(SIZE.fullmatch(name).group(1))
        found[resource(size)] = size * 1024 * pages["total"]
    return found


def resource(kib):
    """The Kubernetes resource of hugepages of so many KiB: 2048 -> "hugepages-2Mi"."""
    factor, unit = next(pair for pair in UNITS if kib % pair[0] == 0)
    return "hugepages-%d%s" % (kib // factor, unit)
