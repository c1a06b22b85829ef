# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Module results and wall time of SR-IOV on one VM of the lab: two PFs with four VFs each, by role node_sriov.

    python tests/bench/bench_sriov.py

The goal is that of the peers' table in docs/benchmarks.md. Four runs on node1 (Debian 12, software emulation unless
the summary says kvm): check mode and a run on a node without VFs, then a run and check mode on the converged one. A
module result is a task that was neither skipped nor an include, as the callback ansible.posix.json reports it; wall
time is that of ansible-playbook, its start included. Uses the lab "test"; starts it, and takes it down, where it does
not run.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT / "tests")]
os.environ["GEDGE_LAB"] = "test"

from ansible_collections.gedge.engine.plugins.plugin_utils.render.text_table import text_table  # noqa: E402
from helpers.lab import Lab  # noqa: E402

PFS = ["0000:21:00.0", "0000:81:00.0"]
PLAY = """
- hosts: node1
  gather_facts: false
  roles:
    - role: gedge.engine.node_sriov
"""
RUNS = (
    ("fresh, check mode", ["--check"]),
    ("fresh", []),
    ("converged", []),
    ("converged, check mode", ["--check"]),
)


def measure(lab, playbook, title, options):
    """One row: title, module results, changed, steps, seconds."""
    started = time.monotonic()
    done = lab.playbook(playbook, *options)
    seconds = time.monotonic() - started
    assert done.rc == 0, done.output
    results = [result for dummy, dummy2, result in done.tasks if not result.get("skipped") and "include" not in result]
    steps = next(len(result["steps"]) for result in results if "steps" in result)
    return [title, len(results), done.changed(), steps, round(seconds, 1)]


def rows(lab):
    """The four runs, from a node without VFs on."""
    done = lab.module("node1", "gedge.engine.sriov", {"state": "absent", "allow_vf_loss": PFS})
    assert done.rc == 0, done.output
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as playbook:
        playbook.write(PLAY)
        playbook.flush()
        return [measure(lab, playbook.name, title, options) for title, options in RUNS]


def main():
    """Print the table."""
    lab = Lab()
    ours = not lab.answers()
    if ours:
        started = lab.ansible_playbook("lab")
        assert started.returncode == 0, started.stdout
    try:
        print(text_table(["two PFs, four VFs each", "module results", "changed", "steps", "seconds"], rows(lab)))
    finally:
        if ours:
            lab.ansible_playbook("lab_down")


main()
