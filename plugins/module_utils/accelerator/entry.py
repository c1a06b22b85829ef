# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""An entry of the catalogue: its keys, their check, and which device it is for. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from ..errors import ProblemsError
from . import checks
from .catalogue import BUILT_IN

KINDS = ("gpu", "fpga", "accelerator")
WHERE = "catalogue"


@dataclass
class Entry:
    """What a device is and needs.

    devices: [(lowest, highest)] numbers, [] for all of the vendor; classes: beginnings of the six class digits, [] for
    all; packages: {suite or "*": names}; options: {module: text}; nodes: [{"kernel", "subsystem", "mode", "owner",
    "group"}]; pod_nodes: globs below the device in sysfs whose matches are the nodes that a pod gets; health: argv, []
    for none; archive: {"url", "sha256", "unpack", "where": its path} or None."""

    name: str
    kind: str
    vendor: str
    devices: list = field(default_factory=list)
    classes: list = field(default_factory=list)
    family: str = ""
    driver: str = ""
    packages: dict = field(default_factory=dict)
    modules: list = field(default_factory=list)
    options: dict = field(default_factory=dict)
    blacklist: list = field(default_factory=list)
    nodes: list = field(default_factory=list)
    pod_nodes: list = field(default_factory=list)
    resource: str = ""
    health: list = field(default_factory=list)
    archive: dict = None

    def matches(self, vendor, device, pci_class):
        """True where the entry is for a device. vendor, device: four hex digits; pci_class: six."""
        if vendor != self.vendor or (self.classes and not pci_class.startswith(tuple(self.classes))):
            return False
        return not self.devices or any(low <= int(device, 16) <= high for low, high in self.devices)

    def packages_of(self, suite):
        """The names of the packages on a Debian suite."""
        return self.packages.get(suite, self.packages.get("*", []))


def entries(user):
    """[Entry]: the user's first, then what the collection knows. user: list of dicts. Raises ProblemsError."""
    user = list(user or [])
    known = {raw["name"]: raw for raw in BUILT_IN}
    problems, parsed = [], []
    for index, raw in enumerate(user):
        base = _base(known, raw)
        path = "%s[%d]" % (WHERE, index)
        found = checks.entry(path, raw, base)
        problems += found
        if not found:
            parsed.append(_entry(dict(base, **checks.given(raw)), path))
    problems += checks.twice(WHERE, user)
    if problems:
        raise ProblemsError(problems, where="accelerator")
    taken = {entry.name for entry in parsed}
    return parsed + [_entry(raw) for name, raw in known.items() if name not in taken]


def _base(known, raw):
    name = raw.get("name") if isinstance(raw, dict) else None
    return known.get(name, {}) if isinstance(name, str) else {}


def find(known, vendor, device, pci_class):
    """The first Entry that matches, or None."""
    return next((entry for entry in known if entry.matches(vendor, device, pci_class)), None)


def _entry(raw, path=WHERE):
    packages = raw.get("packages") or {}
    health = raw.get("health") or []
    return Entry(
        name=raw["name"],
        kind=raw["kind"],
        vendor=raw["vendor"].lower(),
        devices=[checks.id_range(text) for text in raw.get("devices") or []],
        classes=[text.lower() for text in checks.as_list(raw.get("class"))],
        family=raw.get("family") or "",
        driver=raw.get("driver") or "",
        packages=packages if isinstance(packages, dict) else {"*": list(packages)},
        modules=list(raw.get("modules") or []),
        options={name: str(text) for name, text in (raw.get("options") or {}).items()},
        blacklist=list(raw.get("blacklist") or []),
        nodes=[_node(node) for node in raw.get("nodes") or []],
        pod_nodes=list(raw.get("pod_nodes") or []),
        resource=raw.get("resource") or "",
        health=shlex.split(health) if isinstance(health, str) else [str(word) for word in health],
        archive=_archive(raw.get("archive"), path),
    )


def _node(raw):
    made = {"subsystem": "", "owner": "root", "group": "root"}
    return dict(made, **{key: str(value) for key, value in raw.items() if value is not None})


def _archive(raw, path):
    return {"unpack": None, **raw, "sha256": raw["sha256"].lower(), "where": path + ".archive"} if raw else None
