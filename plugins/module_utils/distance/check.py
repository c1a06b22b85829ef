# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Names the pairs that break a distance matrix.

PCIe is a tree. Its distances are symmetric, and ultrametric: of the three distances between three devices the
two largest are equal. First the pairs whose two readings differ; then, over the others, a smallest set of pairs
that explains every triple that breaks the rule (greedy: the pair in most of them, the farther on a tie).
"""

from __future__ import annotations

import heapq
import itertools

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

    From near to far, each device keeps the set of nearer devices as the bits of an int: one AND per pair finds
    the thirds that are nearer to both.
    """
    nearer = [0] * size
    triples = []
    for _distance, pairs in itertools.groupby(sorted(known, key=known.get), key=known.get):
        group = list(pairs)
        for one, other in group:
            for third in _bits(nearer[one] & nearer[other]):
                if len(triples) == MOST_TRIPLES:
                    return triples
                triples.append(((one, other), _pair(one, third), _pair(other, third)))
        for one, other in group:
            nearer[one] |= 1 << other
            nearer[other] |= 1 << one
    return triples


def _bits(number):
    """The places of the ones in a number."""
    while number:
        place = number.bit_length() - 1
        number ^= 1 << place
        yield place


def _pair(one, other):
    return (one, other) if one < other else (other, one)


def _explain(triples, known):
    """{pair: [pairs that would explain as much]}: hits every triple, greedily. The heap may lag behind count."""
    of_pair = {}
    for number, triple in enumerate(triples):
        for pair in triple:
            of_pair.setdefault(pair, []).append(number)
    count = {pair: len(numbers) for pair, numbers in of_pair.items()}
    heap = [(-count[pair], -known[pair], pair) for pair in count]
    heapq.heapify(heap)
    left, blamed = set(range(len(triples))), {}
    while left:
        most, distance, worst = heapq.heappop(heap)
        if -most != count[worst]:
            heapq.heappush(heap, (-count[worst], distance, worst))
            continue
        hit = left.intersection(of_pair[worst])
        beside = {pair for number in hit for pair in triples[number]} - {worst}
        blamed[worst] = sorted(pair for pair in beside if count[pair] == -most)
        for number in hit:
            for pair in triples[number]:
                count[pair] -= 1
        left -= hit
    return blamed
