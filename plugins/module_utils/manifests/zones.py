# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The NodeResourceTopology of a node: what each of its NUMA nodes has, for a scheduler that looks at NUMA nodes.

Zones are called as NFD's topology updater calls them (node-0). What is available is what is allocatable: this is
published once, and knows no pods; the scheduler's own cache counts those.
"""

from __future__ import annotations

from .. import cpuset, quantities
from ..errors import EngineError
from . import names

API = "topology.node.k8s.io/v1alpha2"
# The deprecated list, which older schedulers read; by policy and scope.
OLD = {
    ("single-numa-node", "container"): "SingleNUMANodeContainerLevel",
    ("single-numa-node", "pod"): "SingleNUMANodePodLevel",
    ("restricted", "container"): "RestrictedContainerLevel",
    ("restricted", "pod"): "RestrictedPodLevel",
    ("best-effort", "container"): "BestEffortContainerLevel",
    ("best-effort", "pod"): "BestEffortPodLevel",
}
DISCOVER = "Run playbook discover"


def node_resource_topology(topology, config, devices, node):
    """The object.

    topology: of topology_facts; config: the kubelet's own configuration, as configz has it; devices: {resource:
    [address]} of the node's pools; node: the Node object. Raises EngineError."""
    name = node["metadata"]["name"]
    policy, scope = config.get("topologyManagerPolicy") or "none", config.get("topologyManagerScope") or "container"
    numas = topology["numa_nodes"]
    resources = [_cpus, _memory, _pages, _devices]
    given = {"topology": topology, "config": config, "devices": devices, "node": node, "name": name}
    zones = [
        {
            "name": "node-%d" % numa["node"],
            "type": "Node",
            "costs": _costs(numa, numas),
            "resources": [row for make in resources for row in make(numa, given)],
        }
        for numa in numas
    ]
    made = names.made(
        API, "NodeResourceTopology", name, zones=zones, topologyPolicies=[OLD.get((policy, scope), "None")]
    )
    made["attributes"] = [
        {"name": "topologyManagerPolicy", "value": policy},
        {"name": "topologyManagerScope", "value": scope},
    ]
    owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["metadata"]["uid"]}
    made["metadata"]["ownerReferences"] = [owner]  # it goes with its node
    return made


def _costs(numa, numas):
    return [
        {"name": "node-%d" % other["node"], "value": distance}
        for other, distance in zip(numas, numa["distances"] or ())
    ]


def _row(name, capacity, allocatable):
    return {"name": name, "capacity": str(capacity), "allocatable": str(allocatable), "available": str(allocatable)}


def _cpus(numa, given):
    kept = set(cpuset.parse(given["config"].get("reservedSystemCPUs") or ""))
    online = {cpu["cpu"] for cpu in given["topology"]["cpus"] if cpu["online"]}
    here = online & set(numa["cpus"])
    yield _row("cpu", len(here), len(here - kept))


def _memory(numa, given):
    """What pages do not hold, less what the Memory Manager keeps here, or else a part of what the node keeps."""
    pages = sum(_page_bytes(size) * count["total"] for size, count in numa["hugepages"].items())
    free = max(numa["memory_bytes"] - pages, 0)
    rows = given["config"].get("reservedMemory") or ()
    told = [row["limits"].get("memory") for row in rows if row["numaNode"] == numa["node"]]
    if rows:
        kept = sum(quantities.number_of_bytes(text) for text in told if text)
    else:
        kept = _kept(given["node"]) * numa["memory_bytes"] // max(_whole(given["topology"]), 1)
    yield _row("memory", numa["memory_bytes"], max(free - int(kept), 0))


def _whole(topology):
    return sum(numa["memory_bytes"] for numa in topology["numa_nodes"])


def _kept(node):
    """Bytes of the node that no pod gets, but for hugepages."""
    capacity, left = node["status"]["capacity"], node["status"]["allocatable"]
    pages = sum(
        quantities.number_of_bytes(amount) for name, amount in capacity.items() if name.startswith("hugepages-")
    )
    gap = quantities.number_of_bytes(capacity["memory"]) - quantities.number_of_bytes(left["memory"])
    return max(int(gap - pages), 0)


def _page_bytes(size):
    if not size.endswith("kB"):
        raise EngineError("%r is no size of a page" % size, "hugepages", DISCOVER)
    return int(size[:-2]) * 1024


def _pages(numa, given):
    for size, count in sorted(numa["hugepages"].items()):
        amount = quantities.bytes_text(_page_bytes(size))
        yield _row("hugepages-%s" % amount, _page_bytes(size) * count["total"], _page_bytes(size) * count["total"])


def _devices(numa, given):
    """Those of the node's pools that are here; one whose NUMA node nobody knows is in no zone."""
    where = {device["address"]: device["numa_node"] for device in given["topology"]["pci_devices"]}
    for name, addresses in sorted(given["devices"].items()):
        lost = [address for address in addresses if address not in where]
        if lost:
            raise EngineError("has no device %s, which is in pool %s" % (lost[0], name), given["name"], DISCOVER)
        count = sum(where[address] == numa["node"] for address in addresses)
        yield _row(name, count, count)
