# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Why a pod does not run, in a sentence: where, what is wrong, what to change. Pure.

A pod, its events and the nodes are objects of the API; a promise is what the ledger has of the pod's service.
"""

from __future__ import annotations

import re

from . import admission, ending, sandbox, scheduler
from . import waiting as waiting_texts

CRASHES = 3  # restarts after which a container that ends is not waited for
HARDLY = 3000  # characters of a message that are looked at: longer ones are logs


class Trouble:
    """One reason why a pod does not run. sure: waiting longer is senseless; passing: it goes by itself at last."""

    def __init__(self, cause, what, advice, sure=False, passing=False):
        self.cause, self.what, self.advice = cause, " ".join(what.split()), advice
        self.sure, self.passing = sure, passing


def explain(pod, events=(), nodes=(), promises=()):
    """{cause, text, sure, passing} of a pod, None for one that is well or has just begun.

    events: any; those of the pod are taken. promises: entries of the ledger (placements); those of its service."""
    own = [one for one in events if _is_of(one, pod)]
    found = _refused(pod) or _unscheduled(pod, own, nodes) or _container(pod, own) or _sandbox(pod, own)
    if found is None:
        return None
    text = "%s: %s. %s" % (where(pod, promises), found.what.rstrip("."), found.advice)
    return {"cause": found.cause, "text": text, "sure": found.sure, "passing": found.passing}


def explain_ending(pod, events=(), nodes=()):
    """Why a pod that should end does not, in a sentence; "" where nobody says so."""
    node = next((one for one in nodes if one["metadata"]["name"] == pod["spec"].get("nodeName")), None)
    conditions = ((node or {}).get("status") or {}).get("conditions") or ()
    if any(one["type"] == "Ready" and one["status"] != "True" for one in conditions):
        return "%s: that node does not answer (not Ready). Bring it back: its pods end by themselves then" % where(pod)
    said = [one["message"] for one in events if _is_of(one, pod) and one.get("reason") == "FailedKillPod"]
    message = " ".join((said or [""])[-1][:HARDLY].split())
    told = _first(ending.ENDING, message) if message else None
    return "%s: %s. %s" % (where(pod), *told) if told else ""


def where(pod, promises=()):
    """The pod, its node and what was promised to it: "default/camera-0 on node1 (promised: ...)"."""
    metadata = pod["metadata"]
    text = "%s/%s" % (metadata.get("namespace", ""), metadata["name"])
    node = pod["spec"].get("nodeName")
    text += " on %s" % node if node else ""
    told = promised(pod, promises)
    return "%s (promised: %s)" % (text, told) if told else text


def promised(pod, promises):
    """What the ledger has of a pod's service: on its node, where it has one."""
    labels = pod["metadata"].get("labels") or {}
    key = pod["metadata"].get("namespace"), labels.get("gedge.io/service")
    rows = [one for one in promises if (one["namespace"], one["service"]) == key]
    hosts = {pod["spec"].get("nodeName")} if pod["spec"].get("nodeName") else set(scheduler.hosts(pod))
    here = [one for one in rows if one["node"] in hosts] or rows
    shown = list(dict.fromkeys(_promise(one) for one in here))
    return " or ".join(shown[:2]) + (" or %d more" % (len(shown) - 2) if len(shown) > 2 else "")


def _promise(entry):
    words = [entry["node"]]
    if entry["numa_nodes"]:
        words.append("NUMA node %s" % ",".join(map(str, entry["numa_nodes"])))
    if entry["cpus"]:
        words.append("CPUs %s" % entry["cpus"])
    words += ["%s %s" % ("VF" if one.get("vf") is not None else one["resource"], one["address"])
              for one in entry["devices"]]  # fmt: skip
    return ", ".join(words)


def _is_of(event, pod):
    about = event.get("involvedObject") or {}
    metadata = pod["metadata"]
    same = about.get("namespace") == metadata.get("namespace") and about.get("name") == metadata["name"]
    return same and about.get("uid") in (None, metadata.get("uid"))


def _filled(hit, text):
    """A sentence with what its pattern caught."""
    return text.format(*[(group or "").strip() for group in hit.groups()])


def _first(rows, message):
    """(what, advice) of the first row whose pattern fits, or None."""
    for pattern, what, advice in rows:
        hit = re.search(pattern, message)
        if hit:
            return _filled(hit, what), _filled(hit, advice)
    return None


def _refused(pod):
    """The kubelet refused it: it is Failed with a reason."""
    status = pod.get("status") or {}
    reason, message = status.get("reason") or "", (status.get("message") or "")[:HARDLY]
    if status.get("phase") != "Failed" or not reason:
        return None
    for known, pattern, what, advice in admission.ADMISSION:
        hit = (
            re.search(pattern, message) if reason == known or (known == "OutOf" and reason.startswith(known)) else None
        )
        if hit:
            return Trouble(
                reason, "the kubelet refused it (%s): %s" % (reason, _filled(hit, what)), _filled(hit, advice)
            )
    return Trouble(reason, "it has failed (%s): %s" % (reason, message or "no message"), "See its events")


def _unscheduled(pod, events, nodes):
    if pod["spec"].get("nodeName"):
        return None
    conditions = (pod.get("status") or {}).get("conditions") or ()
    hit = next((one for one in conditions if one["type"] == "PodScheduled" and one["status"] == "False"), None)
    message = (hit or {}).get("message") or next(
        (one["message"] for one in events if one.get("reason") == "FailedScheduling"), ""
    )
    if not message:
        return None
    what, advice = scheduler.explain(message, pod, nodes)
    return Trouble("Unschedulable", what, advice)


def _container(pod, events):
    """A container that waits for something that does not come, or ends again and again."""
    status = pod.get("status") or {}
    for one in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        waiting = (one.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason") or ""
        last = ((one.get("lastState") or {}).get("terminated")) or ((one.get("state") or {}).get("terminated")) or {}
        if reason == "CrashLoopBackOff" or (last and last.get("reason") == "StartError"):
            return _crash(one, last)
        if reason not in ("", "ContainerCreating", "PodInitializing"):
            return _waiting(one, reason, _message(reason, waiting, events))
    return None


def _message(reason, waiting, events):
    """What the kubelet says; a back-off hides the cause, which the event before it has."""
    message = waiting.get("message") or ""
    if reason == "ImagePullBackOff":
        failed = [one["message"] for one in events if "Failed to pull image" in (one.get("message") or "")]
        message = failed[-1] if failed else message
    return message[:HARDLY]


def _waiting(status, reason, message):
    for known, pattern, what, advice, sure in waiting_texts.WAITING:
        hit = re.search(pattern, message) if reason in known.split("|") else None
        if hit:
            told = "container %s waits (%s): %s" % (status["name"], reason, _filled(hit, what))
            return Trouble(reason, told, advice, sure)
    what = "container %s waits (%s): %s" % (status["name"], reason, message or "no message")
    return Trouble(reason, what, "See the pod's events")


def _crash(status, last):
    """It starts, and ends."""
    count, code = status.get("restartCount") or 0, last.get("exitCode")
    if last.get("reason") == "StartError":
        return _waiting(status, "StartError", (last.get("message") or "")[:HARDLY])
    what = "container %s ends again and again (%d restarts, last with exit code %s)" % (status["name"], count, code)
    advice = "See its last words: kubectl logs --previous"
    if last.get("reason") == "OOMKilled" or code == 137:
        what += ", since it was killed"
        advice = "Give it more memory (resources.memory), or see who kills it"
    return Trouble("CrashLoopBackOff", what, advice, count >= CRASHES)


def _sandbox(pod, events):
    """It has a node, and no container has been made."""
    status = pod.get("status") or {}
    begun = any((one.get("state") or {}).get("running") for one in status.get("containerStatuses") or ())
    if not pod["spec"].get("nodeName") or begun or status.get("phase") != "Pending":
        return None
    for one in reversed(events):
        reason, message = one.get("reason"), (one.get("message") or "")[:HARDLY]
        if reason == "FailedCreatePodSandBox":
            return _network(message)
        for known, pattern, what, advice in sandbox.EVENTS:
            hit = re.search(pattern, message) if reason == known else None
            if hit:
                return Trouble(reason, _filled(hit, what), advice)
    return None


def _network(message):
    if re.search(sandbox.AWAY, message):
        what = "Multus there got no answer from the API server in time"
        return Trouble("FailedCreatePodSandBox", what, "The kubelet tries again", passing=True)
    unknown = ("its sandbox could not be made: %s" % message, "See the kubelet's log there")
    return Trouble("FailedCreatePodSandBox", *(_first(sandbox.SANDBOX, message) or unknown))
