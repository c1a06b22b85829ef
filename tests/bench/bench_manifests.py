# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""CPU time of manifests: services per second, objects as dicts (no YAML). Prints a table.

    python tests/bench/bench_manifests.py [RUNS]

Each service is a Deployment with one container, pinned, with a port, a VF (static address) and a GPU, on one of as
many nodes as there are services divided by four (each wired as in the lab, networks of 65,536 addresses). "basic" has
CPU and memory only; "leases": with all addresses of the run before. time.process_time() around build.build, best of
RUNS (3), in one process that has imported all. yaml: the objects to text by PyYAML's CSafeDumper, for comparison.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT / "tests")]

from ansible_collections.gedge.engine.plugins.module_utils.manifests import build, diff, leases  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.render.text_table import text_table  # noqa: E402
from unit.manifests import builder as b  # noqa: E402

SIZES = (10, 100, 500, 1000, 2000)


def site(count):
    """The testbed of so many nodes."""
    names = ["node%d" % number for number in range(count)]
    made = b.testbed(nodes=names)
    for place, name in enumerate(("management", "sriov-a", "sriov-b")):
        made["networks"][name].update({"cidr": "10.%d.0.0/16" % (place + 1), "gateway": None, "ranges": {}})
    for number, name in enumerate(names):
        ends = {net: "10.%d.%d.%d/16" % (place + 1, number // 200, number % 200 + 1)
                for place, net in enumerate(("management", "sriov-a", "sriov-b"))}  # fmt: skip
        made["nodes"][name] = ends
        for port in made["ports"][name]:
            port["address"] = ends[port["network"]] if port["address"] else None
    return made


def case(count, accelerated):
    """(services, placement, testbed)."""
    nodes = max(1, count // 4)
    ports = [{"name": "http", "port": 8080, "protocol": "TCP"}]
    wish = {"sriov": 1, "gpu": 1, "topology": "single-numa-node"} if accelerated else {}
    services, entries = [], []
    for number in range(count):
        name, node = "service-%d" % number, "node%d" % (number % nodes)
        services.append(b.service(name, b.container(ports=ports, **wish)))
        vf, gpu = b.vf(number // nodes % 4), b.card(address="0000:%02x:00.0" % (64 + number // nodes % 8))
        levels = [(vf["address"], gpu["address"], "PIX")]
        entries.append(b.placed(name, *([vf, gpu] if accelerated else []), node=node, levels=levels * accelerated))
    return {"services": services, "meshes": []}, {"placements": entries, "failed": []}, site(nodes)


def best(function, runs):
    """(least CPU time in s, what the function returned)."""
    times, result = [], None
    for _run in range(runs):
        started = time.process_time()
        result = function()
        times.append(time.process_time() - started)
    return min(times), result


def row(count, title, accelerated, runs, options=None):
    """One row of the table."""
    given = case(count, accelerated)
    seconds, (objects, dummy) = best(lambda: build.build(*given, options), runs)
    if title == "leases":
        held = leases.read(objects)
        seconds, (objects, dummy) = best(lambda: build.build(*given, {"addresses": held}), runs)
    against, dummy = best(lambda: diff.diff(objects, objects), 1)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text, dummy = best(lambda: yaml.dump_all(objects, Dumper=dumper), 1)
    return [count, title, len(objects), seconds * 1000, int(count / seconds), against * 1000, text * 1000]


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    rows = [row(count, "accelerated", True, runs) for count in SIZES]
    rows += [
        row(2000, "basic", False, runs),
        row(2000, "leases", True, runs),
        row(2000, "dra", True, runs, {"backend": "dra"}),
    ]
    rows = [[round(cell, 1) if isinstance(cell, float) else cell for cell in one] for one in rows]
    print(text_table(["services", "kind", "objects", "build ms", "services/s", "diff ms", "yaml ms"], rows))


if __name__ == "__main__":
    main()
