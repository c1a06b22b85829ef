# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Lists of numbers as the kernel writes them ("0-3,8"): CPUs, NUMA nodes, VF ranges."""

from __future__ import annotations

from .errors import EngineError


def parse(text, where=""):
    """Sorted list of the ints in text, such as "0-2,8" -> [0, 1, 2, 8]; "" -> []. Raises EngineError."""
    numbers = set()
    for part in filter(None, (word.strip() for word in str(text).split(","))):
        low, dash, high = part.partition("-")
        if not low.isdigit() or (dash and not high.isdigit()):
            raise EngineError('"%s" is not a number or a range' % part, where, 'Write for example "0-3,8"')
        first, last = int(low), int(high if dash else low)
        if last < first:
            raise EngineError('the range "%s" runs backwards' % part, where, 'Write "%d-%d"' % (last, first))
        numbers.update(range(first, last + 1))
    return sorted(numbers)


def render(numbers):
    """The shortest text for some ints: [0, 1, 2, 8] -> "0-2,8"."""
    runs = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(low) if low == high else "%d-%d" % (low, high) for low, high in runs)
