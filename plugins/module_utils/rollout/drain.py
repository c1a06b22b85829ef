# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Cordons a node and has kubectl drain it, and takes the cordon back. An annotation says that the cordon is ours, so
that a run that was cut off leaves nothing that the next one does not know."""

from __future__ import annotations

import json
import re
import time

from ..errors import EngineError
from .kubectl import Kubectl

MARK = "gedge.io/cordoned-by"
DRAINED, SCHEDULABLE = "drained", "schedulable"
TRIES, PAUSE_S = 6, 10
# kubectl says once for all what it gave up for, after each thing that it tried.
WHY = re.compile(r"(?m)^error: unable to drain node \"[^\"]*\" due to error: ?(.*?)(?:, continuing command\.\.\.)?$")
AGAIN = re.compile(r" \(will retry after [^)]*\)")
MOST_SHOWN = 5


def bring(system, params, check_mode, clock=time):
    """What module cluster_drain returns. clock: has sleep(). Raises EngineError; what it cordoned it has uncordoned
    then, or it says that it could not."""
    cluster = Kubectl(system, params["kubectl"], params["kubeconfig"])
    node = Node(cluster, params["node"], clock)
    if params["state"] == SCHEDULABLE:
        return _uncordoned(node, check_mode)
    return _drained(node, params, check_mode)


class Node:
    """A Node of the cluster: ours (text: who of us has cordoned it, "" for nobody), cordoned, ready."""

    def __init__(self, cluster, name, clock):
        self.cluster, self.name, self.clock = cluster, name, clock
        told = json.loads(self._ask(["get", "node", name, "-o", "json"], "cannot be read"))
        conditions = told.get("status", {}).get("conditions") or []
        self.ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
        self.cordoned = bool(told["spec"].get("unschedulable"))
        self.ours = (told["metadata"].get("annotations") or {}).get(MARK, "")

    def cordon(self, owner):
        """One call, so that there is no cordon of ours without our name."""
        self._patch({"metadata": {"annotations": {MARK: owner}}, "spec": {"unschedulable": True}})

    def uncordon(self):
        """Asks again while the API server does not answer: a node must not stay cordoned for that."""
        for left in reversed(range(TRIES)):
            try:
                self._patch({"metadata": {"annotations": {MARK: None}}, "spec": {"unschedulable": None}})
                return
            except EngineError:
                if not left:
                    raise
            self.clock.sleep(PAUSE_S)

    def drain(self, words):
        """As PodDisruptionBudgets allow; raises EngineError with kubectl's reasons."""
        self._ask(["drain", self.name, "--ignore-daemonsets", *words], "is not drained", _reasons)

    def _patch(self, patch):
        self._ask(["patch", "node", self.name, "--type=merge", "-p", json.dumps(patch)], "cannot be patched")

    def _ask(self, words, failed, reasons=None):
        """What kubectl says. Raises EngineError with what failed and why; reasons: finds that in what kubectl says."""
        done = self.cluster.ask(words)
        if done.rc != 0:
            why = (reasons or _one_line)(done.err)
            raise self.cluster.away(done.err) or EngineError("%s: %s" % (failed, why), "node %s" % self.name)
        return done.out


def _drained(node, params, check_mode):
    changed = not node.cordoned
    result = {"changed": changed, "ours": changed or bool(node.ours), "drained": node.ready}
    if check_mode:
        return result
    if changed:
        node.cordon(params["owner"])
    # The kubelet of one that is not Ready can end no pod: it would never be drained.
    if not node.ready:
        return dict(result, warnings=["node %s is not Ready: it was cordoned and not drained" % node.name])
    try:
        node.drain(_words(params))
    except EngineError as error:
        if changed:
            _take_back(node, error)
        raise
    return result


def _take_back(node, error):
    """What this call has cordoned; what was cordoned before it stays so."""
    try:
        node.uncordon()
    except EngineError as again:
        what = "%s. Then it could not be uncordoned: %s" % (error.what, again.what)
        raise EngineError(what, error.where, "kubectl uncordon %s" % node.name) from again


def _uncordoned(node, check_mode):
    """One that others have cordoned stays so; so does one of ours that somebody has taken over since."""
    if node.ours and not check_mode:
        node.uncordon()
    return {"changed": bool(node.ours), "ours": bool(node.ours), "drained": False}


def _words(params):
    wanted = {"--force": params["force"], "--delete-emptydir-data": params["delete_emptydir_data"]}
    return ["--timeout=%ds" % params["timeout"], *(word for word, asked in wanted.items() if asked)]


def _one_line(said):
    return " ".join(said.split())


def _reasons(said):
    """What kubectl says of a drain that failed, each once, without what it did meanwhile."""
    found = [hit.strip("[]") for hit in WHY.findall(said)]
    for line in said.splitlines():
        if line.startswith("error when ") or "disruption budget" in line:
            found.append(AGAIN.sub("", line))
    unique = list(dict.fromkeys(found)) or [_one_line(said)]
    more = ["and %d more" % (len(unique) - MOST_SHOWN)] if len(unique) > MOST_SHOWN else []
    return "; ".join(unique[:MOST_SHOWN] + more)
