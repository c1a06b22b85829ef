# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kinds of value that a key can have. Each reads what a person wrote, and says as JSON Schema what it reads.

`read(value, place, report)` gives the value in the normal form, or BAD after it has told the report why not.
`title` is a noun phrase: messages read "must be TITLE".
"""

from __future__ import annotations

import json
import re

from ..suggest import nearest
from .report import kind

# Stands for a value that could not be read.
BAD = type("Bad", (), {"__repr__": lambda self: "BAD"})()


class Shape:
    """What all kinds share."""

    kind = "string"

    def __init__(self, title, *examples):
        self.title = title
        self.examples = list(examples)

    def read(self, value, place, report):
        raise NotImplementedError

    def schema(self):
        """JSON Schema without a description: that is the key's."""
        return {"type": self.kind, "title": self.title, **({"examples": self.examples} if self.examples else {})}

    def wrong(self, value, place, report, advice=""):
        """BAD, after the report has been told that the value is not what it must be."""
        if isinstance(value, (str, int, float)):
            report.problem(place, "must be %s" % self.title, advice or self.advice(value), value)
        else:
            report.problem(place, "must be %s, not %s" % (self.title, kind(value)), advice or self.advice(value))
        return BAD

    def advice(self, value):
        """What to write instead of a wrong value."""
        if self.kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return "Put it in quotes: %s" % json.dumps(str(value))
        return "Write for example %s" % json.dumps(self.examples[0]) if self.examples else "Write %s" % self.title


class Text(Shape):
    """Text that fits a pattern as a whole."""

    def __init__(self, title, pattern=r"[^\x00]*", *examples, longest=4096):
        super().__init__(title, *examples)
        self.pattern, self.longest = pattern, longest

    def read(self, value, place, report):
        if not isinstance(value, str) or len(value) > self.longest or not re.fullmatch(self.pattern, value):
            return self.wrong(value, place, report)
        return str(value)

    def advice(self, value):
        if isinstance(value, str) and len(value) > self.longest:
            return "Write %d characters or fewer" % self.longest
        return super().advice(value)

    def schema(self):
        return {**super().schema(), "pattern": "^(?:%s)$" % self.pattern, "maxLength": self.longest}


class Loose(Text):
    """Text that may be written as a number or as true or false: taken as text, and told."""

    def read(self, value, place, report):
        if not isinstance(value, (bool, int, float)):
            return super().read(value, place, report)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        made = super().read(text, place, report)
        if made is not BAD:
            report.note(place, "taken as text", value, made)
        return made

    def schema(self):
        return {**super().schema(), "type": ["string", "number", "boolean"]}


class Number(Shape):
    """A whole number from lowest to highest."""

    kind = "integer"

    def __init__(self, title, lowest, highest, *examples):
        super().__init__(title, *examples)
        self.lowest, self.highest = lowest, highest

    def read(self, value, place, report):
        if isinstance(value, bool) or not isinstance(value, int) or not self.lowest <= value <= self.highest:
            return self.wrong(value, place, report)
        return int(value)

    def advice(self, value):
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value):
            return "Write a plain number, without quotes or zeros before it: %d" % int(value)
        return "Write a whole number from %d to %d" % (self.lowest, self.highest)

    def schema(self):
        return {**super().schema(), "minimum": self.lowest, "maximum": self.highest}


class Flag(Shape):
    """true or false."""

    kind = "boolean"

    def __init__(self):
        super().__init__("true or false")

    def read(self, value, place, report):
        return value if isinstance(value, bool) else self.wrong(value, place, report)

    def advice(self, value):
        return "Write true or false, without quotes"


class Choice(Shape):
    """One of some words; short: {other spelling: word}, which is told unless tell is false."""

    def __init__(self, title, words, short=None, tell=True):
        super().__init__(title)
        self.words, self.short, self.tell = list(words), dict(short or {}), tell

    def read(self, value, place, report):
        if isinstance(value, str) and value in self.words:
            return str(value)
        if isinstance(value, (str, bool)) and value in self.short:
            if self.tell:
                report.note(place, "another spelling of the word", value, self.short[value])
            return self.short[value]
        return self.wrong(value, place, report)

    def advice(self, value):
        hit = nearest(value, self.words) if isinstance(value, str) else None
        return 'Did you mean "%s"?' % hit if hit else "One of: %s" % ", ".join(map(str, self.words or self.short))

    def schema(self):
        return {"title": self.title, "enum": self.words + list(self.short)}
