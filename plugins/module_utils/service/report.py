# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a reading of services has to tell: problems (a person must act) and notes (what was read otherwise).

A place is a tuple of keys (text) and positions (int): ("services", 0, "containers", 1, "image").
"""

from __future__ import annotations

from ..errors import Problem

_KINDS = (
    (dict, "a mapping"),
    ((list, tuple), "a list"),
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number with a fraction"),
    (str, "text"),
    (type(None), "an empty value"),
)
_LONGEST_SHOWN = 200


def dotted(place):
    """The path as text: ("containers", 0, "image") -> "containers[0].image"."""
    text = ""
    for key in place:
        if isinstance(key, int):
            text += "[%d]" % key
        else:
            text += ("." if text else "") + key
    return text or "(document)"


def kind(value):
    """What a value is, in words."""
    return next((word for types, word in _KINDS if isinstance(value, types)), "a value of an unknown kind")


class Finding(Problem):
    """A Problem that knows its place, and its line where the text is known."""

    def __init__(self, place, what, advice="", value=None):
        super().__init__(dotted(place), what, advice, value)
        self.place = tuple(place)
        self.line = None

    def text(self):
        """'line N: path: what (got VALUE). advice'."""
        return "%s%s" % ("line %d: " % self.line if self.line else "", super().text())


class Report:
    """Collects findings and notes of one reading; strict: what would be put right by itself is a problem instead."""

    def __init__(self, strict=False):
        self.strict = strict
        self._findings = {}
        self._notes = {}

    def problem(self, place, what, advice, value=None):
        """Add a problem; the same one of one place counts once. value is shown where it is short and plain."""
        shown = value if isinstance(value, (str, int, float)) and len(str(value)) <= _LONGEST_SHOWN else None
        self._findings.setdefault((tuple(place), what), Finding(place, what, advice, shown))

    def note(self, place, what, was, now):
        """Add a note: was as it was written (None: not at all), now what it is read as."""
        note = {"path": dotted(place), "what": what, "was": was, "now": now}
        self._notes.setdefault((tuple(place), what), note)

    def amend(self, place, what, advice, was, now):
        """Tell of something that was put right: a note, or a problem where strict."""
        if self.strict:
            self.problem(place, what, advice, was)
        else:
            self.note(place, what, was, now)

    @property
    def findings(self):
        """All findings, in the order in which they came."""
        return list(self._findings.values())

    @property
    def notes(self):
        """All notes, in the order in which they came."""
        return list(self._notes.values())
