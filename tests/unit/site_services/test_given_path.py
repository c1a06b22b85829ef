"""Paths as a command line takes them."""

import os

import pytest
from ansible_collections.gedge.engine.plugins.filter.given_path import given_path


@pytest.mark.parametrize(
    ("given", "whole", "short"),
    [
        ("my/a.yml", "{here}/my/a.yml", "my/a.yml"),
        ("./my/../my//a.yml", "{here}/my/a.yml", "my/a.yml"),
        ("{here}/my/a.yml", "{here}/my/a.yml", "my/a.yml"),
        ("{link}/my/a.yml", "{link}/my/a.yml", "my/a.yml"),
        ("../a.yml", "{up}/a.yml", "{up}/a.yml"),
        ("~/a.yml", "{up}/home/a.yml", "{up}/home/a.yml"),
        ("", "", ""),
    ],
)
def test_a_file_is_one_however_it_is_written(tmp_path, monkeypatch, given, whole, short):
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to("here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    places = {"here": os.getcwd(), "link": tmp_path / "link", "up": tmp_path}
    given = given.format(**places)
    assert given_path(given) == whole.format(**places)
    assert given_path(given, short=True) == short.format(**places)


def test_what_is_no_text_is_for_the_option_s_type_to_refuse():
    assert given_path(["a", "b"]) == ["a", "b"]
