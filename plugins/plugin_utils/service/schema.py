# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The JSON Schema of service files, made from the very table of keys that reads them: the two cannot disagree."""

from __future__ import annotations

import json
import re

from ...module_utils.service.table_mesh import FILE
from ...module_utils.service.table_service import SERVICE

# What a key says beside the kind of value that it shares with others.
_OWN = ("description", "deprecated")


def document():
    """JSON Schema (draft 2020-12) of one document: a service, or services, templates and meshes."""
    definitions = {}
    either = [_share(record.schema(), definitions) for record in (SERVICE, FILE)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "a description of edge services",
        "description": "A service, or services, templates and meshes (gedge.engine); see docs/services.md.",
        "anyOf": either,
        "$defs": definitions,
    }


def _share(schema, definitions):
    """The schema with each mapping of fixed keys replaced by a reference into definitions, which is filled in."""
    if isinstance(schema, list):
        return [_share(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: _share(value, definitions) if key not in ("examples", "enum") else value for key, value in schema.items()
    }
    if not isinstance(schema.get("properties"), dict) or schema.get("type") != "object":
        return made
    body = {key: value for key, value in made.items() if key not in _OWN}
    own = {key: made[key] for key in _OWN if key in made}
    return {"$ref": "#/$defs/" + _named(body, definitions), **own}


def _named(body, definitions):
    """The name under which a body stands in definitions, after its title; added where it is new."""
    base = re.sub("[^a-z]+", "-", re.sub("^(a|an) ", "", body["title"]))
    name, number = base, 1
    while definitions.get(name, body) != body:
        number += 1
        name = "%s-%d" % (base, number)
    definitions[name] = body
    return name


def published():
    """The text of docs/schemas/service.schema.json."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(published(), end="")
