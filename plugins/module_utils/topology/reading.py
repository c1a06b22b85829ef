# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Small values out of sysfs and procfs files: numbers, lists of CPUs. An absent file gives the default."""

from __future__ import annotations

from .. import cpuset
from ..errors import EngineError

DAMAGED = "The tree is damaged there: save it again"
MOST_CPUS = 65536  # beyond any kernel; keeps "0-99999999999" in a damaged file from filling the memory


def number(system, path, default=None):
    """The decimal int in a file."""
    text = system.read(path)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise EngineError("%r is not a number" % text[:40], path, DAMAGED) from None


def cpu_list(system, path, mask_path=None):
    """Sorted ints of a file as "0-3,8", else of the older hexadecimal mask, else None."""
    text = system.read(path)
    if text is not None:
        return _parse_list(text, path)
    text = system.read(mask_path) if mask_path else None
    return None if text is None else _parse_mask(text, mask_path)


def _parse_list(text, path):
    if any(len(part) > 6 for part in text.replace("-", ",").split(",")):
        raise EngineError("%r is not a list of CPUs" % text[:40], path, DAMAGED)
    try:
        found = cpuset.parse(text, path)
    except ValueError:  # digits that int() does not take, such as "²"
        raise EngineError("%r is not a list of CPUs" % text[:40], path, DAMAGED) from None
    if found and found[-1] >= MOST_CPUS:
        raise EngineError("CPU %d is more than any machine has" % found[-1], path, DAMAGED)
    return found


def _parse_mask(text, path):
    """[0, 1, 2, 3, 32] of "00000001,0000000f", the kernel's words of 32 bits."""
    try:
        bits = int("".join(word.strip().rjust(8, "0") for word in text.split(",")) or "0", 16)
    except ValueError:
        raise EngineError("%r is not a CPU mask" % text[:40], path, DAMAGED) from None
    if bits < 0 or bits.bit_length() > MOST_CPUS:
        raise EngineError("%r is not a CPU mask" % text[:40], path, DAMAGED)
    return [cpu for cpu in range(bits.bit_length()) if bits >> cpu & 1]


def numbered(names, prefix):
    """Sorted ints of the names "cpu0", "cpu12" and the like; other names are skipped."""
    size = len(prefix)
    return sorted(int(name[size:]) for name in names if name.startswith(prefix) and _is_number(name[size:]))


def _is_number(text):
    return text.isascii() and text.isdigit() and len(text) <= 6
