"""The report of a site: CPU seconds for document and page, and their sizes.

python tests/bench/bench_report.py [NODES]: a line of JSON; exit code 1 where 1,000 nodes take 30 s of CPU time or more.
Each node has the topology of the lab's node1, saved once.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAVED = ROOT / "tests" / "fixtures" / "report" / "facts" / "node1.topology.json"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "collections")]
os.environ["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")

from ansible.plugins.loader import init_plugin_loader  # noqa: E402

init_plugin_loader([str(ROOT / "collections")])

from ansible_collections.gedge.engine.plugins.filter.report_files import report_files  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed  # noqa: E402
from bench.bench_testbed import site_of  # noqa: E402


def measure(nodes, folder):
    """{figure: value} for a site of so many nodes, with facts in the folder."""
    made = expand(read_testbed(site_of(nodes), "testbed.yml"))
    for name in made.hosts:
        shutil.copy(SAVED, folder / f"{name}.topology.json")
    region = {"site": made.shared["testbed_site"], "networks": made.shared["testbed_networks"]}
    region["switches"] = made.tables["switches"]
    start = time.process_time()
    written = report_files(made.hosts, str(folder), str(ROOT / "roles" / "report" / "templates"), region)
    spent = time.process_time() - start
    sizes = {name.split(".")[1] + "_mb": round(len(text.encode()) / 1e6, 1) for name, text in written.items()}
    return {"nodes": nodes, "cpu_s": round(spent, 1), **sizes}


def main():
    """Measure and print."""
    nodes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    folder = Path(tempfile.mkdtemp(prefix="bench-report-"))
    try:
        figures = measure(nodes, folder)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(figures))
    return 0 if nodes > 1000 or figures["cpu_s"] < 30 else 1


if __name__ == "__main__":
    sys.exit(main())
