# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How long the inventory plugin takes for a site of 1,000 nodes. Prints one line of JSON.

    python tests/bench/bench_testbed.py [NODES]

list_s: wall time of `ansible-inventory --list` on the file, interpreter start included; list_cpu_s: its CPU time,
which other work on the machine changes less; read_s: CPU time to check and expand the file alone. Best of three each.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed  # noqa: E402

PORTS = 48
RUNS = 3
# name, VLAN, CIDR; node i has address first + i in each
NETWORKS = {
    "public": ("public", 10, "10.10.0.0/16"),
    "management": ("[management, macvlan]", 20, "10.20.0.0/16"),
    "sriov-a": ("sriov", 30, "10.30.0.0/16"),
    "sriov-b": ("sriov", 40, "10.40.0.0/16"),
}
PROFILE = """
profiles:
  edge:
    nics:
      nic0: {media: rj45, numa_node: 0, ports: {"1": {network: public}, "2": {network: management}}}
      nic1:
        media: sfp+
        numa_node: 1
        ports:
          "1": {network: sriov-a, pci: "0000:81:00.0", vfs: {count: 4, config: [{range: "0-3", mac: auto}]}}
          "2": {network: sriov-b, pci: "0000:81:00.1", vfs: {count: 4, config: [{range: "0-3", mac: auto}]}}
    accelerators: [{kind: gpu, numa_node: 0}]
    reserved_cpus: "0"
"""
# NIC, port, media and the VLAN part of the switch port
CABLES = [
    ("nic0", "1", "rj45", "vlan: 10"),
    ("nic0", "2", "rj45", "vlan: 20"),
    ("nic1", "1", "sfp+", "tagged: [30, 40]"),
    ("nic1", "2", "sfp+", "tagged: [30, 40]"),
]


def site_of(nodes):
    """Text of a testbed.yml with so many nodes of four ports, each plugged into a 48-port switch."""
    lines = ["---", "plugin: gedge.engine.testbed", "site: {name: bench}", "networks:"]
    for name, (purpose, vlan, cidr) in NETWORKS.items():
        lines.append("  %s: {purpose: %s, vlan: %d, cidr: %s}" % (name, purpose, vlan, cidr))
    lines.append("switches:")
    for place in range(nodes * len(CABLES)):
        if place % PORTS == 0:
            lines += ["  tor%d:" % (place // PORTS), "    ports:"]
        nic, port, media, vlan = CABLES[place % len(CABLES)]
        peer = "node%d/%s/%s" % (place // len(CABLES), nic, port)
        lines.append('      "%d": {media: %s, %s, peer: %s}' % (place % PORTS + 1, media, vlan, peer))
    lines += [PROFILE, "nodes:"]
    lines += ["  node%d: {profile: edge, index: %d}" % (index, index) for index in range(nodes)]
    return "\n".join(lines) + "\n"


def read_time(text):
    """CPU seconds to read, check and expand the text."""
    start = time.process_time()
    expand(read_testbed(text))
    return time.process_time() - start


def list_time(path, nodes):
    """(wall, CPU) seconds of `ansible-inventory --list`; fails unless it gives all nodes."""
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(path), "--list"]
    environment = dict(os.environ, ANSIBLE_CONFIG=str(ROOT / "ansible.cfg"))
    start, before = time.perf_counter(), _children()
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    spent = time.perf_counter() - start, _children() - before
    listed = json.loads(done.stdout)["_meta"]["hostvars"]
    if len(listed) != nodes:
        raise SystemExit("%d hosts listed, not %d" % (len(listed), nodes))
    return spent


def _children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main():
    """Measure, print, and fail where 1,000 nodes take 5 s of CPU time or more."""
    nodes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    folder = Path(tempfile.mkdtemp(prefix="bench-testbed-"))
    try:
        path = folder / "testbed.yml"
        path.write_text(site_of(nodes), encoding="utf-8")
        read = min(read_time(path.read_text(encoding="utf-8")) for dummy in range(RUNS))
        wall, spent = zip(*(list_time(path, nodes) for dummy in range(RUNS)))
    finally:
        shutil.rmtree(folder)
    figures = {"read_s": read, "list_s": min(wall), "list_cpu_s": min(spent)}
    print(json.dumps({"nodes": nodes, **{name: round(value, 2) for name, value in figures.items()}}))
    return 0 if nodes > 1000 or min(spent) < 5 else 1


if __name__ == "__main__":
    sys.exit(main())
