"""The optional solver costs nothing where nobody asks for it."""

import os
import pathlib
import subprocess
import sys

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.placement import libraries

ROOT = pathlib.Path(__file__).resolve().parents[3]


def test_the_filter_does_not_import_it():
    name = "ansible_collections.gedge.engine.plugins.filter.placement"
    where = dict(os.environ, PYTHONPATH=str(ROOT / "collections"))
    command = [sys.executable, "-c", f"import sys, {name}; print('highspy' in sys.modules)"]
    assert subprocess.run(command, check=True, capture_output=True, text=True, env=where).stdout == "False\n"


def test_without_it_there_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)
    for name in ("highspy", "MISSING"):
        monkeypatch.delitem(vars(libraries), name, raising=False)
    assert libraries.highspy is None and f"Run `pip install {libraries.PIN}`" in libraries.MISSING
    for name in ("highspy", "MISSING"):
        del vars(libraries)[name]  # the next one who asks gets what there is


def test_no_other_name_is_made_up():
    with pytest.raises(AttributeError):
        getattr(libraries, "another")  # noqa: B009
