# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Errors of the jsonschema library -> findings that a person can act on."""

from __future__ import annotations

import json
import re

from ...module_utils.suggest import advice as suggestion
from ...module_utils.suggest import nearest
from .problems import Finding

_KINDS = {
    dict: "a mapping",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number with a fraction",
    type(None): "an empty value",
}
# Of a mapping with many unknown keys, something else was meant: so many are named, each with what is like it.
_MOST_UNKNOWN = 20
_SHOWN = (str, int, float, bool)


def findings_of(error):
    """The findings of one jsonschema ValidationError (a list: one error can name several keys)."""
    keys = tuple(error.absolute_path)
    special = _SPECIAL.get(error.validator)
    return special(error, keys) if special else [_must_be(error, keys)]


def _must_be(error, keys):
    title = error.schema.get("title", "something else")
    value = error.instance
    if isinstance(value, _SHOWN):
        return Finding(keys, "must be %s" % title, _example(error.schema, value), value)
    return Finding(keys, "must be %s, not %s" % (title, _KINDS[type(value)]), _example(error.schema, value))


def _example(schema, value):
    """What to write instead: the most telling thing that the schema knows."""
    words = schema.get("enum")
    if words:
        hit = nearest(value, words) if isinstance(value, str) else None
        return 'Did you mean "%s"?' % hit if hit else "One of: %s" % ", ".join(words)
    quotes = _quotes(schema.get("type"), value)
    if quotes:
        return quotes
    if schema.get("examples"):
        return "Write for example %s" % json.dumps(schema["examples"][0])
    return "Its keys: %s" % ", ".join(schema["properties"]) if schema.get("properties") else schema["description"]


def _quotes(kind, value):
    """Advice for a value that is right but for its quotes."""
    if kind == "boolean":
        return "Write true or false, without quotes"
    if kind == "integer" and isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value):
        return "Write a plain number, without quotes or zeros before it: %d" % int(value)
    if kind == "string" and isinstance(value, (int, float)):
        return "Put it in quotes: %s" % json.dumps(str(value))
    return ""


def _unknown(error, keys):
    """additionalProperties: false."""
    known, wrong = _keys(error)
    named = wrong[:_MOST_UNKNOWN]
    findings = [Finding(keys + (key,), 'unknown key "%s"' % key, suggestion(key, known)) for key in named]
    if len(wrong) > len(named):
        what = "has %d more unknown keys" % (len(wrong) - len(named))
        findings.append(Finding(keys, what, "Mend those named first; its keys: %s" % ", ".join(known)))
    return findings


def _keys(error):
    """(the keys that the schema knows, those of the mapping that it does not)."""
    known = list(error.schema["properties"])
    return known, [key for key in error.instance if key not in known]


def _missing(error, keys):
    """required and dependentRequired; a key that is there, but misspelled, is not also missing."""
    wanted = error.validator_value
    if isinstance(wanted, dict):
        wanted = [need for key, needs in wanted.items() if key in error.instance for need in needs]
    known, wrong = _keys(error)
    misspelled = {nearest(key, known) for key in wrong[:_MOST_UNKNOWN]}
    missing = [key for key in wanted if key not in error.instance and key not in misspelled]
    return [_missing_key(error.schema, keys, key) for key in missing]


def _missing_key(schema, keys, key):
    wanted = schema["properties"][key]
    return Finding(keys + (key,), "is missing", "Add %s: %s" % (key, _sample(wanted)))


def _sample(schema):
    if schema.get("examples"):
        return json.dumps(schema["examples"][0])
    return " or ".join(schema["enum"]) if schema.get("enum") else schema["title"]


def _name(error, keys):
    """propertyNames: the instance is the key itself."""
    name = error.instance
    return [Finding(keys + (name,), "the name must be %s" % error.schema["title"], _example(error.schema, name))]


def _either(error, keys):
    """anyOf: speak of the branch that has the right type, if there is one."""
    inners = error.context
    wrong = {inner.schema_path[0] for inner in inners if inner.validator == "type" and not inner.path}
    near = [inner for inner in inners if inner.schema_path[0] not in wrong]
    return [found for inner in near for found in findings_of(inner)] or [_must_be(error, keys)]


def _few(error, keys):
    what = "is empty: it needs at least one entry"
    return [Finding(keys, what, error.schema.get("description", ""))]


def _repeats(error, keys):
    seen = [json.dumps(item, sort_keys=True) for item in error.instance]
    twice = sorted({item for item in seen if seen.count(item) > 1})
    return [Finding(keys, "%s stands in the list more than once" % ", ".join(twice), "Write each once")]


_SPECIAL = {
    "additionalProperties": _unknown,
    "required": _missing,
    "dependentRequired": _missing,
    "anyOf": _either,
    "minProperties": _few,
    "minItems": _few,
    "uniqueItems": _repeats,
}
