"""A region to report on: what was saved of the lab once (tests/fixtures/report), with edits."""

from __future__ import annotations

import json
import os
import pathlib
import shutil

from ansible_collections.gedge.engine.plugins.filter.report_files import report_files
from ansible_collections.gedge.engine.plugins.plugin_utils.report import model, reader
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAVED = ROOT / "tests" / "fixtures" / "report"
NOON = 1795608000  # 2026-11-25 12:00:00Z
# In the order of an operator's day: the file is written, the nodes are discovered, planned and verified.
WRITTEN = {"testbed.yml": 0, "facts/node1.topology.json": 60, "facts/node2.topology.json": 60}
WRITTEN.update({"facts/plan.json": 120, "facts/verify.json": 180})


class Region:
    """A folder with a testbed file and facts, all with known times, and the report of it."""

    def __init__(self, folder):
        self.folder = folder
        self.testbed, self.facts = folder / "testbed.yml", folder / "facts"
        shutil.copytree(SAVED, folder, dirs_exist_ok=True)
        for name, seconds in WRITTEN.items():
            self.at(name, seconds)

    def at(self, name, seconds):
        """Give a file a time, in seconds after noon."""
        os.utime(self.folder / name, (NOON + seconds, NOON + seconds))

    def asks_nothing_new(self):
        """Take out of the testbed file what was not set on the lab when it was saved."""
        text = self.testbed.read_text(encoding="utf-8")
        start, end = text.index("    isolated_cpus:"), text.index("    tuning:")
        self.testbed.write_text(text[:start] + text[end:], encoding="utf-8")
        self.at("testbed.yml", 0)
        return self

    def edit(self, name, change, seconds=None):
        """Change the data of a JSON file of the facts; its time stays, or becomes another."""
        path = self.facts / name
        data = json.loads(path.read_text(encoding="utf-8"))
        change(data)
        path.write_text(json.dumps(data), encoding="utf-8")
        self.at(f"facts/{name}", WRITTEN[f"facts/{name}"] if seconds is None else seconds)
        return self

    def remove(self, name):
        """Take a file of the facts away."""
        (self.facts / name).unlink()
        return self

    def inventory(self):
        """(region, hosts) as the inventory plugin gives them."""
        made = expand(read_testbed(self.testbed.read_text(encoding="utf-8"), str(self.testbed)))
        region = {"site": made.shared["testbed_site"], "networks": made.shared["testbed_networks"]}
        return dict(region, switches=made.tables["switches"]), made.hosts

    def document(self, nodes=24, inventory=None):
        """The document alone."""
        found, hosts = inventory or self.inventory()
        saved = reader.read(str(self.facts), list(hosts), [str(self.testbed)])
        return model.build(found, hosts, saved, nodes).document

    def report(self, nodes=24, inventory=None):
        """The document as the filter gives it; the page lies beside it as report.html."""
        region, hosts = inventory or self.inventory()
        templates = str(ROOT / "roles" / "report" / "templates")
        made = report_files(hosts, str(self.facts), templates, region, [str(self.testbed)], nodes)
        (self.folder / "report.html").write_text(made["report.html"], encoding="utf-8")
        return json.loads(made["report.json"])
