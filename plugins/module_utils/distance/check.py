# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Names the pairs that break a distance matrix.

PCIe is a tree. Its distances are symmetric, and ultrametric: of the three distances between three devices the
two largest are equal. First the pairs whose two readings differ; then, over the others, a smallest set of pairs
that explains every triple that breaks the rule (greedy: the pair in most of them, the farther on a tie).
"""

from __future__ import annotations

from . import verdicts
from .readings import read

MOST_TRIPLES = 200000  # a table that is no distance at all breaks everywhere; enough to name pairs, little memory


def check(matrix):
    """{ok, asymmetric: [[a, b]], ultrametric: [[a, b]], pairs: both, problems: [text]}. Raises EngineError."""
    readings = read(matrix)
    places = {name: place for place, name in enumerate(readings.names)}
    known, asymmetric = _settle(readings, places)
    triples = _broken_triples(known, len(places))
    blamed = _explain(triples, known)
    trusted = {pair: value for pair, value in known.items() if pair not in blamed}
    problems = [verdicts.asymmetric(readings, trusted, pair) for pair in asymmetric]
    problems += [verdicts.ultrametric(readings, trusted, pair, blamed[pair]) for pair in sorted(blamed)]
    named = [[verdicts.names(readings, pair) for pair in group] for group in (asymmetric, sorted(blamed))]
    return {
        "ok": not problems,
        "asymmetric": named[0],
        "ultrametric": named[1],
        "pairs": named[0] + named[1],
        "problems": problems,
    }


def _settle(readings, places):
    """({(low, high): distance} where the readings agree or only one is there, [pairs where they differ])."""
    known, asymmetric = {}, set()
    for (row, column), value in readings.value.items():
        pair = tuple(sorted((places[row], places[column])))
        if row == column:
            continue
        if known.setdefault(pair, value) != value:
            asymmetric.add(pair)
    return {pair: value for pair, value in known.items() if pair not in asymmetric}, sorted(asymmetric)


def _broken_triples(known, size):
    """[(farthest pair, other pair, other pair)]: the farthest distance has no equal among the other two.

    For each distance a set of nearer devices per device, as the bits of an int: one AND per pair finds its triples.
    """
    nearer = {}
    for distance in sorted(set(known.values())):
        bits = [0] * size
        for (one, other), value in known.items():
            if value < distance:
                bits[one] |= 1 << other
                bits[other] |= 1 << one
        nearer[distance] = bits
    triples = []
    for (one, other), distance in known.items():
        common = nearer[distance][one] & nearer[distance][other]
        while common and len(triples) < MOST_TRIPLES:
            third = common.bit_length() - 1
            common ^= 1 << third
            triples.append(((one, other), _pair(one, third), _pair(other, third)))
    return triples


def _pair(one, other):
    return (one, other) if one < other else (other, one)


def _explain(triples, known):
    """{pair: [pairs that would explain as much]}: hits every triple, greedily."""
    blamed = {}
    while triples:
        counts = {}
        for triple in triples:
            for pair in triple:
                counts[pair] = counts.get(pair, 0) + 1
        most = max(counts.values())
        tied = [pair for pair in counts if counts[pair] == most]
        worst = min(tied, key=lambda pair: (-known[pair], pair))
        hit = {pair for triple in triples if worst in triple for pair in triple}
        blamed[worst] = sorted(pair for pair in tied if pair != worst and pair in hit)
        triples = [triple for triple in triples if worst not in triple]
    return blamed
