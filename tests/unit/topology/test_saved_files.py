"""Texts saved as files of one folder."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.saved_files import save
from ansible_collections.gedge.engine.plugins.module_utils.system import System

TEXTS = {"a.txt": "one\n", "b.json": "{}\n"}


def test_only_what_differs_is_written(tmp_path):
    folder = tmp_path / "new" / "facts"
    first = save(System(), str(folder), TEXTS)
    assert (first["changed"], first["files"]) == (True, ["a.txt", "b.json"])
    before = (folder / "b.json").stat()
    second = save(System(), str(folder), {**TEXTS, "a.txt": "two\n"})
    assert second["files"] == ["a.txt"]
    assert second["diff"][0]["before"] == "one\n"
    assert second["diff"][0]["after"] == "two\n"
    assert (folder / "b.json").stat() == before
    assert save(System(), str(folder), {**TEXTS, "a.txt": "two\n"}) == {
        "changed": False,
        "files": [],
        "removed": [],
        "diff": [],
    }


def test_what_matches_and_is_not_asked_for_is_removed(tmp_path):
    for name in ("old.env", "a.env", "old.txt"):
        (tmp_path / name).write_text("")
    foretold = save(System(), str(tmp_path), {"a.env": ""}, check_mode=True, remove=["*.env"])
    assert (foretold["changed"], foretold["removed"], len(list(tmp_path.iterdir()))) == (True, ["old.env"], 3)
    assert save(System(), str(tmp_path), {"a.env": ""}, remove=["*.env"]) == foretold
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.env", "old.txt"]
    assert not save(System(), str(tmp_path / "none"), {}, remove=["*.env"])["changed"]


@pytest.mark.parametrize("pattern", ["", "*", "**", "a/*.env"])
def test_a_pattern_that_is_too_wide_is_refused(tmp_path, pattern):
    with pytest.raises(EngineError, match="would match anything"):
        save(System(), str(tmp_path), {}, remove=[pattern])


@pytest.mark.parametrize(("there", "read", "is_right"), [("a", "a", True), (None, "", True), ("b", "a", False),
                                                         (None, "a", False), ("a", "", False)])  # fmt: skip
def test_nothing_is_written_over_another_runs_work(tmp_path, there, read, is_right):
    if there is not None:
        (tmp_path / "from.json").write_text(there)
    try:
        save(System(), str(tmp_path), TEXTS, unchanged={"from.json": read})
    except EngineError as error:
        assert not is_right and "was changed by another run" in str(error)
    assert (tmp_path / "a.txt").exists() == is_right


def test_check_mode_writes_nothing(tmp_path):
    assert save(System(), str(tmp_path / "facts"), TEXTS, check_mode=True)["files"] == ["a.txt", "b.json"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/passwd"])
def test_a_name_with_a_folder_is_refused(tmp_path, name):
    with pytest.raises(EngineError, match="is no file name"):
        save(System(), str(tmp_path), {name: ""})


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be written"):
        save(System(), str(tmp_path / "file" / "facts"), TEXTS)
