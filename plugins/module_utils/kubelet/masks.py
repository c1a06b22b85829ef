# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Sets of NUMA nodes as the kubelet has them: a word with one bit per node."""

from __future__ import annotations

import functools
import itertools

from ..errors import EngineError

BITS = 64
MOST = 16


def of(ids):
    """The word of some NUMA node ids: (0, 2) -> 0b101. Raises EngineError for what the kubelet's word cannot hold."""
    word = 0
    for number in ids:
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < BITS:
            raise EngineError("%r is no NUMA node: the kubelet counts them from 0 to %d" % (number, BITS - 1))
        word |= 1 << number
    return word


def ids(word):
    """The NUMA node ids of a word: 0b101 -> (0, 2)."""
    return tuple(number for number in range(word.bit_length()) if word >> number & 1)


def count(word):
    """How many nodes are in it."""
    return bin(word).count("1")


@functools.lru_cache(maxsize=1024)
def subsets(nodes):
    """((ids, word), ...): all non-empty subsets of a sorted tuple of ids in the kubelet's order, small ones first.

    Raises EngineError where there are too many to look at: the kubelet itself would be at it for minutes.
    """
    if len(nodes) > MOST:
        what = "%d NUMA nodes have 2^%d subsets, and the kubelet's managers look at each" % (len(nodes), len(nodes))
        raise EngineError(what, advice="Set the policies of its managers to none")
    combos = (combo for size in range(1, len(nodes) + 1) for combo in itertools.combinations(nodes, size))
    return tuple((combo, of(combo)) for combo in combos)
