# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How many of some devices: {gpu: 1, fpga: 0}, and every way in which GEdge's documents write that.

Those ways: words in any case (GPU), a list of words or of one-key maps, words with commas between, and a JSON string
of any of these ('["GPU, FPGA"]').
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ..suggest import nearest
from .groups import Items
from .records import Part
from .report import kind
from .shapes import BAD, Shape

MOST = 64
# How deep lists in JSON strings in lists are followed: no document has more than two.
DEEPEST = 4


@dataclass(frozen=True)
class Entry:
    """One device word as written, how many (None: the word alone), and where."""

    word: object
    count: object
    place: tuple


class Counts(Shape):
    """words: {word today: other spellings}; all are read without case, '-' and '_'."""

    kind = "object"

    def __init__(self, title, words, *examples, elsewhere=(), where=""):
        """elsewhere: words that belong to another key; where: that key."""
        super().__init__(title, *examples)
        self.elsewhere, self.where = tuple(elsewhere), where
        self.words = {fold(word): name for name, others in words.items() for word in (name, *others)}
        self.names = list(words)

    def read(self, value, place, report):
        entries = self._entries(value, place, report, DEEPEST)
        if entries is BAD:
            return BAD
        part = Part(place)
        for entry in entries:
            self._count(part, entry, report)
        if not entries.whole or part.bad:
            return BAD
        part.update({name: part.get(name, 0) for name in self.names})
        self._tell(value, part, place, report)
        return part

    def _tell(self, value, part, place, report):
        modern = isinstance(value, dict) and all(
            word in self.names and isinstance(count, int) and not isinstance(count, bool)
            for word, count in value.items()
        )
        if not modern:
            report.note(place, "old form of how many of each", value, {name: part[name] for name in self.names})

    def _count(self, part, entry, report):
        name = self.words.get(fold(entry.word))
        if name is None:
            report.problem(entry.place, 'unknown word "%s"' % (entry.word,), self._suggest(entry.word), entry.word)
            part.bad.add(entry.place)
            return
        if not part.lacks(name):
            report.problem(entry.place, "%s is given twice" % name, "Write how many: %s: 2" % name, entry.word)
            part.bad.add(name)
            return
        part.places[name] = entry.place
        count = _number(entry.count)
        if count is None:
            advice = "Write a whole number from 0 to %d" % MOST
            report.problem(entry.place, "must be a number of devices", advice, entry.count)
            part.bad.add(name)
        else:
            part[name] = count

    def _suggest(self, word):
        if fold(word) in self.elsewhere:
            return "It belongs into %s" % self.where
        hit = nearest(word, [*self.names, *self.words])
        return 'Did you mean "%s"?' % self.words.get(hit, hit) if hit else "One of: %s" % ", ".join(self.names)

    def _entries(self, value, place, report, depth):
        """The Entries of a value in any form, as Items; BAD where it is none."""
        if isinstance(value, str) and depth:
            return self._of_text(value, place, report, depth)
        if isinstance(value, dict):
            return _of_mapping(value, place)
        if isinstance(value, list) and depth:
            return self._of_list(value, place, report, depth)
        advice = "Write for example %s" % json.dumps(self.examples[0])
        report.problem(place, "must be %s, not %s" % (self.title, kind(value)), advice)
        return BAD

    def _of_text(self, text, place, report, depth):
        if text.strip()[:1] not in ("[", "{"):
            items = Items()
            for word in re.split(r"[,\s]+", text.strip()):
                items.add(Entry(word, None, place), place)
            return items
        try:
            return self._entries(json.loads(text), place, report, depth - 1)
        except (ValueError, RecursionError):
            advice = "Write it as YAML: %s" % json.dumps(self.examples[0])
            report.problem(place, "is no JSON, though it begins like that", advice, text)
            return BAD

    def _of_list(self, value, place, report, depth):
        items = Items()
        for index, raw in enumerate(value):
            inner = self._entries(raw, place + (index,), report, depth - 1)
            items.whole = items.whole and inner is not BAD and inner.whole
            for entry in inner if inner is not BAD else ():
                items.add(entry, entry.place)
        return items

    def schema(self):
        count = {
            "title": "a number of devices",
            "type": ["integer", "boolean", "string"],
            "minimum": 0,
            "maximum": MOST,
        }
        table = {
            "type": "object",
            "title": self.title,
            "examples": self.examples,
            "properties": {name: {**count, "description": "How many (%s)." % name} for name in self.names},
            "patternProperties": {_pattern(word): count for word in self.words},
            "additionalProperties": False,
        }
        old = {"title": "GEdge's old forms", "type": ["string", "array"], "deprecated": True}
        return {"title": self.title, "anyOf": [table, old]}


def fold(word):
    """A word without case, '-' and '_'."""
    return re.sub(r"[-_\s]", "", str(word)).lower()


def _of_mapping(value, place):
    items = Items()
    for word, count in value.items():
        # An empty value is no count: -1 is refused as one.
        items.add(Entry(word, -1 if count is None else count, place + (str(word),)), place)
    return items


def _number(count):
    """How many; None where that is no number of devices."""
    if count is None or isinstance(count, bool):
        return 1 if count is None else int(count)
    if isinstance(count, str) and re.fullmatch(r"\s*[0-9]{1,3}\s*", count):
        count = int(count)
    return int(count) if isinstance(count, int) and 0 <= count <= MOST else None


def _pattern(word):
    letters = ["[%s%s]" % (letter.upper(), letter) for letter in word]
    return "^[-_\\s]*%s[-_\\s]*$" % "[-_\\s]*".join(letters)
