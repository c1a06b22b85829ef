"""Verdicts: the words for each case, what is said beside them, and what is refused."""

import random
import re

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.plugin_utils.benchmark import verdict
from ansible_collections.gedge.engine.plugins.plugin_utils.benchmark.order import order

NAMES = {"a": "sriov", "b": "overlay"}


def measured(factor=1.0, noise=0.02, runs=12, warmup=1, seed=3):
    """Samples of an experiment: b is about 100, a is so many times that."""
    dice = random.Random(seed)
    return [
        dict(step, value=100 * (factor if step["side"] == "a" else 1) * (1 + noise * dice.uniform(-1, 1)))
        for step in order(runs, warmup, seed)
    ]


def judge(samples, **options):
    """The verdict with the names of the sides."""
    return verdict.judge(samples, NAMES, **options)


def test_the_order():
    """In pairs, of which each side begins as many; another lot each time, and the same one for the same seed."""
    sides = [step["side"] for step in order(12, 0, 1)]
    pairs = list(zip(sides[::2], sides[1::2]))
    assert all(set(pair) == {"a", "b"} for pair in pairs)
    assert pairs.count(("a", "b")) == 6
    assert len({"".join(step["side"] for step in order(40, 0)) for dummy in range(5)}) == 5
    assert order(7, 2, 5) == order(7, 2, 5)
    assert [step["warmup"] for step in order(1, 1)] == [True, True, False, False]
    assert [step["run"] for step in order(3, 1)] == list(range(1, 9))


CASES = [
    # factor, noise, runs, options, verdict, better, text
    (2.0, 0.02, 12, {}, "difference", "a", r"sriov is (1\.9\d|2\.0\d?) to 2\.0\d? times overlay"),
    (2.0, 0.02, 12, {"better": "less"}, "difference", "b", "sriov is .* times overlay"),
    (0.5, 0.02, 12, {}, "difference", "b", "overlay is .* times sriov"),
    (1.0, 0.02, 12, {}, "none", None, r"no difference seen \(one of more than 5 % would have been\)"),
    (1.03, 0.001, 12, {}, "none", None, r"no difference of 5 % or more seen: sriov is 1\.0\d+ to 1\.03"),
    (1.03, 0.001, 12, {"minimum_effect": 1}, "difference", "a", "times overlay"),
    (1.0, 0.9, 12, {}, "undecided", None, "too noisy to say: sriov is between .* times overlay; about [0-9]+ runs"),
    (2.0, 0.02, 7, {}, "undecided", None, "too few runs: 7 whole pairs, and at least 8 are needed"),
    (2.0, 0.0, 8, {}, "difference", "a", "sriov is 2.0000 to 2.0000 times overlay"),
    (1.0, 0.0, 8, {}, "none", None, "no difference seen"),
]


@pytest.mark.parametrize(("factor", "noise", "runs", "options", "word", "better", "text"), CASES)
def test_words(factor, noise, runs, options, word, better, text):  # noqa: PLR0913
    found = judge(measured(factor, noise, runs), **options)
    assert (found["verdict"], found["better"]) == (word, better), found["text"]
    assert re.search(text, found["text"]), found["text"]
    assert (found["runs_needed"] is not None) == (word == "undecided")


def test_more_runs_than_there_are_is_what_is_needed():
    found = judge(measured(1.0, 0.9, 12))
    assert found["runs_needed"] > 12 and found["runs_needed"] % 4 == 0


def test_the_warm_up_does_not_count():
    cold = [dict(one, value=1.0) if one["warmup"] else one for one in measured(warmup=2)]
    assert judge(cold)["ratio"] == judge(measured(warmup=2))["ratio"]
    assert judge(cold)["warmup"] == 4


def test_an_outlier_is_told_and_counted():
    samples = measured()
    samples[5] = dict(samples[5], value=10.0)
    found = judge(samples)
    (told,) = [one for one in found["outliers"] if one["run"] == 6]
    assert told["percent"] == pytest.approx(-90, abs=5)
    assert found["sides"][samples[5]["side"]]["least"] == 10.0
    assert sum(side["runs"] for side in found["sides"].values()) == 24
    assert "run 6 of %s stands out" % NAMES[samples[5]["side"]] in " ".join(found["notes"])


def test_a_drift_is_told_and_does_not_decide():
    samples = [dict(one, value=one["value"] * 1.05 ** one["run"]) for one in measured()]
    found = judge(samples)
    assert found["verdict"] == "none" and found["drift"]["seen"]
    assert found["drift"]["percent"] == pytest.approx(207, abs=15)
    assert "drifted by +" in found["notes"][0]


def test_a_failed_run_takes_its_pair_away():
    samples = measured()
    samples[4] = dict(samples[4], value=None)
    found = judge(samples)
    assert (found["failed"], found["verdict"]) == (1, "none")
    assert "1 runs failed" in found["notes"][-1]


def test_many_failed_runs_are_no_result():
    samples = [dict(one, value=None) if one["run"] % 4 == 0 else one for one in measured(2.0)]
    found = judge(samples)
    assert found["verdict"] == "undecided" and "runs failed: find out why" in found["text"]


def test_nothing_measured():
    found = judge([dict(one, value=None) for one in order(8, 0, 1)])
    assert found["verdict"] == "undecided" and found["sides"]["a"]["median"] is None


REFUSED = [
    ([{"run": 1, "side": "c", "value": 1}], r"samples\[0\].side: there is no side \'c\'. Write a or b"),
    ([{"run": 1, "side": "a", "value": 0}], r"samples\[0\].value: is no measured value: 0"),
    ([{"run": 1, "side": "a", "value": float("nan")}], "is no measured value: nan"),
    ([{"run": 1, "side": "a", "value": "9"}], "is no measured value: '9'"),
    ([{"run": run, "side": "a", "value": 1} for run in (1, 2)], "samples, runs 1 and 2: are of one side"),
]


@pytest.mark.parametrize(("samples", "text"), REFUSED)
def test_what_is_no_sample(samples, text):
    with pytest.raises(EngineError, match=text):
        verdict.judge(samples)
