# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What systemd says of a unit: its properties, its log, and the process that it started."""

from __future__ import annotations


def show(system, unit, properties, *options):
    """{property: text} of a unit, {} where systemd does not answer."""
    argv = ["systemctl", "show", unit, "--no-pager", *options, "--property=" + ",".join(properties)]
    rows = (line.partition("=") for line in system.run(argv, check=False).out.splitlines())
    return {key: value for key, sign, value in rows if sign}


class Runs:
    """Part of a State that has unit: {property: text}, with ActiveState among them."""

    def runs(self):
        """Whether it serves."""
        return self.unit.get("ActiveState") == "active"

    def is_there(self):
        """Whether systemd has anything of it to stop; one that waits for its next try counts."""
        return self.unit.get("ActiveState") in ("active", "activating", "deactivating", "reloading")


def started_with(system, pid, name):
    """The value of a variable with which a process was started, "" for none."""
    words = (system.read_bytes("/proc/%s/environ" % pid) or b"").decode("utf-8", "replace").split("\0")
    return next((word.partition("=")[2] for word in words if word.startswith(name + "=")), "")


def log(system, unit, count, *options):
    """The last lines of a unit's log, so many at most, without those that are empty."""
    argv = ["journalctl", "-u", unit, *options, "-n", str(count), "-o", "cat", "--no-pager", "-q"]
    return [line.strip() for line in system.run(argv, check=False).out.splitlines() if line.strip()]
