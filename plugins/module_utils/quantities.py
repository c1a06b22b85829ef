# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Kubernetes quantities: "500m", "4", "1.5Gi" -> exact numbers, and back in the canonical form.

The grammar is that of k8s.io/apimachinery/pkg/api/resource: a decimal number with a binary suffix (Ki to Ei),
a decimal one (n, u, m, k to E) or an exponent (1e3).
"""

from __future__ import annotations

import re
from fractions import Fraction

NUMBER = re.compile(r"\+?([0-9]{1,24}(?:\.[0-9]{0,24})?|\.[0-9]{1,24})(.*)", re.DOTALL)
EXPONENT = re.compile(r"[eE]([+-]?[0-9]{1,2})")
BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
DECIMAL = {"n": -3, "u": -2, "m": -1, "": 0, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
# What an int64 holds, as the API server does.
MOST_BYTES = 2**63 - 1
# More CPUs than any machine has.
MOST_MILLICORES = 1_000_000 * 1000


class NoQuantity(ValueError):
    """What is not even a number with a unit."""


def amount(value):
    """The exact Fraction of a quantity (text, int or float); raises ValueError with what is wrong."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise NoQuantity("is no quantity")
    hit = NUMBER.fullmatch(str(value).strip())
    if not hit:
        raise NoQuantity("is no quantity")
    return Fraction(hit.group(1)) * _factor(hit.group(2))


def millicores(value):
    """CPUs in thousandths: "500m" -> 500, 4 -> 4000; raises ValueError."""
    if is_binary(value):
        raise ValueError("is an amount of memory")
    thousandths = amount(value) * 1000
    if thousandths.denominator != 1:
        raise ValueError("is finer than a thousandth of a CPU")
    if thousandths > MOST_MILLICORES:
        raise ValueError("is more than any machine has")
    return int(thousandths)


def number_of_bytes(value):
    """Bytes: "4Gi" -> 4294967296; raises ValueError."""
    count = amount(value)
    if count.denominator != 1:
        raise ValueError("has a fraction of a byte")
    if count > MOST_BYTES:
        raise ValueError("is more than any machine has")
    return int(count)


def is_binary(value):
    """True where it has a binary suffix."""
    return str(value).strip()[-2:] in BINARY


def cpu_text(thousandths):
    """The canonical text of CPUs: 500 -> "500m", 4000 -> "4"."""
    return "%dm" % thousandths if thousandths % 1000 else "%d" % (thousandths // 1000)


def bytes_text(count, binary=True):
    """The canonical text of bytes, the largest unit without a fraction: 4294967296 -> "4Gi"; binary=False: k, M, G."""
    base, units = (1024, BINARY) if binary else (1000, DECIMAL)
    for unit, power in sorted(units.items(), key=lambda item: -item[1]):
        if power > 0 and count and count % base**power == 0:
            return "%d%s" % (count // base**power, unit)
    return "%d" % count


def canonical_cpu(value):
    """The canonical text of a quantity of CPUs; raises ValueError."""
    return cpu_text(millicores(value))


def canonical_memory(value):
    """The canonical text of a quantity of bytes, decimal where it was written so; raises ValueError."""
    count = number_of_bytes(value)
    plain = str(value).strip().isdigit() or not isinstance(value, str)
    return bytes_text(count, is_binary(value) or (plain and count % 1024 == 0))


def _factor(suffix):
    if suffix in BINARY:
        return Fraction(1024 ** BINARY[suffix])
    if suffix in DECIMAL:
        return Fraction(1000) ** DECIMAL[suffix]
    exponent = EXPONENT.fullmatch(suffix)
    if exponent:
        return Fraction(10) ** int(exponent.group(1))
    raise ValueError("has a unit that Kubernetes does not know")
