"""Own files: read with the drafts of a killed run, planned as steps, put in place as file or link, taken away again."""

import os

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import own_files
from ansible_collections.gedge.engine.plugins.module_utils.baseline import FOLDER, Baseline
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import System


@pytest.fixture
def system(tmp_path):
    """A machine below a folder."""
    return System(str(tmp_path))


def test_steps():
    steps = own_files.steps({"/c": "old", "/a": "same", "/b": "gone"}, {"/a": "same", "/c": "new", "/d": "more"})
    assert [(s.target, s.action, s.before, s.after, s.disruption) for s in steps] == [
        ("/b", "remove-file", "gone", None, "none"),
        ("/c", "write-file", "old", "new", "none"),
        ("/d", "write-file", None, "more", "none"),
    ]


def test_there_and_back(system, tmp_path):
    wanted = {"/etc/x.conf": " spaces count \n\n", "/etc/wants/x": "-> ../x.conf"}
    for step in own_files.steps({}, wanted):
        own_files.apply(system, step)
    assert own_files.read(system, wanted) == wanted
    assert os.readlink(tmp_path / "etc/wants/x") == "../x.conf"
    assert own_files.steps(own_files.read(system, wanted), wanted) == []
    for step in own_files.steps(own_files.read(system, wanted), {}):
        own_files.apply(system, step)
    assert own_files.read(system, wanted) == {}
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == []


def test_a_draft_of_a_killed_run_is_found_and_goes(system, tmp_path):
    (tmp_path / "x.gedge-tmp").write_text("half")
    found = own_files.read(system, ["/x"])
    assert found == {"/x.gedge-tmp": "half"}
    for step in own_files.steps(found, {"/x": "whole"}):
        own_files.apply(system, step)
    assert own_files.read(system, ["/x"]) == {"/x": "whole"}


def test_the_first_value_of_a_baseline_counts(system):
    baseline = Baseline(system, "toy")
    assert baseline.load() == {}
    assert baseline.add({"a": 1, "b": [2]}) == ["a", "b"]
    assert baseline.add({"a": 5, "c": None}) == ["c"]
    assert baseline.load() == {"a": 1, "b": [2], "c": None}


def test_a_baseline_that_is_restored_leaves_nothing(system, tmp_path):
    baseline = Baseline(system, "toy")
    baseline.add({"a": 1, "b": 2})
    assert baseline.forget_steps(["x"]) == []
    for step in baseline.forget_steps(["a", "b", "x"]):
        assert step.before == ["a", "b"]
        baseline.apply(step)
    assert not (tmp_path / "var/lib/gedge").exists()


def test_a_baseline_beside_another_leaves_it(system, tmp_path):
    Baseline(system, "other").add({"a": 1})
    baseline = Baseline(system, "toy")
    baseline.add({"a": 1})
    baseline.forget(["a"])
    assert system.list(FOLDER) == ["other.json"]


@pytest.mark.parametrize("text", ["[]", "5", '"a"', "{", '{"a": {"vfs": 5}}', '{"a": null}'])
def test_a_baseline_of_somebody_else_is_refused_with_its_path(system, text):
    system.write_file(FOLDER + "/toy.json", text)
    baseline = Baseline(system, "toy", lambda record: [vf["index"] for vf in record["vfs"]])
    with pytest.raises(EngineError, match=r"/var/lib/gedge/baseline/toy.json: is no baseline .*Remove it"):
        baseline.load()


def test_an_empty_folder_goes_and_a_full_one_stays(system, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    for path in ("/empty", "/full", "/none"):
        system.remove_folder(path)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
