# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Values of a route that can be written in more than one form."""

from __future__ import annotations

from . import words
from .groups import Items, ListOf
from .records import Key, Record
from .shapes import BAD, Shape, Text


class MatchForm(Shape):
    """{prefix: /} or {exact: /x}, read as Items of one; old: a list of {uri: ...}, each of which becomes a route."""

    kind = "object"

    def __init__(self, path):
        super().__init__("a match", {"prefix": "/"})
        keys = [
            Key(kind, path, "The path %s." % what) for kind, what in (("prefix", "begins so"), ("exact", "is this"))
        ]
        hints = dict.fromkeys(("regex", "safe_regex", "path"), "Only prefix and exact paths are known")
        self.one = Record("a match", keys, {"prefix": "/"}, hints=hints)
        self.uri = Record("a match", [Key("uri", self.one, "The path.", needed=True)], {"uri": {"prefix": "/"}})

    def read(self, value, place, report):
        if isinstance(value, list):
            return self._list(value, place, report)
        old = isinstance(value, dict) and "uri" in value
        items = Items()
        items.add(self._one(value, place, report), place)
        if old:
            report.note(place, "old form of a match", value, dict(items[0]) if items else None)
        return items if items.whole else BAD

    def _list(self, value, place, report):
        items = Items()
        for index, raw in enumerate(value):
            items.add(self._one(raw, place + (index,), report), place + (index,))
        if not value:
            report.problem(place, "is empty", 'Write {prefix: "/"}, or leave the key out')
            return BAD
        report.note(place, "old form of a match", value, [dict(item) for item in items])
        return items if items.whole else BAD

    def _one(self, value, place, report):
        if not isinstance(value, dict) or "uri" not in value:
            return _single(self.one.read(value, place, report), value, place, report)
        part = self.uri.read(value, place, report)
        if part is BAD or part.bad:
            return BAD
        return _single(part.get("uri", BAD), value["uri"], place + ("uri",), report)

    def schema(self):
        forms = [self.one.schema(), {**self.uri.schema(), "deprecated": True}]
        old = {"type": "array", "items": {"anyOf": forms}, "deprecated": True}
        return {"title": self.title, "anyOf": [*forms, old]}


def _single(part, value, place, report):
    """The part, where it has one of its two keys."""
    if part is BAD or part.bad:
        return BAD
    if len(part) == len(value) != 1:
        report.problem(place, "must have either prefix or exact", 'Write for example {prefix: "/"}')
    return part if len(part) == 1 else BAD


class DestinationsForm(ListOf):
    """A list of destinations, or one as a mapping."""

    def __init__(self, item):
        super().__init__("a list of destinations", item, [item.examples[0]])

    def read(self, value, place, report):
        if not isinstance(value, dict):
            return super().read(value, place, report)
        items = Items()
        items.add(self.item.read(value, place, report), place)
        return items if items.whole else BAD

    def schema(self):
        return {"title": self.title, "anyOf": [super().schema(), self.item.schema()]}


class RewriteForm(Text):
    """A path; old: {uri: path}."""

    def __init__(self, path):
        super().__init__(path.title, path.pattern, "/", longest=path.longest)
        self.old = Record("a rewrite", [Key("uri", path, "The path.", needed=True)], {"uri": "/"})

    def read(self, value, place, report):
        if not isinstance(value, dict):
            return super().read(value, place, report)
        part = self.old.read(value, place, report)
        if part is BAD or part.bad:
            return BAD
        report.note(place, "old form of a rewrite", value, part["uri"])
        return part["uri"]

    def schema(self):
        return {"title": self.title, "anyOf": [super().schema(), {**self.old.schema(), "deprecated": True}]}


class SecondsForm(Text):
    """A duration; a number is taken as seconds."""

    def __init__(self):
        duration = words.DURATION
        super().__init__(duration.title, duration.pattern, *duration.examples, longest=duration.longest)

    def read(self, value, place, report):
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000:
            report.note(place, "taken as seconds", value, "%ds" % value)
            return "%ds" % value
        return super().read(value, place, report)

    def advice(self, value):
        return "Write for example 5s or 1m30s"

    def schema(self):
        return {**super().schema(), "type": ["string", "integer"]}
