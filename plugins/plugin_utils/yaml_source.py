# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""YAML text with one or many documents -> plain data with a line number for each key.

Differs from PyYAML's safe loader where that would surprise: all keys are text ("1" and 1 are one key), a key written
twice is told, and 00:21:00.0, 52:54:00:12:34:56, 1:30, 010 and 2026-01-01 are text (YAML 1.1 reads them as numbers and
dates).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from ..module_utils.errors import EngineError
from .yaml_depth import MOST, check_depth, too_deep

_BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
# Aliases can make a small text huge: the most values that may come from repetition alone.
MOST_REPEATED = 20_000
_WORDS = {
    "null": ("~", "null", "Null", "NULL", ""),
    "bool": tuple(
        form(word) for word in ("yes", "no", "true", "false", "on", "off") for form in (str, str.title, str.upper)
    ),
}
_NUMBERS = {"int": r"[-+]?(?:0|[1-9][0-9]{0,17})", "float": r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}"}
_MERGE = _TAG + "merge"
# How a key that is written twice is told.
TWICE, KEEP = "the key is written twice, in line %d and in line %d", "Keep one of them"


class _Loader(_BASE):
    """Only null, bool, whole numbers and decimals are not text."""

    yaml_implicit_resolvers = {}


for _name, _words in _WORDS.items():
    _Loader.add_implicit_resolver(
        _TAG + _name, re.compile("^(?:%s)$" % "|".join(_words)), sorted({word[:1] for word in _words})
    )
for _name, _pattern in _NUMBERS.items():
    _Loader.add_implicit_resolver(_TAG + _name, re.compile("^%s$" % _pattern), list("-+0123456789"))
_Loader.add_implicit_resolver(_MERGE, re.compile("^<<$"), ["<"])

_SCALARS = {
    _TAG + "str": str,
    _TAG + "int": int,
    _TAG + "float": float,
    _TAG + "null": lambda text: None,
    _TAG + "bool": lambda text: text.lower() in ("yes", "true", "on"),
}


@dataclass
class Document:
    """value: plain data, None for an empty document; lines: {key path: line from 1}, with () for the whole.

    twice: [(key path, line, line again)] of keys that are written twice; the first one holds."""

    value: object = None
    lines: dict = field(default_factory=dict)
    twice: list = field(default_factory=list)


def read(text, most_repeated=MOST_REPEATED, single=False):
    """[Document] of YAML text. Raises EngineError for what is not YAML or nests too deep, with its line; single: for
    several, too."""
    try:
        # As bytes: libyaml takes no str but a plain one, and Ansible's is tagged with its origin.
        content = text.encode()
        check_depth(content, _Loader)
        nodes = [yaml.compose(content, _Loader)] if single else list(yaml.compose_all(content, _Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        where = "line %d, column %d" % (mark.line + 1, mark.column + 1) if mark else ""
        advice = "Check the indentation, brackets and quotes there and just above"
        raise EngineError("not valid YAML: %s" % what, where, advice) from None
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise EngineError("not valid YAML: %s" % error, advice="Save the file as UTF-8 text") from None
    reader = _Reader(most_repeated)
    return [reader.document(node) for node in nodes if node is not None]


class _Reader:
    """Turns YAML nodes into plain data, noting lines and repeated keys."""

    def __init__(self, most_repeated):
        self.made, self.most = Document(), most_repeated
        self.open, self.seen, self.repeated = set(), set(), 0

    def document(self, node):
        """The Document of a node; what is repeated is counted over all of a text."""
        self.made = Document()
        self.made.value = self.value(node, ())
        return self.made

    def value(self, node, place):
        """Plain data of a node."""
        self.made.lines.setdefault(place, node.start_mark.line + 1)
        self.repeated += id(node) in self.seen
        self.seen.add(id(node))
        if id(node) in self.open or self.repeated > self.most:
            raise _error(node, "an alias (*) that contains itself or too much", "Write it out")
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if len(self.open) >= MOST:  # by aliases, which nest in no text
            raise too_deep(node)
        self.open.add(id(node))
        made = (self._mapping if isinstance(node, yaml.MappingNode) else self._sequence)(node, place)
        self.open.remove(id(node))
        return made

    def _sequence(self, node, place):
        return [self.value(item, place + (index,)) for index, item in enumerate(node.value)]

    def _mapping(self, node, place):
        made = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise _error(key_node, "a key must be a word or a number", 'Put it in quotes if it holds "[" or "{"')
            key = key_node.value
            if key in made:
                self.made.twice.append((place + (key,), self.made.lines[place + (key,)], key_node.start_mark.line + 1))
                continue
            self.made.lines[place + (key,)] = key_node.start_mark.line + 1
            made[key] = self.value(value_node, place + (key,))
        self._merge(node, place, made)
        return made

    def _merge(self, node, place, made):
        """YAML's `<<: *other`: what is written here wins."""
        for key_node, value_node in node.value:
            if key_node.tag != _MERGE:
                continue
            others = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            for other in others:
                merged = self.value(other, place)
                if not isinstance(merged, dict):
                    raise _error(key_node, '"<<" takes a mapping', "Write << : *NAME of a mapping")
                for key in merged:
                    made.setdefault(key, merged[key])


def _error(node, what, advice):
    return EngineError(what, "line %d" % (node.start_mark.line + 1), advice)


def _scalar(node):
    read = _SCALARS.get(node.tag)
    try:
        return read(node.value)
    except (TypeError, ValueError):
        what = "the value cannot be read as %s" % node.tag.replace(_TAG, "!!")
        raise _error(node, what, "Write it without a tag") from None
