# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Values of a container that can be written in more than one form."""

from __future__ import annotations

from .groups import ListOf, TableOf
from .records import Part, Record
from .shapes import BAD, Shape


class PortForm(Record):
    """A port as a mapping, or as its number alone."""

    def read(self, value, place, report):
        if isinstance(value, dict):
            return super().read(value, place, report)
        number = self.words["port"].shape.read(value, place, report)
        return BAD if number is BAD else Part(place, {"port": number}, {"port": place})

    def schema(self):
        return {"title": self.title, "anyOf": [super().schema(), self.words["port"].shape.schema()]}


class EnvForm(TableOf):
    """Environment variables as NAME: VALUE, or as Kubernetes' list of {name, value}."""

    def __init__(self, title, names, value, entry, *examples):
        super().__init__(title, names, value, *examples)
        self.entry = entry

    def read(self, value, place, report):
        if not isinstance(value, list):
            return super().read(value, place, report)
        items = ListOf(self.title, self.entry).read(value, place, report)
        table = {}
        for item, here in zip(items, items.places):
            if item.get("name") in table:
                report.problem(here + ("name",), "stands in the list twice", "Keep one of them", item["name"])
            elif not item.bad:
                table[item["name"]] = item.get("value", "")
        report.note(place, "old form of environment variables", value, table)
        return table if items.whole and not any(item.bad for item in items) else BAD

    def schema(self):
        entries = {"type": "array", "items": self.entry.schema(), "deprecated": True}
        return {"title": self.title, "anyOf": [super().schema(), entries]}


class SizeForm(Shape):
    """The size of a huge page; the kernel's way of writing it is taken too."""

    def __init__(self, sizes):
        super().__init__("a size of huge pages", sizes[2])
        self.sizes = list(sizes)
        self.short = {size[:-1]: size for size in self.sizes}
        self.short.update({size[:-2] + "k": size for size in self.sizes if size.endswith("Ki")})
        self.pattern = "|".join([*self.sizes, *self.short])
        self.longest = 8

    def read(self, value, place, report):
        if value in self.sizes:
            return str(value)
        if value in self.short:
            report.note(place, "another spelling of the size", str(value), self.short[value])
            return self.short[value]
        return self.wrong(value, place, report)

    def advice(self, value):
        return "One of: %s" % ", ".join(self.sizes)


class ListForm(Shape):
    """A Record as one mapping, or as a list of one-key maps, which GEdge's documents have."""

    kind = "object"

    def __init__(self, record):
        super().__init__(record.title, *record.examples)
        self.record = record

    def read(self, value, place, report):
        if not isinstance(value, list) or not all(isinstance(item, dict) and len(item) == 1 for item in value):
            return self.record.read(value, place, report)
        pairs = [pair for item in value for pair in item.items()]
        twice = [word for index, (word, dummy) in enumerate(pairs) if word in dict(pairs[:index])]
        if twice:
            report.problem(place, 'has "%s" twice' % (twice[0],), "Keep one of them")
            return BAD
        report.note(place, "old form: a list of one-key maps", value, dict(pairs))
        return self.record.read(dict(pairs), place, report)

    def schema(self):
        old = {"type": "array", "items": {"type": "object"}, "deprecated": True}
        return {"title": self.title, "anyOf": [self.record.schema(), old]}
