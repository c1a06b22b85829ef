# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The shortest data path that a pod can have on an empty node, whatever the kubelet says: its least cost there."""

from __future__ import annotations

import itertools

from . import path as data_path
from . import rank
from .options import fitting
from .state import State


def shortest(node, demand, weights):
    """Thousandths; None where the node has not got the ends or devices at all."""
    if any(not node.pools_named.get((resource,)) for resource, dummy in demand.compute):
        return None
    best, seen = None, set()
    for slots in _slots(node, demand):
        ends = data_path.ends(node, demand, slots)
        for source, sink in itertools.product(*ends) if ends else ():
            both = [end for end in (source, sink) if end is not None]
            if len(both) == 2 and both[0].name == both[1].name:
                both = both[:1]
            paths = tuple(end.path for end in both)
            if paths in seen:
                continue
            seen.add(paths)
            length = _length(node, demand, paths, weights)
            best = length if best is None else min(best, length)
    return best


def _slots(node, demand):
    """Choices for the slots that can be an end of the data path; the others take the first that fits."""
    state = State(node)
    groups = [fitting(node, state, slot) for slot in demand.slots]
    if not (demand.source + demand.sink).count("network:"):
        groups[1:-1] = [choices[:1] for choices in groups[1:-1]]
    return itertools.product(*groups)


def _length(node, demand, paths, weights):
    total = 0
    for at in demand.on_path:
        for resource, count in demand.needs[at].compute:
            pools = {node.pools[place].path for place in node.pools_named[(resource,)]}
            total += count * min(sum(weights.rank[node.ranks.between(end, pool)] for end in paths) for pool in pools)
        if not demand.needs[at].compute and paths:
            homes = [data_path.numa_of(node, end) for end in paths]
            total += min(sum(_to_cpu(home, numa, weights) for numa in homes) for home in homes)
    return total


def _to_cpu(home, numa, weights):
    if numa < 0:
        return weights.rank[rank.NOBODY_KNOWS]
    return weights.rank[rank.LOCAL if home == numa else rank.REMOTE]
