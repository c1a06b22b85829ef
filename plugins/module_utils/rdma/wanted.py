# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What module gedge.engine.rdma is asked for, checked: all faults at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..errors import Problem, ProblemsError

INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}")
PCI = re.compile(r"[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]")
UNIT = re.compile(r"[A-Za-z0-9:_.@-]+\.service")
MEMLOCK = re.compile(r"unlimited|[1-9][0-9]*")
DIGITS = {"priority": 7, "dscp": 63}


@dataclass(frozen=True)
class Place:
    """An interface as it was asked for: by name or PCI address, with the VLAN on it or None. where: path of the key."""

    interface: str | None
    pci: str | None
    vlan: int | None
    where: str

    def label(self):
        """For a person: ens1f0.30, 0000:21:00.0 with VLAN 30."""
        if self.interface:
            return self.interface if self.vlan is None else "%s.%d" % (self.interface, self.vlan)
        return self.pci if self.vlan is None else "%s with VLAN %d" % (self.pci, self.vlan)


@dataclass
class Roce:
    """Quality of service of RoCE on some interfaces. bandwidth: percent or None, where the share is left alone."""

    places: list
    priority: int = 3
    dscp: int = 26
    pfc: bool = True
    bandwidth: int | None = None
    ecn: bool = True


@dataclass
class Wanted:
    """All of it. netns and memlock: None where they are left alone."""

    drivers: bool = True
    rxe: list = field(default_factory=list)
    netns: str | None = None
    roce: Roce | None = None
    memlock: str | None = None
    memlock_services: list = field(default_factory=list)


def of(params):
    """Wanted of the parameters of the module. Raises ProblemsError."""
    problems = []
    rxe = _places(params.get("rxe") or [], "rxe", problems)
    roce = _roce(params.get("roce"), problems)
    memlock = params.get("memlock")
    if memlock is not None and not MEMLOCK.fullmatch(str(memlock)):
        problems.append(Problem("memlock", "is no limit", "Write unlimited, or KiB as a number", memlock))
    services = list(dict.fromkeys(params.get("memlock_services") or []))
    for index, name in enumerate(services):
        if not UNIT.fullmatch(name):
            problems.append(Problem("memlock_services[%d]" % index, "is no service", "Write kubelet.service", name))
    if services and memlock is None:
        problems.append(Problem("memlock_services", "has no limit to set", "Give memlock too, such as unlimited"))
    if problems:
        raise ProblemsError(problems, where="rdma")
    return Wanted(True, rxe, params.get("netns"), roce, None if memlock is None else str(memlock), services)


def _places(items, where, problems):
    found = []
    for index, item in enumerate(items):
        place = _place(item, "%s[%d]" % (where, index), problems)
        if place:
            found.append(place)
    return found


def _place(item, where, problems):
    name, pci, vlan = item.get("interface"), item.get("pci"), item.get("vlan")
    count = len(problems)
    if bool(name) == bool(pci):
        what = "names an interface and a PCI address" if name else "names neither an interface nor a PCI address"
        problems.append(Problem(where, what, "Give one of interface and pci"))
    elif name and not INTERFACE.fullmatch(name):
        problems.append(Problem(where + ".interface", "is no name of a network device", "Such as ens1f0v0", name))
    elif pci and not PCI.fullmatch(pci):
        problems.append(Problem(where + ".pci", "is no PCI address", "Such as 0000:21:00.0", pci))
    if vlan is not None and not 1 <= vlan <= 4094:
        problems.append(Problem(where + ".vlan", "is no VLAN", "1 to 4094", vlan))
    return Place(name, pci and pci.lower(), vlan, where) if len(problems) == count else None


def _roce(item, problems):
    if not item:
        return None
    places = _places(item.get("interfaces") or [], "roce.interfaces", problems)
    if not item.get("interfaces"):
        problems.append(Problem("roce.interfaces", "names no interface", "Name those whose NICs get the settings"))
    given = {key: item[key] for key in ("priority", "dscp", "pfc", "bandwidth", "ecn") if item.get(key) is not None}
    for key, most in DIGITS.items():
        if not 0 <= given.get(key, 0) <= most:
            problems.append(Problem("roce." + key, "is out of range", "0 to %d" % most, given[key]))
    if not 1 <= given.get("bandwidth", 1) <= 99:
        problems.append(Problem("roce.bandwidth", "is no share of the link", "1 to 99 percent", given["bandwidth"]))
    return Roce(places, **given)
