# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""CPU time of topology and distance matrix on made-up machines of 50, 100 and 300 PCI devices. Prints a table.

    python tests/bench/bench_topology.py [RUNS]

Each machine is a saved tree in a temporary folder (tests/fixtures/sysfs_tree.py: 128 CPUs, two sockets, nearly half
of the devices VFs, each PF of five kinds at a root port of its own). time.process_time() around facts.gather and
matrix.build, user and system time together, in one process that has imported all: what comes beyond the
interpreter's start. Best of RUNS (20) after one run that warms the page cache; import: the packages, in a process
of their own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT / "tests")]

from ansible_collections.gedge.engine.plugins.module_utils.distance import matrix  # noqa: E402
from ansible_collections.gedge.engine.plugins.module_utils.system import System  # noqa: E402
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.render.text_table import text_table  # noqa: E402
from fixtures import sysfs_tree  # noqa: E402

SIZES = (50, 100, 300)
IMPORT = """
import sys, time
sys.path.insert(0, %r)
started = time.process_time()
from ansible_collections.gedge.engine.plugins.module_utils.distance import matrix
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from ansible_collections.gedge.engine.plugins.module_utils.system import System
print((time.process_time() - started) * 1000)
"""


def best(function, runs):
    """(least CPU time in ms, what the function returned)."""
    times, result = [], None
    for _run in range(runs + 1):
        started = time.process_time()
        result = function()
        times.append((time.process_time() - started) * 1000)
    return min(times[1:]), result


def measure(size, runs):
    """One row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        sysfs_tree.big(folder, size)
        system = System(folder)
        gather, topology = best(lambda: facts.gather(system), runs)
    build, made = best(lambda: matrix.build(topology), runs)
    pairs = len(made["devices"]) ** 2
    return [size, len(topology["cpus"]), gather, build, gather + build, build * 1000 / pairs]


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    rows = [measure(size, runs) for size in SIZES]
    rows = [[round(cell, 3) for cell in row] for row in rows]
    print(text_table(["devices", "CPUs", "gather ms", "matrix ms", "both ms", "us per pair"], rows))
    command = [sys.executable, "-c", IMPORT % str(ROOT / "collections")]
    imported = min(float(subprocess.run(command, capture_output=True, check=True).stdout) for _run in range(5))
    print("import ms: %.1f" % imported)


if __name__ == "__main__":
    main()
