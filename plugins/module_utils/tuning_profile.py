# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Profiles of tuning: which values a node for accelerated edge services gets, and the reason for each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """One value. key: a sysctl, or "governor"."""

    key: str
    value: str
    reason: str


EDGE_ACCELERATED = (
    Setting("governor", "performance", "a CPU that has slowed down answers the next request later"),
    Setting("kernel.numa_balancing", "0", "pods are pinned; moving their pages about costs faults and gains nothing"),
    Setting("kernel.nmi_watchdog", "0", "it interrupts every CPU, the isolated ones too, and takes a counter of perf"),
    Setting("vm.stat_interval", "10", "each CPU is woken once per interval to sum up statistics; 1 s by default"),
    Setting("vm.swappiness", "10", "a page that comes back from a disk is late; swap is only for want of memory"),
    Setting("net.core.rmem_max", "33554432", "10 Gbit/s over 25 ms need a window of 32 MiB; 208 KiB by default"),
    Setting("net.core.wmem_max", "33554432", "as net.core.rmem_max, for what is sent"),
    Setting("net.core.netdev_max_backlog", "16384", "bursts of a 10 Gbit/s port overflow the 1000 frames of default"),
)
PROFILES = {"none": (), "edge-accelerated": EDGE_ACCELERATED}
GOVERNOR = "governor"


def sysctls(name):
    """{key: value} of the profile."""
    return {setting.key: setting.value for setting in PROFILES[name] if setting.key != GOVERNOR}


def governor(name):
    """The governor of the profile, or ""."""
    return next((setting.value for setting in PROFILES[name] if setting.key == GOVERNOR), "")
