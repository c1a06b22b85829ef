"""tools/run_tests.py: which stages CI's time is enough for."""

import importlib
import os
import pathlib
import subprocess
import sys

import pytest

PATH = pathlib.Path(__file__).resolve().parents[3] / "tools" / "run_tests.py"


@pytest.fixture(scope="module")
def tool():
    """The program as a module, with those beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PATH.parent))
        yield importlib.import_module(PATH.stem)


@pytest.fixture
def run(tool):
    """A function: (budget in seconds or None, how slow the machine is) -> (stages that ran, Outcomes)."""

    def call(budget, slowness):
        seconds, ran = [0], []

        def runner(stage):
            taken = 60 * slowness * stage.minutes
            seconds[0] += taken
            ran.append(stage.name)
            return tool.Outcome(stage.name, taken, 1, 0)

        clock = tool.Clock(budget, lambda: seconds[0])
        outcomes = [tool.run_in_time(one, runner, clock) for one in tool.STAGES if not one.lab]
        return ran, outcomes + tool.run_on_labs(tool.STAGES, runner, clock)

    return call


WITHOUT_LAB = ["unit", "acceptance", "lint", "sanity", "docs-check"]
ON_LAB = ["molecule node", "molecule cluster", "molecule other", "integration"]
ALL = [*WITHOUT_LAB, "lab_cluster lab", "cluster", "lab_cluster lab_down", "lab lab", *ON_LAB, "lab lab_down"]


@pytest.mark.parametrize(("budget", "slowness"), [(None, 9), (75 * 60, 1), (75 * 60, 1.5)])
def test_all_run_where_there_is_time(run, budget, slowness):
    ran, outcomes = run(budget, slowness)
    assert ran == ALL
    assert not [one for one in outcomes if "LEFT OUT" in one.note]


@pytest.mark.parametrize(
    ("slowness", "left"),
    [
        (1.55, ["integration"]),
        (2.0, ON_LAB[1:]),
        (2.4, ["molecule node", "molecule cluster", "integration"]),
        (9.0, ["cluster", *ON_LAB]),
    ],
)
def test_what_would_not_end_in_time_is_left_out_and_told(run, slowness, left):
    ran, outcomes = run(75 * 60, slowness)
    assert [one.name for one in outcomes if "LEFT OUT" in one.note] == left
    assert not set(left) & set(ran)
    assert [one for one in outcomes if one.name in left and (one.passed or one.failed)] == []


def test_a_lab_that_nothing_runs_on_is_not_started(run):
    ran, dummy = run(75 * 60, 9)
    assert ran == WITHOUT_LAB


def test_each_scenario_is_in_one_stage(tool):
    words = [word for stage in tool.STAGES for command in stage.commands for word in command]
    lists = [word.split("{")[1].split("}")[0].split(",") for word in words if word.startswith("MOLECULE_GLOB=")]
    assert all(names.count("default") == 1 for names in lists)
    named = sorted(name for names in lists for name in names if name != "default")
    there = {path.parent.name for path in PATH.parents[1].glob("molecule/*/molecule.yml")}
    assert named == sorted(there - {"default"})


def test_a_test_that_would_begin_too_late_is_skipped(tmp_path):
    """With its fixtures, which may take longest."""
    (tmp_path / "conftest.py").write_text((PATH.parents[1] / "tests" / "conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.fixture\ndef slow():\n    assert False\ndef test_it(slow):\n    pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(
        command, cwd=tmp_path, env=dict(os.environ, GEDGE_DEADLINE="0"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "1 skipped" in done.stdout and "no time left in CI" in done.stdout
