# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What Python of a virtual node keeps of a zip: tried by this machine's Python, as a process of its own."""

import pathlib
import subprocess
import sys
import zipfile

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import guest_bytecode, recipe

SCRIPT = """
import sys, zipimport
import gedge_lab_bytecode as kept
calls = []
def compiling(path, source, original=zipimport._compile_source):
    calls.append(path)
    return original(path, source)
zipimport._compile_source = compiling
kept.FOLDER = sys.argv[2]
kept.start()
sys.path.insert(0, sys.argv[1])
import told
print(bool(calls), told.WORD, told.where())
"""
SOURCE = "import sys\nWORD = %r\ndef where():\n    return sys._getframe().f_code.co_filename\n"


@pytest.fixture
def imported(tmp_path):
    """A function: (name of the zip, word) -> (whether a new process compiles it, the word it finds in it)."""
    written = recipe.FILES["usr/lib/python3/dist-packages/gedge_lab_bytecode.py"]
    (tmp_path / "gedge_lab_bytecode.py").write_text(written)

    def run(name, word):
        archive = tmp_path / name
        with zipfile.ZipFile(archive, "w") as stream:
            stream.writestr("told.py", SOURCE % word)
        command = [sys.executable, "-c", SCRIPT, str(archive), str(tmp_path / "kept")]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        compiled, said, where = done.stdout.split()
        assert where == f"{archive}/told.py"
        return compiled == "True", said

    return run


def test_a_source_is_compiled_once_wherever_its_zip_lies(imported):
    assert imported("a.zip", "one") == (True, "one")
    assert imported("b.zip", "one") == (False, "one")


def test_another_source_is_compiled(imported):
    assert imported("a.zip", "one") == (True, "one")
    assert imported("a.zip", "two") == (True, "two")


@pytest.mark.parametrize("left", [b"", b"\0\0\0", b"N", b"\xe3half"])
def test_what_a_power_cut_left_is_compiled_anew(imported, tmp_path, left):
    imported("a.zip", "one")
    (place,) = (tmp_path / "kept").iterdir()
    place.write_bytes(left)
    assert imported("a.zip", "one") == (True, "one")
    assert imported("a.zip", "one") == (False, "one")


def test_who_may_not_write_goes_without(imported, tmp_path):
    (tmp_path / "kept").write_text("a file where the folder should be")
    assert imported("a.zip", "one") == imported("a.zip", "one") == (True, "one")


def test_the_node_has_what_was_tried_here():
    text = pathlib.Path(guest_bytecode.__file__).read_text()
    assert recipe.FILES["usr/lib/python3/dist-packages/gedge_lab_bytecode.py"] == text
