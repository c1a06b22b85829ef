# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Check a document against the schema, and cut out what is malformed so that the rules see the sound rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .libraries import Draft202012Validator, ValidationError, validators
from .schema.document import document
from .translate import _name, findings_of


@dataclass
class Structure:
    """sound: the document without its malformed parts (None in lists); raw: as it was.

    bad: key paths that were cut out or written twice, and all above them; twice: the latter.
    """

    sound: dict
    raw: dict
    findings: list
    bad: frozenset
    twice: frozenset

    def is_sound(self, *keys):
        """True where neither the place nor anything below it was malformed."""
        return keys not in self.bad

    def is_whole(self, section):
        """True where nothing of a section can be missing: it is sound, and not written under another name."""
        return self.is_sound(section) and (section in self.raw or not any((key,) in self.bad for key in self.raw))

    def names(self, *keys):
        """The keys of the mapping at a place as it was written, or None where they are not known for sure."""
        value = self.raw
        for depth, key in enumerate(keys, 1):
            value = value.get(key) if isinstance(value, dict) else None
            if keys[:depth] in self.twice:
                return None
        return list(value) if isinstance(value, dict) else None


def check_structure(data, extra=()):
    """Structure of parsed data; extra: findings that are known already (keys written twice)."""
    findings = list(extra)
    for error in _validator().iter_errors(data):
        findings.extend(_findings(error))
    paths = [finding.keys for finding in findings]
    sound = _cut(data, paths[len(extra) :]) if isinstance(data, dict) else {}
    raw = data if isinstance(data, dict) else {}
    return Structure(sound, raw, findings, frozenset(_prefixes(paths)), frozenset(finding.keys for finding in extra))


def _findings(error):
    if "propertyNames" in error.absolute_schema_path:
        return [] if error.validator == "type" else _name(error, tuple(error.absolute_path))
    return findings_of(error)


@lru_cache(maxsize=1)
def _validator():
    """The validator of the schema, a little stricter than JSON Schema: 10.0 is no whole number, "lab\\n" no name."""
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
    return validators.extend(Draft202012Validator, {"pattern": _pattern}, type_checker=checker)(document())


def _is_whole(_checker, value):
    return isinstance(value, int) and not isinstance(value, bool)


def _pattern(_validator, pattern, value, _schema):
    if isinstance(value, str) and not re.fullmatch(pattern, value):
        yield ValidationError("does not match %s" % pattern)


def _prefixes(paths):
    """Each path and all above it."""
    return {path[:length] for path in paths for length in range(len(path) + 1)}


def _cut(data, paths):
    """A copy of data without the values at paths."""
    tree = {}
    for path in paths:
        branch = tree
        for key in path:
            branch = branch.setdefault(key, {})
        branch[_CUT] = True
    return _copy(data, tree)


_CUT = object()


def _copy(value, tree):
    """Copies only along the cuts."""
    if not tree or not isinstance(value, (dict, list)):
        return value
    if isinstance(value, list):
        return [None if _is_cut(tree, place) else _copy(item, tree.get(place)) for place, item in enumerate(value)]
    return {key: _copy(item, tree.get(key)) for key, item in value.items() if not _is_cut(tree, key)}


def _is_cut(tree, key):
    return _CUT in tree.get(key, ())
