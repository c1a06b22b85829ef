# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node is like, as far as its tuning depends on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .. import cpuset, hugepages, own_files, systemd
from . import files, knobs


@dataclass
class State:
    """values: {path: text} of all that can be set; free: {nr_hugepages file: pages not in use}; irqs: {number: name};
    refused: numbers of the IRQs on isolated CPUs that the kernel lets nobody move; governors: {path: [choices]}."""

    values: dict
    files: dict
    cpus: list = field(default_factory=list)
    memory: dict = field(default_factory=dict)
    available_kib: int = 0
    free: dict = field(default_factory=dict)
    irqs: dict = field(default_factory=dict)
    refused: list = field(default_factory=list)
    governors: dict = field(default_factory=dict)
    balances: bool = False  # irqbalance runs
    banned: str = ""  # the CPUs that it leaves alone, as it was started
    later: list = field(default_factory=list)
    balance_defaults: str = ""


def read(system, isolated, sysctls):
    """The State of a node. isolated: the CPUs that shall have no IRQ; sysctls: paths to look at."""
    pages = {path: system.read(path) or "0" for path in knobs.all_pages(system)}
    irqs, governors = knobs.irqs(system), knobs.governors(system)
    values = dict(pages)
    values.update({path: text for path, text in ((path, system.read(path)) for path in sysctls) if text is not None})
    values.update({knobs.irq_path(number): affinity for number, (dummy, affinity) in irqs.items()})
    values.update({path: text for path, (text, dummy) in governors.items()})
    values[knobs.DEFAULT_AFFINITY] = system.read(knobs.DEFAULT_AFFINITY) or ""
    on_isolated = [number for number, (dummy, text) in irqs.items() if set(cpuset.parse(text)) & set(isolated)]
    available = re.search(r"MemAvailable:\s+(\d+) kB", system.read("/proc/meminfo") or "")
    return State(
        values,
        own_files.read(system, files.ALL),
        cpuset.parse(system.read(knobs.CPUS + "/present") or ""),
        hugepages.memory(system),
        int(available.group(1)) if available else 0,
        {path: int(system.read(path.replace("/nr_", "/free_")) or 0) for path in pages},
        {number: name for number, (name, dummy) in irqs.items()},
        [number for number in on_isolated if not knobs.takes_affinity(system, number)],
        {path: choices for path, (dummy, choices) in governors.items()},
        *_balance(system),
        files.later_sysctls(system) if sysctls else [],
        system.read("/etc/default/irqbalance") or "",
    )


def _balance(system):
    """(whether irqbalance runs, the list of CPUs that it was told to leave alone)."""
    pid = system.run(["systemctl", "show", "-p", "MainPID", "--value", "irqbalance.service"], check=False).out.strip()
    if pid in ("", "0"):
        return False, ""
    return True, systemd.started_with(system, pid, "IRQBALANCE_BANNED_CPULIST")
