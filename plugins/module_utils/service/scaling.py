# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Replicas and autoscaling of a service."""

from __future__ import annotations

from .derived import has_pinned
from .records import Part

CPU_PERCENT = 80
# Kinds whose number of replicas follows from something else.
FIXED = {"Job": "a Job runs to its end", "DaemonSet": "a DaemonSet has one replica per node"}


def replicas(part):
    """How many, where a service does not say."""
    horizontal = _part(part, "horizontal")
    return horizontal.get("min", 1)


def normal(autoscaling):
    """The normal form of what was read of autoscaling."""
    horizontal = (autoscaling or {}).get("horizontal")
    vertical = (autoscaling or {}).get("vertical")
    made = {"horizontal": None, "vertical": None}
    if horizontal is not None:
        least = horizontal.get("min", 1)
        made["horizontal"] = {
            "min": least,
            "max": horizontal.get("max", least),
            "cpu": horizontal.get("cpu", CPU_PERCENT),
        }
    if vertical is not None:
        made["vertical"] = {"mode": vertical.get("mode", "Off")}
    return made


def check(draft, report):
    """What cannot be together."""
    service, part = draft.normal, draft.part
    _horizontal(service, part, report)
    _vertical(service, part, report)
    if service["kind"] == "DaemonSet" and service["replicas"] != 1:
        report.problem(part.at("replicas"), FIXED["DaemonSet"], "Leave replicas out", service["replicas"])


def _horizontal(service, part, report):
    made, read = service["autoscaling"]["horizontal"], _part(part, "horizontal")
    if made is None or read.bad:
        return
    if read.lacks("cpu"):
        report.note(read.at("cpu"), "is not given", None, made["cpu"])
    if made["max"] < made["min"]:
        what = "is less than min, %d" % made["min"]
        report.problem(read.at("max"), what, "Write %d or more" % made["min"], made["max"])
    elif "replicas" in part and not made["min"] <= service["replicas"] <= made["max"]:
        what = "is outside of autoscaling, %d to %d" % (made["min"], made["max"])
        report.problem(part.at("replicas"), what, "Leave replicas out", service["replicas"])
    if service["kind"] in FIXED:
        report.problem(read.place, FIXED[service["kind"]], "Leave horizontal out, or write kind: Deployment")


def _vertical(service, part, report):
    made, read = service["autoscaling"]["vertical"], _part(part, "vertical")
    if made is None or read.bad or made["mode"] == "Off":
        return
    if has_pinned(service):
        what = "changes the requests, and pinned CPUs are whole ones"
        report.problem(read.at("mode"), what, 'Write mode: "Off", which only recommends', made["mode"])
    elif service["autoscaling"]["horizontal"] is not None:
        what = "changes the requests, by which horizontal measures the load"
        report.problem(read.at("mode"), what, 'Write mode: "Off", or leave horizontal out', made["mode"])


def _part(part, name):
    autoscaling = part.get("autoscaling") or Part(part.at("autoscaling"))
    return autoscaling.get(name) or Part(autoscaling.at(name))
