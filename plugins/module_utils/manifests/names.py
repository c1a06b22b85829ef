# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The names that all objects share: labels, annotations, and text made fit for a name."""

from __future__ import annotations

import json
import re

MANAGED_BY, MANAGER = "app.kubernetes.io/managed-by", "gedge.engine"
APP = "app.kubernetes.io/name"
SERVICE = "gedge.io/service"
WORKLOAD = "gedge.io/workload"
PATH = "gedge.io/path"
NETWORK = "gedge.io/network"
MESH = "gedge.io/mesh"
PROMISE = "gedge.io/promised-distance"
ADDRESSES = "gedge.io/addresses"
UNPLACED = "gedge.io/unplaced"
NETWORKS = "k8s.v1.cni.cncf.io/networks"
RESOURCE_NAME = "k8s.v1.cni.cncf.io/resourceName"
HOST = "kubernetes.io/hostname"

# The order in which a cluster wants them: what others refer to comes first.
KINDS = (
    "Namespace",
    "PriorityClass",
    "ConfigMap",
    "PersistentVolumeClaim",
    "NetworkAttachmentDefinition",
    "ResourceClaimTemplate",
    "Service",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "HorizontalPodAutoscaler",
    "VerticalPodAutoscaler",
    "Gateway",
    "HTTPRoute",
    "DestinationRule",
    "VirtualService",
)
RANK = {kind: rank for rank, kind in enumerate(KINDS)}
NOT_IN_POOL = re.compile("[^a-z0-9]+")
JSON = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


def compact(value):
    """JSON on one line, the same text for the same value."""
    return JSON.encode(value)


def words(*parts):
    """The parts in lower case, joined by "_": what the device plugin takes as a pool's name (no hyphen, no dot)."""
    return NOT_IN_POOL.sub("_", "_".join(str(part) for part in parts if part).lower()).strip("_")


def short_address(address):
    """A PCI address without the domain that nearly all machines have: "0000:21:00.0" -> "21:00.0"."""
    return address[5:] if address.startswith("0000:") else address


def made(api, kind, name, namespace=None, labels=None, annotations=None, **body):
    """One object; namespace None: of the cluster."""
    metadata = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    metadata["labels"] = dict({MANAGED_BY: MANAGER}, **(labels or {}))
    if annotations:
        metadata["annotations"] = annotations
    return dict({"apiVersion": api, "kind": kind, "metadata": metadata}, **body)


def identity(item):
    """(kind, namespace, name, group) of an object: what a cluster holds once."""
    metadata = item["metadata"]
    group = item["apiVersion"].rpartition("/")[0]
    return item["kind"], metadata.get("namespace", ""), metadata["name"], group


def order(item):
    """Sort key: kinds in the order of KINDS, then namespace and name."""
    kind, namespace, name, group = identity(item)
    return RANK.get(kind, len(RANK)), kind, namespace, name, group
