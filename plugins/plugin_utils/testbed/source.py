# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""YAML text -> plain data with a line number for each key.

Differs from PyYAML's safe loader where that would surprise: all keys are text ("1" and 1 are one key),
a key written twice is a fault, and 00:21:00.0, 52:54:00:12:34:56, 010 and 2026-01-01 are text
(YAML 1.1 reads them as numbers and dates).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from ...module_utils.errors import EngineError
from ..yaml_depth import MOST, check_depth, too_deep
from .problems import Finding

_BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
# Aliases can make a small text huge: the most values that may come from repetition alone.
_MOST_REPEATED = 100_000


class _Loader(_BASE):
    """Only null, bool, whole numbers and decimals are not text."""

    yaml_implicit_resolvers = {}


_Loader.add_implicit_resolver(_TAG + "null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    _TAG + "bool",
    re.compile(r"^(yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$"),
    list("yYnNtTfFoO"),
)
_Loader.add_implicit_resolver(_TAG + "int", re.compile(r"^[-+]?(0|[1-9][0-9]{0,17})$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _TAG + "float", re.compile(r"^[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(_TAG + "merge", re.compile(r"^<<$"), ["<"])

_SCALARS = {
    _TAG + "str": str,
    _TAG + "int": int,
    _TAG + "float": float,
    _TAG + "null": lambda text: None,
    _TAG + "bool": lambda text: text.lower() in ("yes", "true", "on"),
}


@dataclass
class Source:
    """A document as plain data; lines: {key path: line number from 1}; findings: keys written twice.

    files: {key path: path of the included file that it stands in}, nothing for those of the file itself."""

    document: object
    lines: dict = field(default_factory=dict)
    findings: list = field(default_factory=list)
    files: dict = field(default_factory=dict)


def read_source(text):
    """Parse YAML text. Raises EngineError for what is not YAML or nests too deep, with its line."""
    try:
        # As bytes: libyaml takes no str but a plain one, and Ansible's is tagged with its origin.
        data = text.encode()
        check_depth(data, _Loader)
        node = yaml.compose(data, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise EngineError(
            "not valid YAML: %s" % ", ".join(part for part in (error.context, error.problem) if part),
            "line %d, column %d" % (mark.line + 1, mark.column + 1) if mark else "",
            "Check the indentation, brackets and quotes there and just above",
        ) from None
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise EngineError("not valid YAML: %s" % error, advice="Save the file as UTF-8 text") from None
    if node is None:
        raise EngineError("the file is empty", advice='Begin with "plugin: gedge.engine.testbed"; see docs/testbed.md')
    return _Reader().read(node)


class _Reader:
    """Turns YAML nodes into plain data, noting lines and repeated keys."""

    def __init__(self):
        self.source = Source(None)
        self.open = set()
        self.seen = set()
        self.repeated = 0

    def read(self, node):
        self.source.document = self._value(node, ())
        return self.source

    def _value(self, node, keys):
        self.repeated += id(node) in self.seen
        self.seen.add(id(node))
        if id(node) in self.open or self.repeated > _MOST_REPEATED:
            line = node.start_mark.line + 1
            raise EngineError("an alias (*) that contains itself or too much", "line %d" % line, "Write it out")
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if len(self.open) >= MOST:  # by aliases, which nest in no text
            raise too_deep(node)
        self.open.add(id(node))
        read = self._mapping if isinstance(node, yaml.MappingNode) else self._sequence
        value = read(node, keys)
        self.open.remove(id(node))
        return value

    def _sequence(self, node, keys):
        items = []
        for place, item in enumerate(node.value):
            self.source.lines[keys + (place,)] = item.start_mark.line + 1
            items.append(self._value(item, keys + (place,)))
        return items

    def _mapping(self, node, keys):
        value = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                continue
            key = _key(key_node)
            if key in value:
                self._repeated(keys + (key,), key_node)
                continue
            self.source.lines[keys + (key,)] = key_node.start_mark.line + 1
            value[key] = self._value(value_node, keys + (key,))
        self._merge(node, keys, value)
        return value

    def _merge(self, node, keys, value):
        """YAML's `<<: *other`: what is written here wins."""
        for key_node, value_node in node.value:
            if key_node.tag != _TAG + "merge":
                continue
            others = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            for other in others:
                merged = self._value(other, keys)
                if not isinstance(merged, dict):
                    raise EngineError('"<<" takes a mapping', "line %d" % (key_node.start_mark.line + 1))
                for key in merged:
                    value.setdefault(key, merged[key])

    def _repeated(self, keys, key_node):
        first = self.source.lines[keys]
        line = key_node.start_mark.line + 1
        what = "the key is written twice, in line %d and in line %d" % (first, line)
        self.source.findings.append(Finding(keys, what, "Keep one of them"))


def _key(node):
    if not isinstance(node, yaml.ScalarNode):
        where = "line %d" % (node.start_mark.line + 1)
        raise EngineError("a key must be a word or a number", where, 'Put it in quotes if it holds "[" or "{"')
    return node.value


def _scalar(node):
    read = _SCALARS.get(node.tag)
    try:
        return read(node.value)
    except (TypeError, ValueError):
        line = node.start_mark.line + 1
        tag = node.tag.replace(_TAG, "!!")
        raise EngineError("the value cannot be read as %s" % tag, "line %d" % line, "Write it without a tag") from None
