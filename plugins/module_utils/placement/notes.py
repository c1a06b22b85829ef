# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What holds of a placement with a reserve."""

from __future__ import annotations

from .talk import network_of, vfs_of

NAMED = "Name one network in both (networks: {sriov: [...]}), or leave it out in one of them"
FULL = "No network has VFs left for both, or they run already: make more VFs, or take both away and add them again"


def all_of(board, placements):
    """[{path, what, advice}] of the entries of a result."""
    nodes = {node.name: node for node in board.nodes}
    found = []
    for entry in placements:
        for device in entry["devices"]:
            found += _foretold(nodes[entry["node"]], entry, device)
    return found + list(_deaf(board, placements))


def _deaf(board, placements):
    """Services that talk to each other and have no network in common; networks do not route to one another."""
    pods = {}
    for pod in board.pods + [pod for fixed in board.present.fixed.values() for pod, dummy in fixed]:
        pods.setdefault(pod.key, pod)
    networks, told = _networks(placements), set()
    for key, pod in sorted(pods.items()):
        for other, weight in pod.traffic:
            if not weight or frozenset((key, other)) in told:
                continue
            told.add(frozenset((key, other)))
            mine, theirs = networks.get(key, ()), networks.get(other, ())
            if any(one.isdisjoint(another) for one in mine for another in theirs):
                has = [", ".join(sorted(frozenset().union(*sets))) for sets in (mine, theirs)]
                what = "talks to %s, but their VFs are in networks that do not reach each other: %s, and %s"
                named = all(slot.network for each in (key, other) for dummy, slot in vfs_of(board.asked[each]))
                yield {
                    "path": "%s.traffic" % title(*key),
                    "what": what % (title(*other), *has),
                    "advice": NAMED if named else FULL,
                }


def _networks(placements):
    """{service: sets of networks of the VFs of its replicas}; services without VFs talk over the overlay only."""
    found = {}
    for entry in placements:
        pod = ((entry["namespace"], entry["service"]), entry["replica"])
        vfs = {network_of(device) for device in entry["devices"] if device.get("resource") == "sriov"}
        found.setdefault(pod, set()).update(vfs)
    networks = {}
    for (key, dummy), names in found.items():
        if names:
            networks.setdefault(key, set()).add(frozenset(names))
    return networks


def _foretold(node, entry, device):
    """A VF that is not there yet."""
    pf, number = device.get("pf"), device.get("vf")
    port = node.ports.by_pci.get(pf) if isinstance(pf, str) and isinstance(number, int) else None
    vf = port.apart.get(number) if port else None
    if vf is None or vf.made:
        return []
    what = "VF %d of %s on %s is not made yet" % (number, pf, entry["node"])
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
