"""The rules of module kubelet against the kubelet's own code: it refuses what we refuse, and starts with the rest."""

import collections

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config import reserve
from oracle import configured

pytestmark = pytest.mark.skipif(
    golang.find() is None, reason="no Go toolchain here: the kubelet's own code cannot be asked"
)
COUNT = 1200


@pytest.fixture(scope="module")
def rows():
    """[(options, our problems, whole configuration, state, second's configuration or None, the kubelet's answer)]."""
    asked, ours = [], []
    for machine, base, params, later in configured.some(COUNT, seed=11):
        state = configured.state_of(machine, base)
        text, config, problems = configured.verdict(params, state)
        second, second_config, wrong = configured.verdict(later, state)
        goes_on = not problems and not wrong
        asked.append(configured.question(machine, base, text, second if goes_on else None))
        ours.append((params, problems, config, state, second_config if goes_on else None))
    return [(*one, answer) for one, answer in zip(ours, configured.ask(asked))]


def test_what_the_kubelet_refuses_is_refused_before_anything_is_touched(rows):
    missed = [
        (params, answer["refused"])
        for params, problems, *dummy_rest, answer in rows
        if "refused" in answer and not problems
    ]
    assert missed == []


def test_what_is_refused_the_kubelet_refuses_too_but_for_what_the_rules_say(rows):
    needless = [
        (params, problems)
        for params, problems, *dummy_rest, answer in rows
        if problems and "refused" not in answer and not all(configured.is_stricter(one, params) for one in problems)
    ]
    assert needless == []


def test_both_kinds_are_many(rows):
    seen = collections.Counter(
        (bool(problems), "refused" in answer) for dummy_params, problems, *dummy_rest, answer in rows
    )
    assert min(seen[False, False], seen[True, True]) >= 300, seen
    assert seen[True, False] >= 20, seen


def test_reserved_cpus_and_allocatable_are_as_foretold(rows):
    differ = []
    for params, problems, config, state, dummy_second, answer in rows:
        if problems or "refused" in answer:
            continue
        expected = reserve.outcome(config, state.machine)
        every = set(state.machine.cpus.cpus)
        free = every - set(cpuset.parse(expected["reserved_cpus"])) if config["cpuManagerPolicy"] == "static" else set()
        cpu = answer.get("allocatable cpu", expected["capacity"]["cpu"])
        if cpuset.parse(answer["allocatable_cpus"]) != sorted(free) or cpu != expected["allocatable"]["cpu"]:
            differ.append((params, expected, answer))
    assert differ == []


def test_the_kubelet_would_refuse_just_the_state_files_that_are_removed(rows):
    differ, seen = [], collections.Counter()
    for params, dummy_problems, dummy_config, state, second, answer in rows:
        if second is None or "refused" in answer:
            continue
        assert answer["stale"] == {}, params
        after = answer["second"]
        assert "refused" not in after, (params, after)
        ours, real = configured.stale(answer["states"], second, state), sorted(after["stale"])
        seen[tuple(real)] += 1
        if ours != real:
            differ.append((params, second, ours, after["stale"]))
    assert differ == []
    assert min(seen[()], seen["cpu_manager_state",], seen["memory_manager_state",]) >= 10, seen
