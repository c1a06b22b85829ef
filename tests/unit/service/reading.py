# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Short ways to read services in tests."""

from __future__ import annotations

import copy
from pathlib import Path

import yaml
from ansible_collections.gedge.engine.plugins.plugin_utils.service.reader import normalize, validate
from ansible_collections.gedge.engine.plugins.plugin_utils.service.source import read_source

HERE = Path(__file__).parent


def good():
    """good.yml as plain data."""
    return read_source((HERE / "good.yml").read_text(encoding="utf-8")).documents[0]


def container(**keys):
    """A document with one service "x" of one container with these keys."""
    return {"name": "x", "containers": [{"image": "x:1", **keys}]}


def accelerated(**keys):
    """A document with one container whose acceleration has these keys."""
    return container(resources={"cpu": 1, "memory": "1Gi"}, acceleration=keys)


def normal(given, strict=False):
    """The normal form as input for another reading: without notes."""
    made = normalize(copy.deepcopy(given), strict)
    return {key: made[key] for key in ("services", "meshes")}


def notes(given):
    """[(path, was, now)] of the notes."""
    return [(note["path"], note["was"], note["now"]) for note in normalize(given)["notes"]]


def problems(given, strict=False):
    """[(path, what, advice)] of what is wrong."""
    return [(one["path"], one["what"], one["advice"]) for one in validate(given, strict)]


def rows(name):
    """The rows of a table in a YAML file beside this one."""
    sections = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return [row for section in sections.values() for row in section]


def edited(document, drop=(), rename=None, put=None):
    """A copy with edits by key path ("services/0/name"); in a list a place is a number, that after the last adds."""
    made = copy.deepcopy(document)
    for path in drop:
        place, key = _place(made, path)
        del place[key]
    for path, name in (rename or {}).items():
        place, key = _place(made, path)
        place[name] = place.pop(key)
    for path, value in (put or {}).items():
        place, key = _place(made, path)
        if isinstance(place, list) and key == len(place):
            place.append(None)
        place[key] = value
    return made


def _place(document, path):
    *above, last = path.split("/")
    for key in above:
        document = document[int(key) if isinstance(document, list) else key]
    return document, int(last) if isinstance(document, list) else last
