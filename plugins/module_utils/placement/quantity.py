# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Kubernetes quantities as whole numbers: CPUs in thousandths, memory in bytes, sizes of hugepages."""

from __future__ import annotations

import math
import re

from ..errors import EngineError
from ..quantities import amount, bytes_text

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
    try:
        return math.ceil(amount(value) * unit)
    except ValueError:
        raise EngineError("%r is no quantity" % (value,), where, advice) from None


def pages(name):
    """Size of a hugepage as Kubernetes writes it, of the kernel's name: "2048kB" -> "2Mi"; other text as it is."""
    hit = KERNEL_SIZE.match(str(name))
    return bytes_text(int(hit.group(1)) * 1024) if hit else str(name)
