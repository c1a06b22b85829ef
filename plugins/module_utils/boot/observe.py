# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node is like, as far as boot arguments depend on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .. import cpuset, hugepages, own_files
from . import cmdline, grub, modules

FILES = (grub.DROP_IN, modules.LOAD, modules.OPTIONS)
CPUS = "/sys/devices/system/cpu"
TABLES = "/sys/firmware/acpi/tables"


@dataclass
class State:
    """running: pairs of /proc/cmdline; cpus: those present; memory: {NUMA node: KiB}; modules: {name: Module};
    others: modprobe.d of others, see modules.others; nohz_full: whether the kernel knows it, None where unknown."""

    running: list
    grub: grub.Grub
    files: dict
    cpus: list = field(default_factory=list)
    memory: dict = field(default_factory=dict)
    gigantic: bool = True
    iommu_kind: str = ""
    has_iommu: bool = True
    nohz_full: bool = True
    modules: dict = field(default_factory=dict)
    others: list = field(default_factory=list)


def read(system, names):
    """The State of a node. names: the modules to look at."""
    running = cmdline.words(system.read("/proc/cmdline") or "")
    info = system.read("/proc/cpuinfo") or ""
    kind, has_iommu = _iommu(system, info)
    return State(
        running,
        grub.read(system, running),
        own_files.read(system, FILES),
        cpuset.parse(system.read(CPUS + "/present") or ""),
        hugepages.memory(system),
        "flags" not in info or bool(re.search(r"\bpdpe1gb\b", info)),
        kind,
        has_iommu,
        _knows_nohz_full(system),
        {name: modules.read(system, name) for name in names},
        modules.others(system) if names else [],
    )


def _iommu(system, info):
    """("intel", "amd", "arm" or "", whether the firmware shows one). Its table says more than the CPU's vendor."""
    if system.exists(TABLES + "/DMAR"):
        return "intel", True
    if system.exists(TABLES + "/IVRS"):
        return "amd", True
    vendor = {"GenuineIntel": "intel", "AuthenticAMD": "amd"}
    hit = re.search(r"^vendor_id\s*:\s*(\S+)", info, re.MULTILINE)
    if hit:
        return vendor.get(hit.group(1), ""), False
    return ("arm", True) if "CPU implementer" in info else ("", False)


def _knows_nohz_full(system):
    config = system.read("/boot/config-%s" % (system.read("/proc/sys/kernel/osrelease") or ""))
    return config is None or "CONFIG_NO_HZ_FULL=y" in config
