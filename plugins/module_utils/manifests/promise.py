# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The promised distance as text in an annotation, so that what a pod really got can be compared with it."""

from __future__ import annotations

from . import names


def text(group):
    """JSON: [{replica, node, containers: {name: {weight, levels: [[from, to, level]], numa_nodes, devices}}}].

    No CPU numbers: which CPUs are given shifts with other services, and would restart pods that nothing changed for.
    """
    return names.compact([_of(replica) for replica in group])


def _of(replica):
    containers = {name: _of_container(entry) for name, entry in replica.entries.items()}
    return {"replica": replica.number, "node": replica.node, "containers": containers}


def _of_container(entry):
    distance = entry["distance"]
    return {
        "weight": distance["weight"],
        "levels": sorted([one["from"], one["to"], one["level"]] for one in distance["levels"]),
        "numa_nodes": sorted(entry["numa_nodes"]),
        "devices": sorted(device["address"] for device in entry["devices"]),
    }
