"""tools/run_tests.py: which stages CI's time is enough for."""

import importlib.util
import pathlib
import sys

import pytest

PATH = pathlib.Path(__file__).resolve().parents[3] / "tools" / "run_tests.py"


@pytest.fixture(scope="module")
def tool():
    """The program as a module."""
    spec = importlib.util.spec_from_file_location("gedge_run_tests", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(tool):
    """A function: (budget in seconds or None, how slow the machine is) -> (stages that ran, Outcomes)."""

    def call(budget, slowness):
        seconds, ran = [0], []

        def runner(stage):
            seconds[0] += 60 * slowness * stage.minutes
            ran.append(stage.name)
            return tool.Outcome(stage.name, 0, 1, 0)

        clock = tool.Clock(budget, lambda: seconds[0])
        outcomes = []
        for lab in (tool.CLUSTER, tool.LAB):
            outcomes += tool.run_on_lab(lab, [one for one in tool.STAGES if one.lab == lab], runner, False, clock)
        return ran, outcomes

    return call


ALL = "lab_cluster lab,cluster,lab_cluster lab_down,lab lab,integration,molecule,lab lab_down".split(",")


@pytest.mark.parametrize(("budget", "slowness"), [(None, 9), (80 * 60, 1), (80 * 60, 1.4)])
def test_all_run_where_there_is_time(run, budget, slowness):
    ran, outcomes = run(budget, slowness)
    assert ran == ALL
    assert not [one for one in outcomes if "LEFT OUT" in one.note]


@pytest.mark.parametrize(
    ("slowness", "left"), [(1.8, ["molecule"]), (2.1, ["integration"]), (3.5, ["integration", "molecule"])]
)
def test_what_would_not_end_in_time_is_left_out_and_told(run, slowness, left):
    ran, outcomes = run(80 * 60, slowness)
    assert [one.name for one in outcomes if "LEFT OUT" in one.note] == left
    assert not set(left) & set(ran)
    assert [one for one in outcomes if one.name in left and (one.passed or one.failed)] == []


def test_a_lab_that_nothing_runs_on_is_not_started(run):
    ran, dummy = run(80 * 60, 3.5)
    assert "lab lab" not in ran
