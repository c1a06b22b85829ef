# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The graph of services that talk to each other: what an edge costs, and what sitting together saves of that."""

from __future__ import annotations


class Graph:
    """Edges between services, both directions as one; each is shared out evenly among the pairs of their pods."""

    def __init__(self, traffic, replicas, weights):
        """traffic: {service: ((other, weight))}; replicas: {service: pods, those that run already too}."""
        raw = {}
        for key, edges in traffic.items():
            for other, weight in edges:
                if weight and replicas.get(key) and replicas.get(other):
                    pair = (min(key, other), max(key, other))
                    raw[pair] = raw.get(pair, 0) + weight
        heaviest = max(raw.values(), default=1)
        self.apart, self.numa, self.total = {}, {}, 0
        for (one, other), weight in sorted(raw.items()):
            pairs = replicas[one] * replicas[other]
            cost = weights.edge * weight // (heaviest * pairs)
            between_numa = min(cost, weights.edge_numa * weight // (heaviest * pairs))
            self.total += cost * pairs
            for ends in ((one, other), (other, one)):
                self.apart.setdefault(ends[0], {})[ends[1]] = cost
                self.numa.setdefault(ends[0], {})[ends[1]] = between_numa

    def neighbours(self, key):
        """{service: cost of a pair of pods on two nodes}."""
        return self.apart.get(key, {})

    def saved(self, one, numa, other, other_numa):
        """What two pods on one node save; numa: the places of their NUMA nodes, () for all."""
        cost = self.apart[one][other]
        if numa and other_numa and not set(numa) & set(other_numa):
            return cost - self.numa[one][other]
        return cost
