# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Waits until workloads are available, or until it is senseless: decides anew at each look."""

from __future__ import annotations

import time

from ..progress import Progress
from . import workloads
from .explain import explain
from .kubectl import AwayError, Kubectl, word

SELECTOR = "app.kubernetes.io/managed-by=gedge.engine"
PODS = "Pod.v1."
LAZY, MOST_REST_S = 4, 5  # a look of 1 s is followed by 4 s of rest: looking must not take the CPUs that pods start on
AROUND_S = 5  # seconds for which events and nodes are taken as they were
STARTING_S = 10  # a pod that only starts needs no explanation: for so long they are not asked for at all
REFUSALS = 3  # pods of a workload that a kubelet refused one after the other: the next will be, too


class Watch:
    """What was seen of the workloads so far. Pure but for the clock that it is given."""

    def __init__(self, wanted, promises, patience):
        """wanted: [(namespace, kind, name)]; patience: seconds for which a trouble may last before it is taken as
        lasting."""
        self.wanted, self.promises, self.patience = list(wanted), promises, patience
        self.since, self.told, self.rows = {}, {}, {}

    def look(self, objects, events, nodes, now):
        """[(who, what)] that has changed since the last look."""
        pods = [one for one in objects if one["kind"] == "Pod"]
        have = {workloads.key(one): one for one in objects if one["kind"] in workloads.KINDS}
        said = []
        for key in self.wanted:
            row = self.rows[key] = self._row(key, have.get(key), pods, (events, nodes, now))
            line = "%d of %d available" % (row["there"], row["wanted"]) if key in have else "not there"
            line += "; %s" % row["troubles"][0]["text"] if row["troubles"] else ""
            if self.told.get(key) != line:
                self.told[key] = line
                said.append(("%s/%s" % (key[0], key[2]), line))
        return said

    def _row(self, key, one, pods, around):
        events, nodes, now = around
        if one is None:
            return {"wanted": 0, "there": 0, "available": False, "senseless": False, "troubles": []}
        row = workloads.progress(one)
        mine = [pod for pod in workloads.pods_of(one, pods) if not workloads.is_ready(pod)]
        found = [] if row["available"] else [explain(pod, events, nodes, self.promises) for pod in mine]
        troubles = list({one["cause"]: one for one in found if one}.values())
        refused = [pod for pod in mine if (pod.get("status") or {}).get("phase") == "Failed"]
        if row["hopeless"] and not troubles:
            text = "%s/%s: %s. See kubectl describe %s" % (key[0], key[2], row["hopeless"], key[1].lower())
            troubles = [{"cause": "Workload", "text": text, "sure": True, "passing": False}]
        ending = any(
            pod["metadata"].get("deletionTimestamp") and workloads.of_workload(pod, key[0], key[2]) for pod in pods
        )
        senseless = bool(troubles) and (
            any(one["sure"] for one in troubles)
            or bool(row["hopeless"])
            or len(refused) >= REFUSALS
            or (not ending and self._lasts(key, [one for one in troubles if not one["passing"]], now))
        )
        return dict(row, troubles=troubles, senseless=senseless)

    def _lasts(self, key, troubles, now):
        """Whether the same trouble has been there for long enough."""
        if not troubles:
            return False
        causes = tuple(sorted(one["cause"] for one in troubles))
        before = self.since.get(key)
        if before is None or before[0] != causes:
            self.since[key] = before = (causes, now)
        return now - before[1] >= self.patience

    def available(self):
        """Whether all are."""
        return all(row["available"] for row in self.rows.values())

    def over(self):
        """Whether there is nothing to wait for any more."""
        return all(row["available"] or row["senseless"] for row in self.rows.values())

    def result(self):
        """[{namespace, kind, name, wanted, there, available, senseless, troubles}]."""
        return [dict(zip(("namespace", "kind", "name"), key), **self.rows.get(key, _UNSEEN)) for key in self.wanted]


_UNSEEN = {"wanted": 0, "there": 0, "available": False, "senseless": False, "troubles": [], "hopeless": ""}


def wait(system, params):
    """Until available, until waiting is senseless, or until the time is over; what module service_wait returns."""
    cluster = Kubectl(system, params["kubectl"], params["kubeconfig"])
    wanted = [(one["namespace"], one["kind"], one["name"]) for one in params["workloads"]]
    watch = Watch(wanted, params["placements"], params["patience"])
    say = Progress(params["progress_file"]).say
    begun = time.monotonic()
    time.sleep(min(params["delay"], params["timeout"]))
    surroundings = Surroundings(cluster, min(STARTING_S, params["patience"]))
    away = until(lambda now: _look(surroundings, watch, say, now), begun, (params["timeout"], params["interval"], say))
    if away and not watch.rows:
        raise away
    rows = watch.result()
    return {
        "available": (bool(watch.rows) and watch.available()) or not wanted,
        "senseless": bool(watch.rows) and watch.over() and not watch.available(),
        "workloads": rows,
        "explained": [one["text"] for row in rows if not row["available"] for one in row["troubles"]],
        "waited": round(time.monotonic() - begun, 1),
    }


def _look(surroundings, watch, say, now):
    """One look; True to stop."""
    kinds = [word(workloads.KINDS[kind], kind) for kind in sorted({key[1] for key in watch.wanted})]
    objects, dummy = surroundings.cluster.get([*kinds, PODS], SELECTOR)
    troubled = [one for one in objects if one["kind"] == "Pod" and not workloads.is_ready(one)]
    refused = any((one.get("status") or {}).get("phase") == "Failed" for one in troubled)
    events, nodes = surroundings.at(now, refused) if troubled else ([], [])
    for who, what in watch.look(objects, events, nodes, now):
        say(who, what)
    return watch.over()


class Surroundings:
    """Events and nodes, asked for now and then."""

    def __init__(self, cluster, quiet):
        """quiet: seconds from the first question on in which it is left open."""
        self.cluster, self.quiet = cluster, quiet
        self.begun, self.asked, self.known = None, None, ([], [])

    def at(self, now, refused=False):
        """(warnings about pods, nodes), not older than AROUND_S. refused: a kubelet took a pod not, which is never
        only starting."""
        self.begun = now if self.begun is None else self.begun
        due = self.asked is None or now - self.asked >= AROUND_S
        if due and (refused or now - self.begun >= self.quiet):
            self.known, self.asked = around(self.cluster), now
        return self.known


def around(cluster):
    """(warnings about pods, nodes): what explains a pod that does not run, or does not end."""
    more = ["--field-selector", "type=Warning,involvedObject.kind=Pod"]
    events, dummy = cluster.get(["Event.v1."], more=more)
    nodes, dummy = cluster.get(["Node.v1."])
    when = {id(one): one.get("lastTimestamp") or one.get("eventTime") or "" for one in events}
    return sorted(events, key=lambda one: when[id(one)]), nodes


def until(look, begun, limits):
    """Look again and again; the AwayError of the last look, None where there was none."""
    timeout, interval, say = limits
    away = None
    while True:
        now = time.monotonic()
        try:
            if look(now):
                return None
            away = None
        except AwayError as error:  # it may come back: a look that fails is no fault of the workloads
            if away is None:
                say("cluster", error.what)
            away = error
        rest = max(interval, min(MOST_REST_S, LAZY * (time.monotonic() - now)))
        if time.monotonic() - begun + rest > timeout:
            return away
        time.sleep(rest)
