# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is in a namespace beside what is ours: a namespace goes with all that is in it, so it must not be another's."""

from __future__ import annotations

from .kubectl import word

KINDS = (
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "PersistentVolumeClaim"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
)
CLUSTERS_OWN = ("kube-root-ca.crt",)


def strangers(cluster, namespace, selector):
    """["Kind/name"] of what the selector does not take; cluster: a Kubectl."""
    name, dummy, value = selector.partition("=")
    found, dummy = cluster.get([word(*pair) for pair in KINDS], namespace=namespace)
    return sorted(
        "%s/%s" % (one["kind"], one["metadata"]["name"])
        for one in found
        if (one["metadata"].get("labels") or {}).get(name) != value and one["metadata"]["name"] not in CLUSTERS_OWN
    )
