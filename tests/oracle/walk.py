"""The kubelet's merge as it is written there (topologymanager/policy.go): through all combinations of hints.

For those without Go: a second way to the same answer, line by line beside the source, where the model is a short cut.
"""

import itertools
import math


def merge(case):
    """The answer to a merge case: {"admitted", "affinity"}."""
    if case["policy"] == "none":
        return {"admitted": True, "affinity": None}
    nodes = frozenset(one["id"] for one in case["numa"])
    lists = filtered(case["providers"])
    single = case["policy"] == "single-numa-node"
    if single:
        lists = [[(ids, good) for ids, good in found if good and (ids is None or len(ids) == 1)] for found in lists]
    closest = not single and case["options"].get("prefer-closest-numa-nodes") == "true"
    compare = Compare(lists, {one["id"]: one["distances"] for one in case["numa"]} if closest else None)
    best = None
    for combination in itertools.product(*lists):
        best = compare(best, permutation(nodes, combination))
    affinity, preferred = best or (nodes, False)
    if single and affinity == nodes:
        affinity = None
    return {
        "admitted": preferred or case["policy"] == "best-effort",
        "affinity": None if affinity is None else sorted(affinity),
    }


def combinations(case):
    """How many combinations of hints a case has."""
    return math.prod(len(found) for found in filtered(case["providers"]))


def filtered(providers):
    """One list of hints per resource."""
    lists = []
    for resources in providers:
        if not resources:
            lists.append([(None, True)])
        for hints in (resources or {}).values():
            if hints is None:
                lists.append([(None, True)])
            elif not hints:
                lists.append([(None, False)])
            else:
                lists.append(
                    [(None if h["affinity"] is None else frozenset(h["affinity"]), h["preferred"]) for h in hints]
                )
    return lists


def permutation(nodes, combination):
    """What one combination comes to."""
    affinities = [ids for ids, dummy in combination if ids is not None]
    preferred = all(good for dummy, good in combination) and len(set(affinities)) < 2
    return frozenset(nodes.intersection(*affinities)), preferred


class Compare:
    """The better of the best so far and the next."""

    def __init__(self, lists, distances):
        self.distances = distances
        narrowest = [[len(ids) for ids, dummy in found if ids is not None] for found in lists]
        self.needed = max([min(sizes) for sizes in narrowest if sizes] or [0])

    def __call__(self, current, candidate):
        if not candidate[0]:
            return current
        if current is None:
            return candidate
        if current[1] != candidate[1]:
            return current if current[1] else candidate
        return self.fitter(current, candidate) if current[1] else self.neither(current, candidate)

    def neither(self, current, candidate):
        """The better of two that not all prefer."""
        have, new = len(current[0]), len(candidate[0])
        if have > self.needed or have == new <= self.needed:
            return self.fitter(current, candidate)
        if have == self.needed or new > self.needed or new < have:
            return current
        return candidate

    def fitter(self, current, candidate):
        """The narrower, the nearer, or the one with the lower ids."""
        return min(current, candidate, key=lambda hint: (len(hint[0]), self.average(hint[0]), word(hint[0])))

    def average(self, nodes):
        """Distance between the nodes of an affinity, 0 where it does not count."""
        if self.distances is None:
            return 0
        return sum(self.distances[one][other] for one in nodes for other in nodes) / len(nodes) ** 2


def word(nodes):
    """One bit per node."""
    return sum(1 << node for node in nodes)
