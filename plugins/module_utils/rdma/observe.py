# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Reading a node's RDMA: devices, namespace mode, modules, our files. Changes nothing: sysfs only, since the command
rdma would load ib_core, and with it the namespace mode of the moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from .. import own_files
from . import boot

INFINIBAND = "/sys/class/infiniband"
MODE = "/sys/module/ib_core/parameters/netns_mode"
MODES = {"Y": "shared", "N": "exclusive"}


@dataclass
class Device:
    """An RDMA device. soft: made of software (rxe, siw); netdevs: names of its network devices."""

    name: str
    soft: bool
    netdevs: list


@dataclass
class State:
    """What was found. netns: "shared", "exclusive", None where ib_core is not loaded; loaded: names of modules out of
    those that matter; values, reasons: of qos.read; folders: those of our files that are there."""

    devices: dict
    netns: str | None
    loaded: set
    files: dict
    values: dict = field(default_factory=dict)
    reasons: dict = field(default_factory=dict)


def devices(system):
    """{name: Device}."""
    found = {}
    for name in system.list(INFINIBAND):
        folder = "%s/%s" % (INFINIBAND, name)
        parent = system.read(folder + "/parent")
        hardware = system.list(folder + "/device/net")
        soft = not system.exists(folder + "/device")
        found[name] = Device(name, soft, hardware or ([parent] if parent else []))
    return found


def netns(system):
    """The namespace mode, None where ib_core is not loaded."""
    return MODES.get(system.read(MODE))


def loaded(system, names):
    """Those of the modules that are loaded."""
    return {name for name in names if system.exists("/sys/module/" + name)}


def files(system, wanted):
    """{path: text} of our files: those that are wanted, and any others that are there."""
    folders = [boot.UNITS, boot.WANTS] + [
        "%s/%s" % (boot.UNITS, name) for name in system.list(boot.UNITS) if name.endswith(".service.d")
    ]
    names = ["%s/%s" % (folder, name) for folder in folders for name in system.list(folder)]
    paths = {path[: -len(own_files.DRAFT)] if path.endswith(own_files.DRAFT) else path for path in names}
    fixed = {boot.LOAD, boot.OPTIONS, boot.LIMITS, boot.RULES}
    return own_files.read(system, sorted(fixed | set(wanted) | {path for path in paths if boot.is_ours(path)}))
