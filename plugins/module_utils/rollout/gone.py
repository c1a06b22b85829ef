# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Waits until the pods of workloads are gone, and says why those that stay do."""

from __future__ import annotations

import time

from ..errors import EngineError
from ..progress import Progress
from . import workloads
from .explain import explain_ending
from .kubectl import AwayError, Kubectl
from .wait import PODS, SELECTOR, around, until

ADVICE = "See kubectl describe pod. Then run again"


def wait_until_gone(system, params):
    """Until no pod of the workloads is there, as module service_wait does for state absent."""
    cluster = Kubectl(system, params["kubectl"], params["kubeconfig"])
    wanted = [(one["namespace"], one["name"]) for one in params["workloads"]]
    say, begun, left = Progress(params["progress_file"]).say, time.monotonic(), {}

    def look(dummy):
        pods, dummy2 = cluster.get([PODS], SELECTOR)
        for namespace, name in wanted:
            mine = [one for one in pods if workloads.of_workload(one, namespace, name)]
            if len(left.get((namespace, name), ())) != len(mine) or (namespace, name) not in left:
                say("%s/%s" % (namespace, name), "%d pods are left" % len(mine))
            left[namespace, name] = mine
        return not any(left.values())

    away = until(look, begun, (params["timeout"], params["interval"], say))
    if away and not left:
        raise away
    if any(left.values()):
        raise EngineError(*_why(cluster, left, params["timeout"]))
    return {"available": True, "senseless": False, "workloads": [], "explained": [],
            "waited": round(time.monotonic() - begun, 1)}  # fmt: skip


def _why(cluster, left, timeout):
    """(what, where, advice) of pods that stay: {(namespace, name): pods}."""
    names = ["%s/%s" % key for key, pods in sorted(left.items()) if pods]
    what = "pods of %s are not gone after %d s" % (", ".join(names), timeout)
    try:
        events, nodes = around(cluster)
    except AwayError as error:
        return what + ", and the API server is away (%s)" % error.what, "cluster", "Run again once it answers"
    told = [explain_ending(pod, events, nodes) for key, pods in sorted(left.items()) for pod in pods]
    reasons = list(dict.fromkeys(one for one in told if one))
    return what, "cluster", " ".join([*(text.rstrip(".") + "." for text in reasons), ADVICE])
