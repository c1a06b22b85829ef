# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What runs, and what the kubelet knows: the unit, the plugin's process, and the kubelet's own list of devices."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from .. import own_files, systemd
from ..topology import facts
from . import files, pod_resources

PROPERTIES = ("ActiveState", "SubState", "MainPID", "NRestarts")
CHECKPOINT = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint"
KUBELET_SOCKET = "/var/lib/kubelet/device-plugins/kubelet.sock"
SOCKETS = ("/var/lib/kubelet/plugins_registry", "/var/lib/kubelet/device-plugins")
IDS = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids", "/usr/share/pci.ids", "/usr/share/misc/pci.ids.gz")
LINES = 3
# Errors and warnings as glog writes them: what else mentions an error may be usual, such as a NIC without devlink.
WRONG = re.compile(r"[EFW][0-9]{4} ")


@dataclass
class State(systemd.Runs):
    """devices: pci_devices of the node; unit: {property: text}; digest: what the process was started with, "" for none;
    program: path of its binary, which ends with " (deleted)" where that was replaced; registered: {resource: [id]};
    cards: {address: Card}, for the plugin of cards only; held: {resource: {id: pod}}, where that decides."""

    files: dict
    devices: list
    unit: dict
    digest: str
    program: str
    registered: dict
    cards: dict = field(default_factory=dict)
    held: dict = field(default_factory=dict)


def read(system, kind):
    """State of the node."""
    unit = show(system, kind.unit)
    pid = unit.get("MainPID", "0")
    return State(
        own_files.read(system, files.all_paths(kind)),
        facts.gather(system)["pci_devices"],
        unit,
        systemd.started_with(system, pid, files.DIGEST),
        system.link("/proc/%s/exe" % pid) or "",
        registered(system),
    )


def show(system, unit):
    """{property: text} of a unit."""
    return systemd.show(system, unit, PROPERTIES)


def registered(system):
    """{resource: [id of a healthy device]} that the kubelet knows; {} where there is no kubelet.

    Of one that does not answer what it has written last, which may be older than what it knows."""
    answer = pod_resources.devices(system)
    if answer is not None:
        return answer
    try:
        found = json.loads(system.read(CHECKPOINT) or "{}")["Data"]["RegisteredDevices"] or {}
        return {name: sorted(ids or ()) for name, ids in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def serves(system, resource):
    """Whether the SR-IOV plugin, ours or another one, or that of cards, has a socket for a resource: the kubelet's own
    list keeps what a plugin that is gone once offered."""
    name = resource.replace("/", "_") + ".sock"
    return any(system.exists("%s/%s" % (folder, name)) for folder in SOCKETS)


def last_words(system, unit):
    """The end of a unit's log."""
    lines = systemd.log(system, unit, 40)
    wrong = [line for line in lines if WRONG.match(line)]
    return " | ".join(dict.fromkeys(line[:300] for line in (wrong or lines)[-LINES:]))
