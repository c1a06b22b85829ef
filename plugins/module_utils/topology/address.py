# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""PCI addresses, "DDDD:BB:DD.F", with domains of 4 to 8 hexadecimal digits (Hyper-V and VMD use long ones)."""

from __future__ import annotations

import re

ADDRESS = re.compile(r"([0-9a-f]{4,8}):([0-9a-f]{2}):([01][0-9a-f])\.([0-7])\Z")
ROOT = re.compile(r"pci([0-9a-f]{4,8}):([0-9a-f]{2})\Z")


def is_address(name):
    """True for a whole PCI address as sysfs writes it."""
    return ADDRESS.match(name) is not None


def sort_key(address):
    """(domain, bus, device, function) as ints; text that is no address sorts last, by itself."""
    found = ADDRESS.match(str(address))
    if found is None:
        return (1 << 32, 0, 0, 0, str(address))
    return tuple(int(part, 16) for part in found.groups())


def domain_and_bus(address):
    """("0000", 0x21) of "0000:21:00.0"; the domain keeps its digits."""
    domain, bus = address.split(":")[:2]
    return domain, int(bus, 16)


def complete(text):
    """The way sysfs writes an address that a person wrote: lower case, domain 0000 where none is given."""
    low = str(text).strip().lower()
    return low if low.count(":") != 1 else "0000:" + low
