# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Whatever stands in a file of services, the answer is a normal form that stays what it is, or problems.

What is accepted is also what the published schema takes.
"""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.service.normalize import examine
from ansible_collections.gedge.engine.plugins.plugin_utils.service.reader import validate
from ansible_collections.gedge.engine.plugins.plugin_utils.service.schema import document
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from unit.fuzz.cases import MANY, damaged
from unit.service.generated import files
from unit.service.reading import good, normal

GOOD = good()
NORMAL = normal(good())
SCHEMA = Draft202012Validator(document())
OLD = {
    "service": {
        "name": "x",
        "containers": [{
            "image": "x",
            "resources": {"limits": {"cpu": "1500m"}},
            "Acceleration": [{"topologyAware": True}, {"compute": '["GPU, AIX"]'}],
            "Volumes": [{"name": "a", "mountPath": "/a"}],
            "ports": [{"containerPort": 80, "externalPort": 80}],
            "env": [{"name": "A", "value": 1}],
        }],
    },
    "template": {"name": "t", "service": {"containers": [{"image": "x", "ports": [80]}]}},
    "serviceMesh": {
        "name": "m",
        "services": [{"name": "x", "template": "t", "labels": {"version": "v1"}},
                     {"name": "x", "template": "t", "version": "v2"}],
        "serviceRoutes": [{"name": "r", "match": [{"uri": {"prefix": "/"}}, {"uri": {"exact": "/x"}}],
                           "destination": {"host": "x"}, "rewrite": {"uri": "/"}, "timeout": 5}],
    },
}  # fmt: skip
STARTS = {"today": GOOD, "normal": NORMAL, "old": OLD}


def words(value):
    """All keys and texts within."""
    if isinstance(value, dict):
        return {word for pair in value.items() for part in pair for word in words(part)}
    if isinstance(value, list):
        return {word for part in value for word in words(part)}
    return {value} if isinstance(value, str) else set()


# Words that mean something somewhere, so that they land where they are nearly right.
WORDS = st.sampled_from(
    sorted(set().union(*map(words, STARTS.values())))
    + [
        "",
        " ",
        "self",
        "0",
        "-1",
        "1.5",
        "1e3",
        "4GB",
        "500m",
        "1Ei",
        '["GPU"',
        "{}",
        "[]",
        "gpu,",
        "../..",
        "/",
        "//",
        "é",
    ]
    + [
        "\n",
        "\x00",
        "x" * 300,
        "%s",
        "{{ x }}",
        "RWX",
        "true",
        "Acceleration",
        "AIX",
        "network:",
        "service:x",
        "99h",
        "1ms",
    ]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 200), st.integers(), st.floats(), WORDS, WORDS, st.text(max_size=8)
)
KEYS = st.one_of(WORDS, st.text(max_size=6))
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def judged(documents):
    """Read documents: problems must say where, what and what to do; a normal form must stay, without notes."""
    made, findings = examine(documents)
    for finding in findings:
        assert finding.path and finding.what and finding.advice, finding.text()
        finding.text()
    if findings:
        return
    first = json.dumps(made)
    for note in made["notes"]:
        assert note["path"] and note["what"] and "was" in note and "now" in note
    again, findings = examine([json.loads(first)])
    assert not findings
    assert again["notes"] == []
    assert json.dumps({**again, "notes": made["notes"]}) == first
    for each in documents:
        # A number that is none, an empty document: beyond JSON Schema.
        if each is not None and "NaN" not in json.dumps(each):
            assert not list(SCHEMA.iter_errors(each))
    assert not list(SCHEMA.iter_errors(again))


def judged_text(text):
    for problem in validate(text):
        assert problem["path"] and problem["what"] and problem["advice"]


@MANY
@given(files())
def test_any_right_description(documents):
    assert not examine(documents)[1]
    judged(documents)


@MANY
@given(st.lists(ANYTHING, max_size=3))
def test_any_documents(documents):
    judged(documents)


@MANY
@given(st.data())
def test_any_keys_beside_good_ones(data):
    start = data.draw(st.sampled_from(list(STARTS.values())))
    judged([{**start, **data.draw(st.dictionaries(st.sampled_from(sorted(words(start))), ANYTHING, max_size=3))}])


@st.composite
def mutated(draw, start):
    """The start with one to four places changed, removed, renamed or doubled."""
    made = copy.deepcopy(start)
    for dummy in range(draw(st.integers(1, 4))):
        place = made
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(place[key], (dict, list)) and draw(st.integers(0, 5)):
                place = place[key]
                continue
            _mutate(draw, place, key)
            break
    return made


def _mutate(draw, place, key):
    how = draw(st.sampled_from(["set", "word", "drop", "other"]))
    if how in ("set", "word"):
        place[key] = draw(ANYTHING if how == "set" else WORDS)
    elif how == "drop":
        del place[key]
    elif isinstance(place, dict):
        place[draw(KEYS)] = place[key]
    else:
        place.append(copy.deepcopy(place[key]))


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_good_file_with_some_places_changed(start):
    @MANY
    @given(mutated(start))
    def run(data):
        judged([data])

    run()


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_good_text_with_some_characters_changed(start):
    @MANY
    @given(damaged(json.dumps(start, indent=1)))
    def run(text):
        judged_text(text)

    run()


@MANY
@given(st.text(max_size=200))
def test_any_text(text):
    judged_text(text)
