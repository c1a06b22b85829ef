# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Small builders for the JSON Schema of testbed.yml.

Each value's schema has a `title` (a noun phrase: messages read "must be TITLE"), a `description`
(editors show it; docs/testbed.md repeats it) and mostly `examples` (messages quote the first).
"""

from __future__ import annotations

from ....module_utils import bounds

NAME = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"
LABEL = "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"
INTERFACE = "^(?!(%s)$)%s$" % ("|".join(bounds.NO_INTERFACE), bounds.INTERFACE)
MEDIA = ["rj45", "sfp+", "sfp28", "qsfp28"]


def text(title, description, *examples, **more):
    """A string."""
    return _value("string", title, description, examples, more)


def number(title, description, *examples, **more):
    """An integer."""
    return _value("integer", title, description, examples, more)


def within(limits, title, description, *examples):
    """An integer within (least, most); the title gets both."""
    least, most = limits
    return number("%s (%d to %d)" % (title, least, most), description, *examples, minimum=least, maximum=most)


def flag(description, **more):
    """A boolean."""
    return dict({"type": "boolean", "title": "true or false", "description": description}, **more)


def choice(title, description, words):
    """One of some words."""
    return {"type": "string", "title": title, "description": description, "enum": list(words)}


def listing(title, description, items, **more):
    """A list of like things."""
    return dict({"type": "array", "title": title, "description": description, "items": items}, **more)


def record(title, description, properties, required=(), **more):
    """A mapping with fixed keys; any other key is an error."""
    body = {"type": "object", "title": title, "description": description, "properties": properties}
    if required:
        body["required"] = list(required)
    return dict(body, additionalProperties=False, **more)


def table(title, description, names, value, **more):
    """A mapping from free names (their schema) to like things."""
    body = {"type": "object", "title": title, "description": description}
    return dict(body, propertyNames=names, additionalProperties=value, **more)


def name(title, example, pattern=NAME, **more):
    """The schema of the names in a table."""
    return dict({"title": title, "pattern": pattern, "examples": [example]}, **more)


def _value(kind, title, description, examples, more):
    body = {"type": kind, "title": title, "description": description}
    if examples:
        body["examples"] = list(examples)
    return dict(body, **more)
