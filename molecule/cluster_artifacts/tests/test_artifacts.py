"""What the role left, run and read without the collection."""

import hashlib
import json
import os
import pathlib
import subprocess

import pytest

PLACE = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "artifacts"


@pytest.mark.parametrize("folder", ["one", "two"])
def test_the_programs_are_there_and_are_what_the_manifest_tells(folder):
    programs = json.loads((PLACE / folder / "manifest.json").read_text(encoding="utf-8"))["programs"]
    assert sorted(programs) == sorted(path.name for path in (PLACE / folder).iterdir() if path.name != "manifest.json")
    for name, one in programs.items():
        path = PLACE / folder / name
        assert subprocess.check_output([path], text=True) == name + "\n"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == one["sha256"]
        assert (one["component"], one["version"]) == ("kubernetes", "1.37.2")


def test_the_bundle_is_a_tar_file():
    listed = subprocess.check_output(["tar", "-tf", PLACE / "bundle.tar"], text=True).split()
    assert listed[0] == "manifest.json" and "kubelet" in listed and len(listed) == 8
