# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How storage of a cluster is not as asked for. Reads what the API server and a node say; no code of its maker."""

from __future__ import annotations

from .findings import finding

ADVICE = "Run role cluster_storage; find out what changed it"
UNIT = "gedge-nfs-provisioner.service"
CLASS = "StorageClass"


def verdict(objects, lines, asked):
    """{findings, proof}. objects: StorageClasses, PersistentVolumeClaims and CSINodes; lines: of the node, a word and
    what it says; asked: state, class, server, driver, node (its name in the cluster), provisions, exports."""
    said = dict(line.partition(" ")[::2] for line in lines)
    classes = [
        one for one in objects if one["kind"] == CLASS and one["metadata"]["name"] == asked["class"] and _is_ours(one)
    ]
    if asked["state"] == "absent":
        rows = [finding(asked["class"], "is there, and was not asked for", ADVICE)] if classes else []
        rows += [finding(UNIT, "runs, and was not asked for", ADVICE)] if said.get("unit") == "active" else []
        rows += [finding(said["export"], "is exported, and was not asked for", ADVICE)] if said.get("export") else []
        return {"findings": rows, "proof": []}
    rows = [] if classes else [finding(asked["class"], "is no StorageClass of ours", ADVICE)]
    rows += list(_node(said, asked)) + (_driver(objects, asked) if asked["driver"] else [])
    claims = [one for one in objects if _is_claim(one, asked["class"])]
    waiting = [one for one in claims if (one.get("status") or {}).get("phase") != "Bound"]
    for one in waiting:
        name = "%s/%s" % (one["metadata"]["namespace"], one["metadata"]["name"])
        rows.append(finding(name, "has no volume", "kubectl describe pvc says why; so does journalctl -u " + UNIT))
    text = "storage %s: claims with a volume: %d; %s answers" % (asked["class"], len(claims), asked["server"])
    return {"findings": rows, "proof": [] if rows else [text]}


def _is_ours(one):
    return (one["metadata"].get("labels") or {}).get("app.kubernetes.io/managed-by") == "gedge.engine"


def _is_claim(one, name):
    return one["kind"] == "PersistentVolumeClaim" and one["spec"].get("storageClassName") == name


def _node(said, asked):
    """Findings of the node itself."""
    if not said.get("mount") and not asked["driver"]:  # a driver of others brings its own
        yield finding("mount.nfs", "is not on this node", "Install nfs-common")
    if said.get("server") != "answers":
        yield finding(
            asked["server"], "does not answer at port 2049 from here", "Look at the server, its filters and the route"
        )
    if asked["provisions"] and said.get("unit") != "active":
        yield finding(UNIT, "is %s" % (said.get("unit") or "not there"), ADVICE)
    if not asked["provisions"] and said.get("unit") == "active":
        yield finding(UNIT, "runs on a node on which it was not asked for", ADVICE)
    if asked["exports"] and said.get("export") != asked["exports"]:
        yield finding(asked["exports"], "is not exported by this node", ADVICE)


def _driver(objects, asked):
    nodes = [one for one in objects if one["kind"] == "CSINode" and one["metadata"]["name"] == asked["node"]]
    names = [driver["name"] for one in nodes for driver in one["spec"].get("drivers") or ()]
    what = "its kubelet knows no driver %s" % asked["driver"]
    return [] if asked["driver"] in names else [finding(asked["node"], what, "Look at the driver's node plugin")]
