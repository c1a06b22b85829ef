# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a service may write as a quantity: millicores and bytes as whole numbers that a machine can have, and back in
the canonical form.
"""

from __future__ import annotations

from ..quantity import amount, bytes_text, cpu_text, is_binary

# What an int64 holds, as the API server does.
MOST_BYTES = 2**63 - 1
# More CPUs than any machine has.
MOST_MILLICORES = 1_000_000 * 1000


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


def canonical_cpu(value):
    """The canonical text of a quantity of CPUs; raises ValueError."""
    return cpu_text(millicores(value))


def canonical_memory(value):
    """The canonical text of a quantity of bytes, decimal where it was written so; raises ValueError."""
    count = number_of_bytes(value)
    plain = str(value).strip().isdigit() or not isinstance(value, str)
    return bytes_text(count, is_binary(value) or (plain and count % 1024 == 0))
