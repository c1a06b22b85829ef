# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Where a PCI device hangs: root complex first, then each bridge down to it.

The kernel's link says it: ../../../devices/pci0000:00/0000:00:01.1/0000:02:00.0. Where a tree was saved
without links, the bus numbers in the bridges' configuration space say the same.
"""

from __future__ import annotations

from ..errors import EngineError
from .address import ROOT, domain_and_bus, is_address, sort_key

SECONDARY_BUS, SUBORDINATE_BUS = 0x19, 0x1A  # PCI-to-PCI Bridge Architecture Specification, type 1 header
HEADER_TYPE, TYPE_BRIDGE = 0x0E, 1


def from_link(parts, address):
    """["pci0000:00", "0000:00:01.1"] of the components of a device's folder; the device itself is left out.

    The last "pciDDDD:BB" is the root complex: Intel VMD puts a domain of its own below a device, and ARM and
    Hyper-V put platform folders above. A folder without one starts at the bus of its first device.
    """
    start = max((place for place, part in enumerate(parts) if ROOT.match(part)), default=-1)
    below = [part for part in parts[start + 1 :] if is_address(part)]
    if not below or below[-1] != address:
        raise EngineError("links to %s, which is another place" % "/".join(parts), address, "Save the tree again")
    if start >= 0:
        return [parts[start]] + below[:-1]
    return [root_name(*domain_and_bus(below[0]))] + below[:-1]


def root_name(domain, bus):
    """The kernel's name of a root complex."""
    return "pci%s:%02x" % (domain, bus)


class Bridges:
    """The bridges of a tree without links, by the bus numbers behind each."""

    def __init__(self, system, folders):
        """folders: {address: folder} of all PCI devices of the tree."""
        self.ranges = {}
        self.unreadable = set()
        for address, folder in folders.items():
            self._add(system, address, folder)

    def _add(self, system, address, folder):
        config = system.read_bytes(folder + "/config") or b""
        domain, _bus = domain_and_bus(address)
        if len(config) <= SUBORDINATE_BUS:
            self.unreadable.add(domain)
        elif config[HEADER_TYPE] & 0x7F == TYPE_BRIDGE and config[SECONDARY_BUS]:
            span = (config[SECONDARY_BUS], config[SUBORDINATE_BUS], address)
            self.ranges.setdefault(domain, []).append(span)

    def path(self, address, where):
        """The path of a device, as from_link gives it. Raises EngineError where nothing tells."""
        domain, bus = domain_and_bus(address)
        above = [span for span in self.ranges.get(domain, []) if span[0] <= bus <= span[1]]
        above.sort(key=lambda span: (span[0] - span[1], sort_key(span[2])))  # the widest span is the topmost
        if not above and bus != 0 and domain in self.unreadable:
            raise EngineError(
                "is a folder, not a link, and no bridge's config file says what bus %02x hangs on" % bus,
                where,
                "Save the tree with its links (cp -a, tar), or with the files named config",
            )
        top = domain_and_bus(above[0][2])[1] if above else bus
        return [root_name(domain, top)] + [span[2] for span in above]
