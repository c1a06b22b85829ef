# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Brings objects into a cluster, or out of it, with one call of kubectl; more only where something was refused.

kubectl goes on after an error, but does not say of which object a conflict is. It names each object that it has
done, so the others are asked again, by halves, until each that is refused was asked alone."""

from __future__ import annotations

import json
import re
import time
from collections import Counter

from ..errors import EngineError
from ..object_list import checked
from .kubectl import Kubectl
from .refusals import refusal, who

PAUSE_S = 5
MOST_CALLS = 60  # what is refused after so many is counted, not explained
MOST_SHOWN = 5
WARNING = re.compile(r"(?m)^Warning: (.*)$")
# kubectl cannot even begin.
BROKEN = re.compile(r"(?m)^error: (?:stat |error loading config|You must be logged in|unknown flag|no configuration)")


def bring(system, params, check_mode):
    """What module cluster_apply returns. Raises EngineError where nothing can be asked."""
    wanted = _objects(params["objects"])
    if check_mode or not wanted:
        return {"changed": bool(wanted), "refused": []}
    cluster = Kubectl(system, params["kubectl"], params["kubeconfig"])
    call = Call(cluster, words(params), params["timeout"])
    refused = call.send(wanted) + _unasked(call.unasked)
    return {"changed": call.changed, "refused": refused, "warnings": list(call.warnings)[:MOST_SHOWN]}


def _objects(text):
    try:
        return checked(json.loads(text), "objects")
    except ValueError as error:
        raise EngineError("is no JSON: %s" % error, "objects", "Give a list of objects, or its JSON text") from None


def words(params):
    """What kubectl is told."""
    if params["state"] == "absent":
        return ["delete", "-f", "-", "-o", "name", "--ignore-not-found", "--wait=false", "--cascade=background"]
    # The API server holds each object that is applied against its schema; kubectl would refuse all of them at once.
    found = ["apply", "-f", "-", "-o", "name", "--server-side", "--validate=false"]
    force = ["--force-conflicts"] if params["force_conflicts"] else []
    return [*found, "--field-manager=%s" % params["field_manager"], *force]


class Call:
    """One call of kubectl, and those that it takes to learn what was refused."""

    def __init__(self, cluster, told, timeout):
        """told: kubectl's words; timeout: seconds for which an API server that is away is asked again."""
        self.cluster, self.words, self.end = cluster, told, time.monotonic() + timeout
        self.changed, self.warnings, self.unasked, self.left = False, {}, [], MOST_CALLS

    def send(self, objects):
        """[text] of those that were refused; the others are done."""
        if not objects:
            return []
        if not self.left:
            self.unasked += objects
            return []
        self.left -= 1
        done = self._ask(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        self.changed = self.changed or bool(done.out.strip())
        self.warnings.update(dict.fromkeys(WARNING.findall(done.err)))
        if done.rc == 0:
            return []
        lost = missing(objects, done.out)
        if BROKEN.search(done.err) or not lost:
            raise EngineError("kubectl failed: %s" % " ".join(done.err.split()), self.cluster.where())
        if len(objects) == 1:
            return [refusal(objects[0], done.err)]
        half = (len(lost) + 1) // 2
        return self.send(lost[:half]) + self.send(lost[half:])

    def _ask(self, text):
        """What kubectl left, when the API server is there."""
        while True:
            done = self.cluster.ask(self.words, text)
            away = self.cluster.away(done.err) if done.rc else None
            if not away:
                return done
            if time.monotonic() + PAUSE_S > self.end:
                raise away
            time.sleep(PAUSE_S)


def missing(objects, told):
    """Those of the objects that kubectl -o name does not tell; its lines know no namespace, so of several with one
    name all are missing where one is."""
    lines, names = Counter(told.split()), [_line(one) for one in objects]
    asked = Counter(names)
    return [one for one, name in zip(objects, names) if lines[name] < asked[name]]


def _line(one):
    group = one["apiVersion"].rpartition("/")[0]
    return "%s%s/%s" % (one["kind"].lower(), ".%s" % group if group else "", one["metadata"]["name"])


def _unasked(objects):
    if not objects:
        return []
    shown = ", ".join(who(one) for one in objects[:MOST_SHOWN])
    more = " and %d more" % (len(objects) - MOST_SHOWN) if len(objects) > MOST_SHOWN else ""
    return ["%s%s: not done either. Mend what is told above, then run again" % (shown, more)]
