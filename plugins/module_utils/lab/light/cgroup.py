# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The control group of a light node: what systemd orders its services in, and all of the node's processes."""

from __future__ import annotations

import os
import time

MOUNTS = "/proc/self/mountinfo"
PATIENCE = 60.0


def mounted(text):
    """Where the cgroup2 hierarchy is mounted, of a mountinfo's text; None where it is not."""
    for line in text.splitlines():
        head, dummy, tail = line.partition(" - ")
        if tail.split(" ")[0] == "cgroup2":
            return head.split(" ")[4]
    return None


def hierarchy():
    """Where the cgroup2 hierarchy is; RuntimeError where there is none."""
    with open(MOUNTS, encoding="utf-8") as handle:
        place = mounted(handle.read())
    if place is None:
        raise RuntimeError("no cgroup2 file system is mounted: mount one, for example at /sys/fs/cgroup/unified")
    return place


class Cgroup:
    """One group below the root of the hierarchy."""

    def __init__(self, name):
        self.name = name

    def path(self):
        """Its folder."""
        return os.path.join(hierarchy(), self.name)

    def make(self):
        """Have it, empty: what a killed node left is taken away."""
        self.remove()
        os.makedirs(self.path(), exist_ok=True)

    def processes(self):
        """The file that takes a process into it."""
        return os.path.join(self.path(), "cgroup.procs")

    def remove(self):
        """End what is in it, and take it away with all groups below."""
        kill = os.path.join(self.path(), "cgroup.kill")
        if os.path.exists(kill):
            with open(kill, "w", encoding="ascii") as handle:
                handle.write("1")
        end = time.monotonic() + PATIENCE
        # A process that has just ended still holds its group for a moment.
        while os.path.isdir(self.path()) and not self.sweep() and time.monotonic() < end:
            time.sleep(0.05)

    def sweep(self):
        """Remove its folders from the innermost out; False where one is still in use."""
        for folder, dummy, dummy in os.walk(self.path(), topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                return False
        return True
