"""Errors, lists of numbers, suggestions, steps."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset, steps, suggest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, Problem, ProblemsError
from hypothesis import given
from hypothesis import strategies as st

TEXTS = [
    (("it broke",), "it broke"),
    (("it broke", "node1"), "node1: it broke"),
    (("it broke", "node1", "Mend it"), "node1: it broke. Mend it"),
    (("it broke.", "", "Mend it"), "it broke. Mend it"),
]


@pytest.mark.parametrize(("parts", "text"), TEXTS)
def test_error_text(parts, text):
    assert EngineError(*parts).text() == str(EngineError(*parts)) == text


def test_a_problem_shows_its_value_as_python_would():
    assert Problem("a.b", "is wrong", "Write c", "x").text() == "a.b: is wrong (got 'x'). Write c"
    assert Problem("a.b", "is wrong", value=0).text() == "a.b: is wrong (got 0)"
    assert Problem("a", "b", "c", 1).as_dict() == {"path": "a", "value": 1, "what": "b", "advice": "c"}


def test_problems_are_counted_and_listed():
    one, two = Problem("a", "b"), Problem("c", "d")
    assert ProblemsError([one]).text() == "1 problem\n  - a: b"
    assert ProblemsError(iter([one, two]), where="file").text() == "file: 2 problems\n  - a: b\n  - c: d"


def test_a_text_has_the_first_problems_only():
    many = ProblemsError(Problem("a", "b") for dummy in range(102))
    assert many.text().splitlines()[-2:] == ["  - a: b", "  - and 2 more: mend these first"]
    assert (len(many.text().splitlines()), len(many.problems)) == (102, 102)
    assert "more" not in ProblemsError(many.problems[:100]).text()


PARSED = [
    ("", []),
    (" , ", []),
    ("3", [3]),
    ("0-3,8", [0, 1, 2, 3, 8]),
    ("8, 1-2 ,1", [1, 2, 8]),
    ("007", [7]),
    (5, [5]),
    ("65535", [65535]),
]


@pytest.mark.parametrize(("text", "numbers"), PARSED)
def test_cpuset(text, numbers):
    assert cpuset.parse(text) == numbers


UNPARSED = ["a", "-1", "1-", "1--2", "1-2-3", "1.5", "0x1", "²", "1 2", "3-1", "65536", "0-99999999999", "9" * 5000]


@pytest.mark.parametrize("text", UNPARSED, ids=lambda text: text[:12])
def test_cpuset_refuses_in_words(text):
    with pytest.raises(EngineError, match="cpus: ") as caught:
        cpuset.parse(text, "cpus")
    assert caught.value.advice


@given(st.sets(st.integers(0, 65535), max_size=40))
def test_cpuset_there_and_back(numbers):
    assert cpuset.parse(cpuset.render(numbers)) == sorted(numbers)


@given(st.text(max_size=12))
def test_cpuset_answers_anything_with_numbers_or_an_engine_error(text):
    try:
        assert all(isinstance(number, int) for number in cpuset.parse(text))
    except EngineError:
        pass


RENDERED = [([], ""), ([3], "3"), ([3, 1, 2, 2], "1-3"), ([0, 1, 3, 5, 6], "0-1,3,5-6")]


@pytest.mark.parametrize(("numbers", "text"), RENDERED)
def test_cpuset_render(numbers, text):
    assert cpuset.render(numbers) == text


NEAREST = [
    ("vlam", ["vlan", "mac"], "vlan"),
    ("Link-State", ["link_state", "mac"], "link_state"),
    ("zzzz", ["vlan", "mac"], None),
    ("x", [], None),
    (7, ["vlan"], None),
]


@pytest.mark.parametrize(("word", "known", "expected"), NEAREST)
def test_nearest(word, known, expected):
    assert suggest.nearest(word, known) == expected


def test_advice():
    assert suggest.advice("vlam", ["vlan", "mac"]) == 'Did you mean "vlan"?'
    assert suggest.advice("zzzz", ["vlan", 7]) == "Known: 7, vlan."


def step(disruption):
    """A step of that disruption."""
    return steps.Step("t", "a", "r", disruption, detail={"secret": object()})


WORST = [([], "none"), (["none"], "none"), (["link", "none"], "link"), (["drain", "link"], "drain")]
WORST += [(["none", "reboot", "drain"], "reboot")]


@pytest.mark.parametrize(("disruptions", "expected"), WORST)
def test_worst(disruptions, expected):
    assert steps.worst([step(one) for one in disruptions]) == expected


def test_a_step_shows_no_detail():
    assert sorted(step("none").as_dict()) == ["action", "after", "before", "disruption", "reason", "target"]
