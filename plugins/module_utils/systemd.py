# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What systemd says of a unit: its properties, and its log."""

from __future__ import annotations


def show(system, unit, properties, *options):
    """{property: text} of a unit, {} where systemd does not answer."""
    argv = ["systemctl", "show", unit, "--no-pager", *options, "--property=" + ",".join(properties)]
    rows = (line.partition("=") for line in system.run(argv, check=False).out.splitlines())
    return {key: value for key, sign, value in rows if sign}


def log(system, unit, count, *options):
    """The last lines of a unit's log, so many at most, without those that are empty."""
    argv = ["journalctl", "-u", unit, *options, "-n", str(count), "-o", "cat", "--no-pager", "-q"]
    return [line.strip() for line in system.run(argv, check=False).out.splitlines() if line.strip()]
