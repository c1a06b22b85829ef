"""What was written, against the lines of the files that it was made of. tests/unit/report reads it in a browser."""

import json
import os
import pathlib
import re

FOLDER = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "report"
FACTS = pathlib.Path(__file__).resolve().parents[3] / "tests" / "fixtures" / "report" / "facts"


def test_both_files_are_there():
    assert sorted(path.name for path in FOLDER.iterdir()) == ["report.html", "report.json"]


def test_all_nodes_of_the_inventory_are_in_it(all_variables):
    assert list(json.loads((FOLDER / "report.json").read_text(encoding="utf-8"))["nodes"]) == list(all_variables)


def test_the_page_names_every_device(node):
    saved = (FACTS / f"{node}.topology.json").read_text(encoding="utf-8")
    page = (FOLDER / "report.html").read_text(encoding="utf-8")
    addresses = re.findall(r'"address": "([^"]+)"', saved)
    assert addresses and [address for address in addresses if address not in page] == []


def test_the_page_says_what_was_proven():
    page = (FOLDER / "report.html").read_text(encoding="utf-8")
    assert "14 of 14 probes between VFs of one network on different nodes were answered." in page
