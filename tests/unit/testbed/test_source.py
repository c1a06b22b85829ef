# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""YAML text to plain data: what is text, what is a key, and which line it stands in."""

from __future__ import annotations

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.source import read_source
from helpers.testbed_file import load_testbed
from unit.testbed.edits import FIXTURES, problems_of_text

VALUES = [
    ("0000:21:00.0", "0000:21:00.0"),
    ("02:00:00:00:00:01", "02:00:00:00:00:01"),
    ("52:54:00:12:34:56", "52:54:00:12:34:56"),
    ("2026-01-01", "2026-01-01"),
    ("010", "010"),
    ("0x10", "0x10"),
    ("1_000", "1_000"),
    ("9" * 400, "9" * 400),
    (".inf", ".inf"),
    ("1e3", "1e3"),
    ("30", 30),
    ("-1", -1),
    ("1.5", 1.5),
    ('"30"', "30"),
    ("on", True),
    ("No", False),
    ("~", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text[:20] for text, _value in VALUES])
def test_values(text, value):
    read = read_source("a: %s\n" % text).document["a"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("key", ["1", "82599", "on", "null", "1.5", "0000:21:00.0", "2026-01-01"])
def test_keys_are_text_as_written(key):
    assert list(read_source("%s: x\n" % key).document) == [key]


def test_lines():
    lines = read_source("---\na:\n  - x\n  - {b: 1,\n     c: 2}\n").lines
    assert lines == {("a",): 2, ("a", 0): 3, ("a", 1): 4, ("a", 1, "b"): 4, ("a", 1, "c"): 5}


def test_a_merge_key_adds_what_is_not_written():
    text = "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: {b: 4, <<: [*x, {c: 5}]}\n"
    read = read_source(text)
    assert read.document == {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}, "z": {"a": 1, "b": 4, "c": 5}}
    assert read.findings == []


def test_a_key_written_twice_is_a_problem_with_both_lines():
    text = "plugin: gedge.engine.testbed\nsite: {name: a}\nsite: {name: b}\nnodes: {n: {index: 0, 'index': 1}}\n"
    with pytest.raises(ProblemsError) as caught:
        read_testbed(text)
    twice = [problem.text() for problem in caught.value.problems if "twice" in problem.what]
    assert twice == [
        "line 2: site: the key is written twice, in line 2 and in line 3. Keep one of them",
        "line 4: nodes.n.index: the key is written twice, in line 4 and in line 4. Keep one of them",
    ]


@pytest.mark.parametrize("section", ["networks", "switches", "profiles", "nodes"])
def test_a_section_written_twice_hides_nothing_and_makes_up_nothing(section):
    """What is named in the second one is not said to be missing."""
    text = (FIXTURES / "good.yml").read_text(encoding="utf-8")
    first, rest = text.split("\n%s:\n" % section)
    doubled = "%s\n%s: {x: {}}\n%s:\n%s" % (first, section, section, rest)
    paths = [path for path, _what, _advice in problems_of_text(doubled)]
    assert section in paths
    assert {path.split(".")[0] for path in paths} == {section}


BAD = [
    ("", "the file is empty", ""),
    ("# only this\n", "the file is empty", ""),
    ("a: [1\nb: 2\n", "not valid YAML", "line 2, column 2"),
    ("a: b: c\n", "not valid YAML", "line 1, column 5"),
    ("a: *b\n", "undefined alias", "line 1, column 4"),
    ("a: 1\n---\nb: 2\n", "expected a single document in the stream, but found another", "line 2"),
    ("a: \x07\n", "not valid YAML", ""),
    ("a: &a [*a]\n", "an alias (*) that contains itself", "line 1"),
    ("a: !vault x\n", "cannot be read as !vault", "line 1"),
    ("a: !!int x\n", "cannot be read as !!int", "line 1"),
    ("[1]: 2\n", "a key must be a word", "line 1"),
    ("a: {<<: 1}\n", '"<<" takes a mapping', "line 1"),
    ("a:\n " + "[" * 64, "nested more than 64 levels deep", "line 2"),
    ("[" * 100_000, "nested more than 64 levels deep", "line 1"),
    ("- " * 100_000, "nested more than 64 levels deep", "line 1"),
    ("{a: " * 500 + "1" + "}" * 500, "nested more than 64 levels deep", "line 1"),
    ("a0: &a0 [x]\n" + "".join("a%d: &a%d [*a%d]\n" % (n, n, n - 1) for n in range(1, 500)),
     "nested more than 64 levels deep", "line"),
    ("a0: &a0 {x: 1}\n" + "".join("a%d: &a%d {<<: *a%d}\n" % (n, n, n - 1) for n in range(1, 500)),
     "nested more than 64 levels deep", "line"),
    ("a: &a [x,x,x,x,x,x,x,x,x,x]\n"
     + "".join("%s: &%s [%s]\n" % (two, two, ",".join(["*" + one] * 10)) for one, two in zip("abcdefg", "bcdefgh")),
     "an alias (*) that contains itself or too much", "line"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "what", "where"), BAD, ids=range(len(BAD)))
def test_what_is_not_yaml_is_said_with_its_line(text, what, where):
    with pytest.raises(EngineError) as caught:
        read_testbed(text, "site/testbed.yml")
    assert what in str(caught.value)
    assert where in str(caught.value)
    assert str(caught.value).startswith("site/testbed.yml")


def test_as_deep_as_a_text_may_be():
    assert read_source("[" * 64 + "]" * 64).document


def test_many_unknown_keys_are_counted():
    """Each with what is like it takes long, and nobody reads so many."""
    text = "plugin: gedge.engine.testbed\n" + "".join("k%d: 1\n" % number for number in range(5000))
    found = problems_of_text(text)
    assert len([path for path, what, dummy in found if what.startswith("unknown key")]) == 20
    (more,) = [what for path, what, dummy in found if path == "(document)"]
    assert more == "has 4980 more unknown keys"
    assert {path for path, what, dummy in found if what == "is missing"} == {"site", "networks", "profiles", "nodes"}


@pytest.mark.parametrize("text", ["x", "- a\n", "7", "[]"])
def test_a_document_that_is_no_mapping(text):
    with pytest.raises(ProblemsError) as caught:
        read_testbed(text)
    assert [problem.path for problem in caught.value.problems] == ["(document)"]


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(EngineError, match="cannot be read"):
        load_testbed(tmp_path / "testbed.yml")
    (tmp_path / "testbed.yml").write_bytes(b"a: \xff\n")
    with pytest.raises(EngineError, match="cannot be read"):
        load_testbed(tmp_path / "testbed.yml")
