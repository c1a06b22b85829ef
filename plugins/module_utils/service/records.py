# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Mappings with fixed keys, old words for them included."""

from __future__ import annotations

import json

from ..suggest import advice as suggestion
from ..suggest import nearest
from .shapes import BAD, Shape


class Key:
    """A key of a Record.

    needed: it must be there. null: it may be empty. old: {old word for it: its Shape then, None for the same}.
    legacy: the key as a whole is an old form; the text says what stands for it now.
    """

    def __init__(self, name, shape, description, needed=False, null=False, old=None, legacy=""):
        self.name, self.shape, self.description = name, shape, description
        self.needed, self.null, self.old, self.legacy = needed, null, dict(old or {}), legacy

    def shape_of(self, word):
        """The Shape of the value that stands under that word."""
        return self.old.get(word) or self.shape

    def schema(self, word=None):
        """JSON Schema of the value under a word, the key's own name by default."""
        old = word is not None and word != self.name
        shape = self.shape_of(word).schema()
        if self.null:
            shape = {"title": shape["title"], "anyOf": [shape, {"type": "null"}]}
        text = 'Old word for "%s". %s' % (self.name, self.description) if old else self.description
        return {**shape, "description": text, **({"deprecated": True} if old or self.legacy else {})}


class Part(dict):
    """What was read of a mapping: {name of the key today: value}.

    place: where it stands; places: where each key stands; bad: names of keys that are there and wrong.
    """

    def __init__(self, place, values=None, places=None, bad=()):
        super().__init__(values or {})
        self.place, self.places, self.bad = tuple(place), dict(places or {}), set(bad)

    def at(self, name, *below):
        """The place of a key, or of something below it."""
        return self.places.get(name, self.place + (name,)) + below

    def lacks(self, name):
        """True where the key is not there at all, not even wrong."""
        return name not in self and name not in self.bad


class Record(Shape):
    """A mapping with fixed keys. hints: {word that belongs elsewhere: what to do with it}."""

    kind = "object"

    def __init__(self, title, keys, *examples, hints=None):
        super().__init__(title, *examples)
        self.keys, self.hints = list(keys), dict(hints or {})
        self.words = {word: key for key in self.keys for word in (key.name, *key.old)}

    def read(self, value, place, report):
        if not isinstance(value, dict):
            return self.wrong(value, place, report)
        part, unknown = Part(place), []
        for word, raw in value.items():
            key = self.words.get(word) if isinstance(word, str) else None
            if key is None:
                unknown.append(word)
                report.problem(place + (str(word),), 'unknown key "%s"' % (word,), self.hint(word, raw))
            else:
                self._take(part, key, str(word), raw, report)
        self._missing(part, unknown, report)
        return part

    def hint(self, word, raw):
        """What to do with a key that is not known here. A misspelled old word is understood, but none is offered."""
        hit = self.words.get(nearest(word, self.words))
        known = [hit] if hit else [key for key in self.keys if not key.legacy]
        names = [key.name for key in known]
        return self.hints.get(word) or ('Did you mean "%s"?' % names[0] if hit else suggestion(word, names))

    def _take(self, part, key, word, raw, report):
        place = part.place + (word,)
        if not part.lacks(key.name):
            first = part.places[key.name][-1]
            report.problem(place, 'says the same as "%s" beside it' % first, "Keep one of the two")
            part.bad.add(key.name)
            return
        part.places[key.name] = place
        made = self._value(key, word, raw, place, report)
        if made is BAD:
            part.bad.add(key.name)
            return
        part[key.name] = made
        if key.legacy:
            report.note(place, "old form: %s" % key.legacy, raw, plain(made))
        elif word != key.name:
            changed = key.old[word] is not None and not isinstance(made, (dict, list))
            was, now = (raw, made) if changed else (word, key.name)
            report.note(place, 'old word for "%s"' % key.name, was, now)

    @staticmethod
    def _value(key, word, raw, place, report):
        if raw is not None:
            return key.shape_of(word).read(raw, place, report)
        if key.null:
            return None
        advice = "Give it a value" if key.needed else "Give it a value, or leave the key out"
        report.problem(place, "is empty", advice)
        return BAD

    def _missing(self, part, unknown, report):
        misspelled = {nearest(word, self.words) for word in unknown}
        for key in self.keys:
            if not key.needed or not part.lacks(key.name):
                continue
            # What is there, but misspelled, is told already.
            if not misspelled & {key.name, *key.old}:
                report.problem(part.at(key.name), "is missing", "Add %s: %s" % (key.name, _sample(key.shape)))
            part.bad.add(key.name)

    def advice(self, value):
        return "Its keys: %s" % ", ".join(key.name for key in self.keys if not key.legacy)

    def schema(self):
        properties = {key.name: key.schema() for key in self.keys}
        for key in self.keys:
            properties.update({word: key.schema(word) for word in key.old})
        body = {**super().schema(), "properties": properties, "additionalProperties": False}
        # Either word for a needed key will do, which JSON Schema can only say as a choice.
        needed = [{"anyOf": [{"required": [word]} for word in (key.name, *key.old)]} for key in self.keys if key.needed]
        return {**body, "allOf": needed} if needed else body


def plain(value):
    """A copy of what was read as plain lists and mappings."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def _sample(shape):
    if shape.examples:
        sample = shape.examples[0]
        return json.dumps(sample) if isinstance(sample, (dict, list)) else str(sample)
    return " or ".join(shape.words) if isinstance(getattr(shape, "words", None), list) else "..."
