"""Makes the pictures of docs/report.md anew: the page of what was saved of the lab once, in Chromium.

.venv/bin/python tools/report_images.py
"""

from __future__ import annotations

import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
sys.path[:0] = [str(ROOT / "tests")]
os.environ["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")

from ansible.plugins.loader import init_plugin_loader  # noqa: E402

init_plugin_loader([str(ROOT / "collections")])

from helpers.browser import Browser  # noqa: E402
from helpers.report_region import Region  # noqa: E402

WIDTH = 1366


def clean(plan):
    """The plan of a node on which nothing is to be done."""
    plan.update(status="clean", disruption="none")
    plan["nodes"]["node1"].update(steps=[], disruption="none")


def main():
    """From the top to the wiring, and the tree with the matrix of a node."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Browser(WIDTH) as browser:
        region = Region(pathlib.Path(folder)).asks_nothing_new().edit("plan.json", clean)
        region.report()
        browser.open(region.folder / "report.html")
        places = browser.evaluate(
            "['#wiring ~ details', '#node-0 .numa', '#drift', '#node-0 .heat', '#proof'].map(name =>"
            " document.querySelector(name).getBoundingClientRect()).flatMap(box => [box.top, box.bottom])"
        )
        browser.screenshot(IMAGES / "report.png", (0, 0, WIDTH, places[0]))
        browser.screenshot(IMAGES / "report-node.png", (0, places[2] - 50, WIDTH, places[7] - places[2] + 60))


if __name__ == "__main__":
    main()
