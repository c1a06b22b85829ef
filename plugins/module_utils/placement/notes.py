# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What holds of a placement with a reserve."""

from __future__ import annotations


def all_of(board, placements):
    """[{path, what, advice}] of the entries of a result."""
    nodes = {node.name: node for node in board.nodes}
    found = []
    for entry in placements:
        for device in entry["devices"]:
            found += _foretold(nodes[entry["node"]], entry, device)
    return found


def _foretold(node, entry, device):
    """A VF that is not there yet."""
    port = node.ports.by_pci.get(device.get("pf"))
    vf = port.apart.get(device.get("vf")) if port else None
    if vf is None or vf.made:
        return []
    what = "VF %d of %s on %s is not made yet" % (device["vf"], device["pf"], entry["node"])
    return [
        {
            "path": "%s, replica %d" % (title(entry["namespace"], entry["service"]), entry["replica"]),
            "what": what,
            "advice": "Run playbook site",
        }
    ]


def title(namespace, name):
    """ "detector" of namespace default, "edge/detector" of another."""
    return name if namespace == "default" else "%s/%s" % (namespace, name)
