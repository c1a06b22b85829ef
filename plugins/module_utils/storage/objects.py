# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The objects of NFS storage in the API server, what of them has to be made anew, and who uses its volumes. Pure."""

from __future__ import annotations

import re

from ..errors import Problem, ProblemsError
from ..suggest import advice
from . import files

PROVISIONER = "gedge.io/nfs"
NAME = "gedge-nfs-provisioner"
MANAGED = "app.kubernetes.io/managed-by"
LABELS = {MANAGED: "gedge.engine", "app.kubernetes.io/name": NAME}
DEFAULT = "storageclass.kubernetes.io/is-default-class"
PROVISIONED = "pv.kubernetes.io/provisioned-by"
OWN_NAME = "${pv.metadata.name}"
MODE = re.compile(r"[0-7]{1,4}")
# What a provisioner puts something for, as csi-driver-nfs does.
NAMES = re.compile(r"\$\{(pvc?\.metadata\.name|pvc\.metadata\.namespace)\}")
# What the API server lets nobody change.
FIXED = ("provisioner", "parameters", "reclaimPolicy", "mountOptions", "volumeBindingMode")
# What the library of the provisioner asks for.
RULES = [
    {
        "apiGroups": [""],
        "resources": ["persistentvolumes"],
        "verbs": "get list watch create delete patch update".split(),
    },
    {"apiGroups": [""], "resources": ["persistentvolumeclaims"], "verbs": ["get", "list", "watch", "update"]},
    {"apiGroups": ["storage.k8s.io"], "resources": ["storageclasses"], "verbs": ["get", "list", "watch"]},
    {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch", "update"]},
]


def made(asked, classes=(), drivers=None):
    """{"storage_class", "rights", "renew", "abandons"}. Raises ProblemsError.

    asked: class, default, server, share, sub_dir, permissions, reclaim, mount_options, driver, namespace, nodes (those
    that run pods), server_node, provisioner_node ("": none); classes: the StorageClasses, drivers: the CSIDrivers that
    there are, None where no cluster was asked; renew: whether ours has to go first; abandons: whether our provisioner,
    which made its volumes, goes."""
    found = list(_problems(asked, classes, drivers))
    if found:
        raise ProblemsError(found, where="cluster_storage")
    wanted = _storage_class(asked)
    there = [one for one in classes if one["metadata"]["name"] == asked["class"]]
    return {
        "storage_class": wanted,
        "rights": [] if asked["driver"] else _rights(asked["namespace"]),
        "renew": any((one.get(key) or None) != (wanted.get(key) or None) for one in there for key in FIXED),
        "abandons": wanted["provisioner"] != PROVISIONER and any(one["provisioner"] == PROVISIONER for one in there),
    }


def _storage_class(asked):
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": asked["class"],
            "labels": LABELS,
            "annotations": {DEFAULT: "true" if asked["default"] else "false"},
        },
        "provisioner": asked["driver"] or PROVISIONER,
        "parameters": {
            "server": asked["server"],
            "share": asked["share"],
            "subDir": asked["sub_dir"],
            "mountPermissions": asked["permissions"],
        },
        "mountOptions": asked["mount_options"],
        "reclaimPolicy": asked["reclaim"],
        "volumeBindingMode": "Immediate",
    }


def _rights(namespace):
    """A ServiceAccount with a token that does not end: the program is no pod, so nothing would renew one that does."""
    named, group = {"name": NAME, "labels": LABELS}, "rbac.authorization.k8s.io"
    own = dict(named, namespace=namespace)
    role = {"apiGroup": group, "kind": "ClusterRole", "name": NAME}
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": namespace}
    token = dict(own, annotations={"kubernetes.io/service-account.name": NAME})
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": own},
        {"apiVersion": group + "/v1", "kind": "ClusterRole", "metadata": named, "rules": RULES},
        {
            "apiVersion": group + "/v1",
            "kind": "ClusterRoleBinding",
            "metadata": named,
            "roleRef": role,
            "subjects": [account],
        },
        {"apiVersion": "v1", "kind": "Secret", "metadata": token, "type": "kubernetes.io/service-account-token"},
    ]


def _problems(asked, classes, drivers):
    yield from _node_problems(asked)
    yield from _place_problems(asked)
    if drivers is not None and asked["driver"] and asked["driver"] not in [one["metadata"]["name"] for one in drivers]:
        way = "Set it up first, or leave it empty for the provisioner of this role"
        yield Problem("driver", "the cluster has no such CSI driver", way, asked["driver"])
    for one in classes:
        name, metadata = one["metadata"]["name"], one["metadata"]
        if name == asked["class"] and (metadata.get("labels") or {}).get(MANAGED) != "gedge.engine":
            yield Problem("class", "is a StorageClass of others", "Choose another name", name)
        elif name != asked["class"] and asked["default"] and _is_default(metadata):
            what = "StorageClass %s is the cluster's default already" % name
            yield Problem("default", what, "Set it to false: services then name %s" % asked["class"], True)


def _node_problems(asked):
    for key in ("server_node", "provisioner_node"):
        if asked[key] and asked[key] not in asked["nodes"]:
            yield Problem(key, "is no node that runs pods", advice(asked[key], asked["nodes"]), asked[key])


def _place_problems(asked):
    """Of where volumes are, and of the mode of their folders."""
    share, folder = asked["share"], asked["sub_dir"]
    if not asked["server"] and asked["server_node"] in ("", *asked["nodes"]):  # that of an unknown node is not known
        yield Problem("server", "is empty", "Name the NFS server, or a node of the testbed in server_node")
    words = [key for key in ("share", "sub_dir", "permissions") if not isinstance(asked[key], str)]
    for key in words:  # such as 0777 without quotes, which YAML reads as 511
        yield Problem(key, "is no text", "Write it in quotes", asked[key])
    if words:
        return
    if not files.FOLDER.fullmatch(share) or ".." in share.split("/"):
        what = "is no absolute path of letters, digits and ._+-"
        yield Problem("share", what, "Write one such as /srv/gedge", share)
    if OWN_NAME not in folder or set(folder.split("/")) & {"", ".."}:
        what = "is no path below the share with %s in it" % OWN_NAME
        yield Problem("sub_dir", what, "Without it two claims could get one folder, and lose it together", folder)
    elif "$" in NAMES.sub("", folder):
        way = "Write ${pvc.metadata.namespace}, ${pvc.metadata.name} or %s" % OWN_NAME
        yield Problem("sub_dir", "has a $ that nothing is put for", way, folder)
    if not MODE.fullmatch(asked["permissions"]):
        yield Problem("permissions", "is no octal mode", 'Write one such as "0777"', asked["permissions"])


def _is_default(metadata):
    return (metadata.get("annotations") or {}).get(DEFAULT) == "true"


def users(volumes, name, provisioner):
    """Texts: volumes of a class that this provisioner made and that somebody holds, or that it has still to remove."""
    found = []
    for one in volumes:
        metadata, spec = one["metadata"], one["spec"]
        if (metadata.get("annotations") or {}).get(PROVISIONED) != provisioner or spec.get("storageClassName") != name:
            continue
        claim, phase = spec.get("claimRef") or {}, (one.get("status") or {}).get("phase", "")
        if phase == "Bound" or spec.get("persistentVolumeReclaimPolicy") == "Delete":
            told = "%s/%s" % (claim.get("namespace", ""), claim.get("name", "")) if phase == "Bound" else phase.lower()
            found.append("%s (%s)" % (metadata["name"], told))
    return sorted(found)
