# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Kubernetes quantities as whole numbers: CPUs in thousandths, memory in bytes, sizes of hugepages."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal

from ..errors import EngineError

QUANTITY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)(m|k|[KMGTPE]i?)?\Z")
BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
DECIMAL = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
FACTOR = dict(BINARY, **DECIMAL)
KERNEL_SIZE = re.compile(r"([1-9][0-9]{0,12})kB\Z")


def milli(value, where=""):
    """Thousandths of a CPU: "4" -> 4000, "500m" -> 500; None and "" are 0. Rounds up. Raises EngineError."""
    return _whole(value, 1000, where, 'Write for example "4" or "500m"')


def size(value, where=""):
    """Bytes: "4Gi" -> 4294967296; None and "" are 0. Rounds up. Raises EngineError."""
    return _whole(value, 1, where, 'Write for example "4Gi" or "512Mi"')


def _whole(value, unit, where, advice):
    if value is None or value == "":
        return 0
    hit = None if isinstance(value, bool) else QUANTITY.match(str(value).strip())
    if not hit:
        raise EngineError("%r is no quantity" % (value,), where, advice)
    number = Decimal(hit.group(1)) * unit
    number = number / 1000 if hit.group(2) == "m" else number * FACTOR.get(hit.group(2), 1)
    return int(number.to_integral_value(rounding=ROUND_CEILING))


def pages(name):
    """Size of a hugepage as Kubernetes writes it, of the kernel's name: "2048kB" -> "2Mi"; other text as it is."""
    hit = KERNEL_SIZE.match(str(name))
    return text(int(hit.group(1)) * 1024) if hit else str(name)


def text(number):
    """The shortest binary quantity of some bytes: 536870912 -> "512Mi", 1000 -> "1000"."""
    for suffix, factor in sorted(BINARY.items(), key=lambda item: item[1], reverse=True):
        if number and number % factor == 0:
            return "%d%s" % (number // factor, suffix)
    return "%d" % number


def cpus(number):
    """Thousandths of a CPU as text: 4000 -> "4", 1500 -> "1500m"."""
    return "%d" % (number // 1000) if number % 1000 == 0 else "%dm" % number
