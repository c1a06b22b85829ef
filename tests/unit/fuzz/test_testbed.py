# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Whatever stands in the file, the answer is a testbed or an EngineError, never another exception."""

from __future__ import annotations

import copy
import json

from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzz.cases import MANY
from unit.testbed.edits import good

GOOD = good()

# Words that mean something somewhere in the file, so that they land where they are nearly right.
WORDS = st.sampled_from([
    "", "auto", "uplink", "management", "sriov-a", "edge", "node1", "node1/82599/1", "a/b/c", "0-3", "3-0", "0",
    "198.51.100.0/24", "::/0", "0.0.0.0/0", "fd00::/127", "1.2.3.4", "fd00::1", "1.2.3.4-1.2.3.9", "::1-::",
    "1-1024", "02:00:00:00:00:01", "isolcpus=1", "any", "icmpv6", "5201,8000-8010", "1/day", "exclusive",
    "edge-accelerated", "eno1v0.30", "10.9.0.1/16", "rdma-6", "rj45", "sfp+", "2M", "10de:2330", "\n", "é", "x" * 300,
])  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5000), st.integers(), st.floats(), WORDS, st.text(max_size=8)
)
KEYS = st.one_of(
    st.sampled_from(sorted({key for part in GOOD.values() if isinstance(part, dict) for key in part})), WORDS
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def judged(text):
    """Read and expand; problems must say where, what and what to do."""
    try:
        expand(read_testbed(text))
    except ProblemsError as error:
        for problem in error.problems:
            assert problem.path and problem.what, problem.text()
            assert problem.advice, problem.text()
    except EngineError as error:
        assert error.what


@MANY
@given(st.text(max_size=200))
def test_any_text(text):
    judged(text)


@MANY
@given(ANYTHING)
def test_any_structure(data):
    judged(json.dumps(data))


@MANY
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), ANYTHING))
def test_any_sections_beside_good_ones(sections):
    judged(json.dumps({**GOOD, **sections}))


@st.composite
def mutated(draw):
    """The good file with one to four places changed, removed or doubled."""
    data = copy.deepcopy(GOOD)
    for _round in range(draw(st.integers(1, 4))):
        place = data
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
    return data


def _mutate(draw, place, key):
    how = draw(st.sampled_from(["set", "drop", "other"]))
    if how == "set":
        place[key] = draw(ANYTHING)
    elif how == "drop":
        del place[key]
    elif isinstance(place, dict):
        place[draw(KEYS)] = place[key]
    else:
        place.append(place[key])


@MANY
@given(mutated())
def test_a_good_file_with_some_places_changed(data):
    judged(json.dumps(data, indent=1))


@MANY
@given(st.integers(0, 4000), st.integers(0, 60), st.text(alphabet="{}[]:,-&*!|>'\"#%@` \n\tab1", max_size=6))
def test_a_good_file_with_some_characters_changed(start, length, text):
    whole = json.dumps(GOOD, indent=1)
    judged(whole[:start] + text + whole[start + length :])
