# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Workloads as their objects tell: how many pods there are, and whether that is all that was asked for. Pure."""

from __future__ import annotations

KINDS = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Job": "batch/v1"}
WORKLOAD = "gedge.io/workload"


def key(one):
    """(namespace, kind, name) of an object."""
    return one["metadata"].get("namespace", ""), one["kind"], one["metadata"]["name"]


def progress(one):
    """{wanted, there, available (bool), hopeless (text, "" mostly)} of a workload's object."""
    spec, status = one.get("spec") or {}, one.get("status") or {}
    found = _COUNTS[one["kind"]](spec, status)
    # Its controller has not looked at the last change yet.
    stale = one["kind"] != "Job" and (status.get("observedGeneration") or 0) < (one["metadata"].get("generation") or 0)
    return dict(found, available=found["available"] and not stale, hopeless="" if stale else _hopeless(status))


def _deployment(spec, status):
    wanted = _number(spec, "replicas", 1)
    there = min(_number(status, "availableReplicas"), _number(status, "updatedReplicas"))
    return _row(wanted, there, there >= wanted and _number(status, "replicas") == wanted)


def _stateful(spec, status):
    wanted = _number(spec, "replicas", 1)
    there = min(_number(status, "availableReplicas"), _number(status, "updatedReplicas", _number(status, "replicas")))
    current = status.get("currentRevision") == status.get("updateRevision")
    return _row(wanted, there, there >= wanted and current)


def _daemon(dummy, status):
    wanted = _number(status, "desiredNumberScheduled")
    there = min(_number(status, "numberAvailable"), _number(status, "updatedNumberScheduled"))
    return _row(wanted, there, there >= wanted)


def _job(spec, status):
    """A Job is there when as many pods work, or have worked, as it may have at once."""
    wanted = min(_number(spec, "parallelism", 1), _number(spec, "completions", _number(spec, "parallelism", 1)))
    there = _number(status, "ready") + _number(status, "succeeded")
    return _row(wanted, min(there, wanted), there >= wanted)


def _row(wanted, there, available):
    return {"wanted": wanted, "there": there, "available": available}


def _number(table, name, default=0):
    value = table.get(name)
    return default if value is None else value


_COUNTS = {"Deployment": _deployment, "StatefulSet": _stateful, "DaemonSet": _daemon, "Job": _job}


def _hopeless(status):
    """Why the workload's own controller has given up, or makes no pods."""
    for one in status.get("conditions") or ():
        told = "%s: %s" % (one.get("reason", ""), one.get("message", ""))
        if one["type"] == "Progressing" and one.get("reason") == "ProgressDeadlineExceeded":
            return told
        if one["type"] in ("ReplicaFailure", "Failed") and one.get("status") == "True":
            return told
    return ""


def pods_of(one, pods):
    """The pods of a workload that its last template made, as far as that can be told; those that end are left out."""
    namespace, dummy, name = key(one)
    return [pod for pod in pods if of_workload(pod, namespace, name) and not pod["metadata"].get("deletionTimestamp")]


def of_workload(pod, namespace, name):
    """Whether a pod belongs to the workload of that name."""
    labels = pod["metadata"].get("labels") or {}
    return pod["metadata"].get("namespace") == namespace and labels.get(WORKLOAD) == name


def is_ready(pod):
    """Whether a pod runs and is ready."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
