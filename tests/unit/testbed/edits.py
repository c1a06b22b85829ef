# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Break a good testbed in one place: edits of a document by key path."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.source import read_source

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "testbed"


def good():
    """tests/fixtures/testbed/good.yml as plain data."""
    return read_source((FIXTURES / "good.yml").read_text(encoding="utf-8")).document


def edited(document, put=None, drop=(), rename=None):
    """A copy with edits by key path, such as put {"networks/public/vlan": 10}; a place in a list is a number."""
    made = copy.deepcopy(document)
    for path in drop:
        place, key = _place(made, path)
        del place[key]
    for path, name in (rename or {}).items():
        place, key = _place(made, path)
        place[name] = place.pop(key)
    for path, value in (put or {}).items():
        place, key = _place(made, path)
        place[key] = value
    return made


def _place(document, path):
    *above, last = path.split("/")
    for key in above:
        document = document[int(key) if isinstance(document, list) else key]
    return document, int(last) if isinstance(document, list) else last


def problems(document):
    """The problems of a document as (path, what, advice), in the order of the file; [] where it is good."""
    return problems_of_text(json.dumps(document, indent=1))


def problems_of_text(text):
    """As problems, of YAML text."""
    try:
        read_testbed(text)
    except ProblemsError as error:
        return [(problem.path, problem.what, problem.advice) for problem in error.problems]
    return []
