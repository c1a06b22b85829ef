# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How long the offline plan of a site of 1,000 nodes takes. Prints one line of JSON.

    python tests/bench/bench_offline.py [NODES]

plan_s: CPU time of the plan alone, where each node has a topology of its own and addresses and MACs of its own;
steps: how many it foretells.
"""

from __future__ import annotations

import copy
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.gedge.engine.plugins.plugin_utils import offline_plan  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.offline.sample import server  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.expand import expand  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.testbed.reader import read_testbed  # noqa: E402


def site_of(nodes):
    """{node: host variables} of a site like a region's, with so many workers and no switch."""
    path = ROOT / "inventories" / "seoul" / "testbed.yml"
    region = read_testbed(path.read_text(encoding="utf-8"), str(path)).structure.raw
    networks = {
        name: {"purpose": network["purpose"], "vlan": network["vlan"], "cidr": "10.%d.0.0/16" % network["vlan"]}
        for name, network in region["networks"].items()
    }
    for name in ("sriov-a", "sriov-b"):
        networks[name]["ingress"] = region["networks"][name]["ingress"]
    # Without a switch no VLAN comes tagged, so all VFs are in the port's own network.
    region["profiles"]["gs-server"]["nics"]["82599"]["ports"]["1"]["vfs"]["config"][1]["network"] = "sriov-a"
    text = json.dumps({
        "plugin": region["plugin"],
        "site": {"name": "bench"},
        "networks": networks,
        "profiles": region["profiles"],
        "nodes": {"node%d" % index: {"profile": "gs-server", "index": index} for index in range(nodes)},
    })  # fmt: skip
    made = expand(read_testbed(text))
    return {node: {**made.shared, **variables} for node, variables in made.hosts.items()}


def main():
    """Measure, print, and fail where 1,000 nodes take 30 s of CPU time or more, or where one cannot be planned."""
    nodes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    hosts = site_of(nodes)
    topologies = {node: copy.deepcopy(server()) for node in hosts}
    start = time.process_time()
    plan = offline_plan.site(hosts, topologies)
    spent = time.process_time() - start
    steps = sum(len(node["steps"]) for node in plan["nodes"].values())
    print(json.dumps({"nodes": nodes, "plan_s": round(spent, 2), "steps": steps}))
    return 0 if plan["status"] == "changes" and (nodes > 1000 or spent < 30) else 1


if __name__ == "__main__":
    sys.exit(main())
