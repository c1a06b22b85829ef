"""What was written, read by the standard library."""

import json
import os
import pathlib
import xml.etree.ElementTree as ET

FOLDER = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "benchmark"


def test_equal_runs_show_no_difference():
    (found,) = json.loads((FOLDER / "benchmark.json").read_text(encoding="utf-8"))["results"]
    assert (found["name"], found["verdict"], found["sides"]["a"]["runs"]) == ("same", "none", 8)
    assert "no difference seen" in (FOLDER / "benchmark.txt").read_text(encoding="utf-8")


def test_the_picture_is_one():
    assert ET.parse(FOLDER / "same.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
