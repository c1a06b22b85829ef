# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Lists and tables as values of keys."""

from __future__ import annotations

import json
import shlex

from .shapes import BAD, Shape, Text


class ListOf(Shape):
    """A list of like values; single: one of them may stand without the list."""

    kind = "array"

    def __init__(self, title, item, *examples, single=False, unique=False):
        super().__init__(title, *examples)
        self.item, self.single, self.unique = item, single, unique

    def read(self, value, place, report):
        if self.single and isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            return self.wrong(value, place, report)
        items = Items()
        for index, raw in enumerate(value):
            made = self.item.read(raw, place + (index,), report)
            if self.unique and made is not BAD and made in items:
                report.problem(place + (index,), "stands in the list twice", "Keep one of them", raw)
                made = BAD
            items.add(made, place + (index,))
        return items

    def advice(self, value):
        if isinstance(value, str) and isinstance(self.item, Text):
            return "Write it as a list: %s" % json.dumps(_words(value))
        return super().advice(value) if self.examples else "Begin each entry with a dash"

    def schema(self):
        inner = dict(self.item.schema())
        body = {**super().schema(), "items": inner}
        return {"title": self.title, "anyOf": [body, inner]} if self.single else body


class Items(list):
    """What was read of a list: the good entries; places: of each; whole: none was bad."""

    def __init__(self):
        super().__init__()
        self.places, self.whole = [], True

    def add(self, made, place):
        """Add what was read of an entry."""
        if made is BAD:
            self.whole = False
        else:
            self.append(made)
            self.places.append(place)


class TableOf(Shape):
    """A mapping from free names to like values."""

    kind = "object"

    def __init__(self, title, names, value, *examples):
        super().__init__(title, *examples)
        self.names, self.value = names, value

    def read(self, value, place, report):
        if not isinstance(value, dict):
            return self.wrong(value, place, report)
        table = {}
        for name, raw in value.items():
            here = place + (str(name),)
            good = self.names.read(name, here, report)
            made = self.value.read(raw, here, report)
            if good is not BAD and good in table:
                report.problem(here, "says the same as %s beside it" % good, "Keep one of the two")
            elif good is not BAD and made is not BAD:
                table[good] = made
        return table

    def advice(self, value):
        return super().advice(value) if self.examples else "Write NAME: VALUE pairs"

    def schema(self):
        names = {"pattern": "^(?:%s)$" % self.names.pattern, "maxLength": self.names.longest}
        return {**super().schema(), "propertyNames": names, "additionalProperties": self.value.schema()}


def _words(text):
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
