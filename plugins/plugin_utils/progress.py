# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What there is to say about a task that takes its time: decides, prints nothing, starts no thread."""

from __future__ import annotations

LONG = 3.0
SHORT_INTERVAL = 1.0


class Clock:
    """Follows one task after the other. Times are seconds of any clock that only grows."""

    def __init__(self, terminal, interval=10, offset=0):
        """terminal: lines are shown as they come; else those of an interval in one line. offset: bytes to skip."""
        self.terminal, self.interval, self.offset = terminal, interval, offset
        self.name, self.hosts, self.born, self.spoke = "", set(), 0.0, 0.0

    def begin(self, name, now):
        """A task begins."""
        self.name, self.born, self.spoke = name, now, now
        self.hosts = set()

    def enter(self, host):
        """It begins on a host."""
        self.hosts.add(host)

    def leave(self, host, now, path):
        """It ends on a host; [line] where it was the last one and the task was long."""
        self.hosts.discard(host)
        if self.hosts or now - self.born < LONG:
            return []
        return self._flush(path) + ["took %s" % duration(now - self.born)]

    def tick(self, now, path):
        """The lines to show now, [] mostly."""
        if not self.hosts:
            return []
        silent = now - self.spoke
        if silent < (SHORT_INTERVAL if self.terminal else self.interval):
            return []
        lines = self._flush(path)
        if not lines and silent >= self.interval and now - self.born >= LONG:
            lines = ["%s: %s so far" % (self.name, duration(now - self.born))]
        if lines:
            self.spoke = now
        return lines

    def _flush(self, path):
        """The modules' new lines: each on a terminal, else joined."""
        lines, self.offset = new_lines(path, self.offset)
        return lines if self.terminal or not lines else ["; ".join(lines)]


def new_lines(path, offset):
    """(the complete lines of a file from an offset on, the new offset). A file that has gone has none."""
    try:
        with open(path, "rb") as handle:
            handle.seek(offset)
            data = handle.read()
    except (OSError, TypeError):
        return [], offset
    head, sep, dummy = data.rpartition(b"\n")
    return [line.decode(errors="replace") for line in head.split(b"\n")] if sep else [], offset + len(head) + len(sep)


def duration(seconds):
    """37 s, 2 min 05 s."""
    minutes, rest = divmod(round(seconds), 60)
    return "%d min %02d s" % (minutes, rest) if minutes else "%d s" % rest
