# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The Topology Manager: merges the hints of all providers into one NUMA affinity and admits the container, or not.

The kubelet walks through every combination of one hint per resource (pkg/kubelet/cm/topologymanager/policy.go). Its
comparison is a total order on what the combinations give, so the best of them is found here without the walk: first
among the affinities that every resource prefers, else among all that a bitwise AND of hints can give.
"""

from __future__ import annotations

import functools

from ..errors import EngineError
from ..suggest import advice
from . import masks
from . import options as known

ANY = -1  # a hint without an affinity: all bits


def admit(policy, providers_hints, numa_nodes, options=None):
    """(admitted, affinity): whether the kubelet lets a container (or pod, by scope) in, and its tuple of NUMA ids.

    policy: none|best-effort|restricted|single-numa-node.
    providers_hints: one dict per provider, {resource: None (no preference) | [] (not possible) |
    [(tuple of NUMA ids or None, preferred), ...]}; an empty dict or None is a provider without a preference.
    numa_nodes: the node's NUMA ids, or {id: distances} where prefer-closest-numa-nodes needs them.
    options: topologyManagerPolicyOptions. The affinity is None where the policy gives none: the managers then choose
    freely. Of a refused container it is what the kubelet logs. Raises EngineError.
    """
    return manager(policy, numa_nodes, options).admit(providers_hints)


def manager(policy, numa_nodes, options=None):
    """The TopologyManager for a kind of node; the same object for the same arguments."""
    if policy not in known.POLICIES:
        raise EngineError("there is no such policy", "topologyManagerPolicy: %s" % (policy,), _policies(policy))
    if isinstance(numa_nodes, dict):
        nodes = tuple((node, tuple(row or ())) for node, row in numa_nodes.items())
    else:
        nodes = tuple((node, ()) for node in numa_nodes)
    return _manager(policy, nodes, tuple(sorted((str(name), str(value)) for name, value in (options or {}).items())))


@functools.lru_cache(maxsize=4096)
def _manager(policy, nodes, options):
    return TopologyManager(policy, dict(nodes), dict(options))


class TopologyManager:
    """One policy on one kind of node; manager() makes it."""

    def __init__(self, policy, distances, options=None):
        """distances: {NUMA id: (distance to id 0, to id 1, ...)}, empty rows where unknown. Raises EngineError."""
        self.policy = policy
        self.options = known.topology(options)
        self.everywhere = masks.of(distances)
        self._words = {None: ANY}
        self._ids = {None: None}
        if policy != "none":
            self._check(distances)
        self._closest = self.options.closest and policy not in ("none", "single-numa-node")
        self._distances = distances

    def _check(self, distances):
        most = self.options.most_nodes
        if len(distances) > most:
            what = "the kubelet's Topology Manager does not start on %d NUMA nodes, its limit is %d"
            raise EngineError(what % (len(distances), most), advice='Set %s: "%d"' % (known.MOST_NODES, len(distances)))
        if not self.options.closest:
            return
        short = [node for node, row in distances.items() if len(row) <= max(distances)]
        if short:
            what = "the distances of NUMA node %d are not known" % short[0]
            raise EngineError(what, known.CLOSEST, "Give the distances to all nodes, or leave the option out")

    def admit(self, providers_hints):
        """(admitted, affinity) as admit()."""
        if self.policy == "none":
            return True, None
        word, preferred = self.merge(providers_hints)
        return preferred or self.policy == "best-effort", self.tuple(word)

    def merge(self, providers_hints):
        """(word of the best affinity or None, preferred): the kubelet's Merge."""
        lists = self._lists(providers_hints)
        if self.policy == "single-numa-node":
            best = self._preferred(lists, single=True)
            return (None, best is not None) if best in (None, self.everywhere) else (best, True)
        best = self._preferred(lists)
        return (best, True) if best is not None else (self._other(lists), False)

    def _lists(self, providers_hints):
        """[[(word, preferred), ...] per resource that has a preference]; those without one change nothing."""
        lists = []
        for resources in providers_hints:
            for hints in (resources or {}).values():
                if hints is not None:
                    lists.append([(self._word(ids), preferred) for ids, preferred in hints] or [(ANY, False)])
        return lists

    def _word(self, ids):
        try:
            return self._words[ids]
        except KeyError:
            word = self._words[ids] = masks.of(ids)
            return word
        except TypeError:  # a list
            return self._word(tuple(ids))

    def tuple(self, word):
        """The NUMA ids of a word, None of None."""
        if word not in self._ids:
            self._ids[word] = masks.ids(word)
        return self._ids[word]

    def _preferred(self, lists, single=False):
        """The best affinity that all resources prefer, None where there is none."""
        common, free = None, set()
        for hints in lists:
            words = {word for word, preferred in hints if preferred}
            if single:
                # An affinity of one node, or none at all.
                words = {word for word in words if word == ANY or (word and not word & (word - 1))}
            if ANY in words:
                free |= words
            else:
                common = words if common is None else common & words
                if not common:
                    return None
        candidates = free | {self.everywhere} if common is None else common
        found = {word & self.everywhere for word in candidates} - {0}
        if len(found) < 2:
            return found.pop() if found else None
        return min(found, key=self._fit)

    def _fit(self, word):
        """The smaller, the better: few nodes, near ones where asked for, low ids."""
        return masks.count(word), self._spread(word), word

    def _spread(self, word):
        """Sum of the distances; affinities of the same size only are compared by it, so the average says no more."""
        if not self._closest:
            return 0
        nodes = self.tuple(word)
        return sum(self._distances[one][other] for one in nodes for other in nodes)

    def _other(self, lists):
        """The best affinity that not all prefer: as many nodes as the neediest resource needs, or the next fewer."""
        needed, reach = 0, {self.everywhere}
        for hints in lists:
            words = {word for word, dummy in hints}
            reach = {one & word for one in reach for word in words}
            with_nodes = [masks.count(word) for word in words if word != ANY]
            needed = max([needed, min(with_nodes)]) if with_nodes else needed
        reach.discard(0)

        def fit(word):
            size = masks.count(word)
            return size > needed, size if size > needed else -size, self._spread(word), word

        return min(reach, key=fit) if reach else self.everywhere


def _policies(policy):
    return advice(policy, known.POLICIES)
