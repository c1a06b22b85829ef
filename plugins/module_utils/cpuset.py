# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Lists of numbers as the kernel writes them ("0-3,8"): CPUs, NUMA nodes, VF ranges."""

from __future__ import annotations

import re

from .errors import EngineError

PART = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?")
HIGHEST = 65535  # no kernel has as many CPUs, and no PCI function more VFs


def parse(text, where=""):
    """Sorted list of the ints in text, such as "0-2,8" -> [0, 1, 2, 8]; "" -> []. Raises EngineError."""
    numbers = set()
    for part in filter(None, (word.strip() for word in str(text).split(","))):
        hit = PART.fullmatch(part)
        if not hit:
            raise EngineError('"%s" is not a number or a range' % part, where, 'Write for example "0-3,8"')
        first, last = int(hit.group(1)), int(hit.group(2) or hit.group(1))
        if max(first, last) > HIGHEST:
            raise EngineError('"%s" is more than any machine has' % part, where, 'Write for example "0-3,8"')
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
