"""The transaction of a kubelet on a worker of the lab's cluster (make lab-cluster): there and back, and nothing to do.

Prints for each run: seconds of the whole run, of the drain, of the change (the kubelet is stopped, its state files are
made anew, and it is well with the new configuration), and the module results of the node.
"""

from __future__ import annotations

import datetime
import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT / "tests")]
from cluster.conftest import TESTBED  # noqa: E402
from cluster.test_kubelet import ALIGNED, NODE, NONE, USUAL  # noqa: E402
from helpers.cluster_lab import ClusterLab  # noqa: E402
from helpers.lab import AS_JSON, is_module, read_play, read_report  # noqa: E402

DRAIN, CHANGE = ("Cordon", "Drain,"), ("Bring the kubelet's managers",)
RUNS = {"none": NONE, "aligned": ALIGNED, "nothing": ALIGNED, "as before": USUAL}


def seconds_of(report, names):
    """Of the tasks that begin with such names."""
    found = 0.0
    for task in (task["task"] for play in report["plays"] for task in play["tasks"]):
        if task["name"].rpartition(" : ")[2].startswith(names):
            begin, end = (datetime.datetime.fromisoformat(task["duration"][key]) for key in ("start", "end"))
            found += (end - begin).total_seconds()
    return found


def main():
    """One row for each run."""
    lab = ClusterLab(None, TESTBED)
    if not lab.answers():
        print("no cluster runs: make lab-cluster, then again with GEDGE_LAB=main")
        return
    print(f"{'run':<10}{'seconds':>9}{'drain':>8}{'change':>8}{'modules':>9}{'changed':>9}")
    for title, variables in RUNS.items():
        words = ["--tags", "cluster_kubelet", "--limit", f"{NODE},master", "-e", json.dumps(variables)]
        begin = time.monotonic()
        done = lab.ansible_playbook("cluster", *words, env=AS_JSON)
        seconds, play, report = time.monotonic() - begin, read_play(done), read_report(done.stdout)
        if play.rc:
            sys.exit(play.output[-4000:])
        modules = sum(is_module(result) for dummy, host, result in play.tasks if host == NODE)
        drain, change = seconds_of(report, DRAIN), seconds_of(report, CHANGE)
        print(f"{title:<10}{seconds:>9.0f}{drain:>8.0f}{change:>8.0f}{modules:>9}{play.changed():>9}", flush=True)


main()
