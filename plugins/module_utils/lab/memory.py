# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Whether this machine's memory holds what shall run on it."""

from __future__ import annotations

from ..errors import EngineError


def available(system):
    """MiB that the kernel says are available, None where it does not say."""
    for line in (system.read("/proc/meminfo") or "").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) >> 10
    return None


def check(system, needs):
    """Refuse to start VMs that there is no memory for: the kernel would kill one of them, later. needs: {node: MiB}."""
    needed, free = sum(needs.values()), available(system)
    if free is not None and free < needed:
        what = "%s need %d MiB of memory, %d are available" % (", ".join(needs), needed, free)
        raise EngineError(what, "the virtual testbed", "Give the nodes less in their lab: block, or free some")
