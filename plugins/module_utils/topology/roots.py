# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The NUMA node of a PCIe root complex: one answer, where its functions disagree or some of them say nothing."""

from __future__ import annotations

from .reading import number


def gather(system, folders, paths, chosen):
    """List of {root, numa_node} of the root complexes of the chosen addresses, by name.

    Every function below a root votes, bridges too, so the answer is the same whatever kinds were asked for.
    """
    needed = {paths[address][0] for address in chosen}
    votes = [
        (path[0], number(system, folders[address] + "/numa_node", -1))
        for address, path in paths.items()
        if path[0] in needed
    ]
    return [{"root": root, "numa_node": node} for root, node in sorted(consensus(votes).items())]


def consensus(votes):
    """{root: NUMA node} of [(root, NUMA node)]: what most say that know, the lowest on a tie, -1 where none knows."""
    counts = {}
    for root, node in votes:
        of_root = counts.setdefault(root, {})
        if node >= 0:
            of_root[node] = of_root.get(node, 0) + 1
    return {root: _winner(of_root) for root, of_root in counts.items()}


def _winner(counts):
    return min(counts, key=lambda node: (-counts[node], node)) if counts else -1
