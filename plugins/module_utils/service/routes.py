# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The routes of a mesh: references checked, weights made to be 100 in all, one match each."""

from __future__ import annotations

from ..suggest import advice as suggestion
from .durations import milliseconds
from .records import Part
from .words import LONGEST_NAME

ALL = {"prefix": "/"}


def complete(draft, report):
    """The routes of a mesh in normal form."""
    versions = {}
    for dummy, member in draft.members:
        versions.setdefault(member["name"], []).append(member["version"])
    external = {member["name"] for dummy, member in draft.members if member["external"]}
    made, names = [], set()
    for part in draft.part.get("routes", []):
        made += _routes(_Route(part, versions, external, draft.whole), names, report)
    return made


class _Route:
    """A route with what the mesh has: versions by host, hosts that can be reached from outside."""

    def __init__(self, part, versions, external, whole):
        self.part, self.versions, self.external, self.whole = part, versions, external, whole
        self.destinations = part.get("destinations", [])
        self.sound = getattr(self.destinations, "whole", False) and not any(each.bad for each in self.destinations)


def _routes(route, names, report):
    """The routes of one entry, one per match."""
    part = route.part
    service, destinations, retries = _service(route, report), _destinations(route, report), _retries(part, report)
    first = part.get("name", service)
    made = []
    for index, match in enumerate(part.get("match") or [ALL]):
        name = first if index == 0 else "%s-%d" % (first, index + 1)
        _name(name, part, names, report)
        made.append({
            "name": name,
            "service": service,
            "match": dict(match),
            "destinations": [dict(each) for each in destinations],
            "rewrite": part.get("rewrite"),
            "timeout": part.get("timeout"),
            "retries": retries and dict(retries),
            "external": part.get("external", service in route.external),
        })  # fmt: skip
    return made


def _name(name, part, names, report):
    """Each route has a name of its own; one of several matches gets a number."""
    if name in names and name and "name" not in part.bad:
        what = "the name %s is taken by another route" % name
        report.problem(part.at("name"), what, "Give each route a name of its own", part.get("name"))
    if len(name) > LONGEST_NAME:
        what = "makes the name %s, which is longer than %d" % (name, LONGEST_NAME)
        report.problem(part.at("name"), what, "Choose a shorter name", part.get("name"))
    names.add(name)


def _service(route, report):
    """The service that is called: as said, else the one host of all destinations."""
    part = route.part
    if "service" in part:
        _known(part["service"], part.at("service"), route, report)
        return part["service"]
    hosts = sorted({each["host"] for each in route.destinations if "host" in each})
    if len(hosts) > 1 and part.lacks("service") and route.sound:
        advice = "Add service: %s" % " or ".join(hosts)
        report.problem(part.at("service"), "is missing, and the destinations have several hosts", advice)
    return hosts[0] if hosts else ""


def _known(host, place, route, report):
    if host in route.versions:
        return True
    if route.whole:
        report.problem(place, "no such service in the mesh", suggestion(host, route.versions), host)
    return False


def _destinations(route, report):
    """[{host, version, weight}], those without a version spread over all versions."""
    if route.destinations == [] and route.sound:
        report.problem(route.part.at("destinations"), "is empty", "Add at least one: [{host: NAME, version: v1}]")
    weights = _weights(route, report)
    made, seen = [], set()
    for part, weight in zip(route.destinations, weights):
        for one in _versions(part, weight, route, report):
            if (one["host"], one["version"]) in seen:
                what = "version %s of %s stands in the route twice" % (one["version"], one["host"])
                report.problem(part.at("version"), what, "Keep one of them", one["version"])
            seen.add((one["host"], one["version"]))
            made.append(one)
    return made


def _versions(part, weight, route, report):
    """The destinations of one entry: one per version."""
    host = part.get("host", "")
    if not host or not _known(host, part.at("host"), route, report):
        return []
    versions = route.versions[host]
    if "version" in part:
        if part["version"] not in versions and route.whole:
            what = "no such version of %s" % host
            report.problem(part.at("version"), what, suggestion(part["version"], versions), part["version"])
        versions = [part["version"]]
    elif len(versions) > 1 and part.lacks("version"):
        report.note(part.at("version"), "is not given: all versions, in equal parts", None, list(versions))
    shares = equal(weight, len(versions))
    return [{"host": host, "version": version, "weight": share} for version, share in zip(versions, shares)]


def equal(total, parts):
    """total in equal whole parts, the first ones being one more where it does not divide."""
    return [total // parts + (index < total % parts) for index in range(parts)]


def _weights(route, report):
    given = [part.get("weight") for part in route.destinations]
    if not given or not any(weight is not None for weight in given):
        return equal(100, len(given)) if given else []
    whole = [weight or 0 for weight in given]
    if route.sound:
        place = route.part.at("destinations")
        if None in given:
            report.problem(place, "only some destinations have a weight", "Give all of them one, or none")
        elif sum(whole) != 100:
            report.problem(place, "the weights are %d in all, not 100" % sum(whole), _hundred(whole))
    return whole


def _hundred(weights):
    """Advice: the same proportions, 100 in all."""
    total = sum(weights)
    if not total:
        return "Write weights that are 100 in all"
    scaled = [weight * 100 // total for weight in weights]
    rest = sorted(range(len(weights)), key=lambda index: (-(weights[index] * 100 % total), index))
    for index in rest[: 100 - sum(scaled)]:
        scaled[index] += 1
    return "Write %s" % ", ".join(map(str, scaled))


def _retries(part, report):
    read = part.get("retries")
    if not isinstance(read, Part):
        return None
    each, timeout = read.get("per_try_timeout"), part.get("timeout")
    if each and timeout and 0 < milliseconds(timeout) < milliseconds(each):
        what = "is longer than the whole request may take, %s" % timeout
        report.problem(read.at("per_try_timeout"), what, "Write %s or less" % timeout, each)
    return {"attempts": read.get("attempts", 1), "per_try_timeout": each}
