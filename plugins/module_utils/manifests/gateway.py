# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Routes as Gateway API objects: HTTPRoutes of Services (the mesh) and of a Gateway (from outside)."""

from __future__ import annotations

import re

from ..errors import Problem
from . import names

API = "gateway.networking.k8s.io/v1"
PART = re.compile(r"(\d+)(h|ms|m|s)")
MILLISECONDS = {"h": 3600000, "m": 60000, "s": 1000, "ms": 1}


def objects(mesh, hosts, routes, options, told):
    """A Gateway where something is reached from outside, and one HTTPRoute for each route. told: (problems, notes)."""
    if options["gateway"]["create"] and any(route["external"] for route in routes):
        yield _gateway(mesh, options)
    for route in routes:
        rule = _rule(mesh, hosts, route, options, told)
        if rule is None:
            continue
        parents = [
            {"group": "", "kind": "Service", "name": route["service"], "port": hosts[route["service"]][0]["port"]}
        ]
        if route["external"]:
            parents.append(_parent(mesh, options))
        name = "%s-%s" % (mesh["name"], route["name"])
        labels = {names.MESH: mesh["name"]}
        spec = {"parentRefs": parents, "rules": [rule]}
        yield names.made(API, "HTTPRoute", name, mesh["namespace"], labels, spec=spec)


def _gateway(mesh, options):
    settings = options["gateway"]
    listener = {
        "name": "http",
        "protocol": "HTTP",
        "port": settings["port"],
        "allowedRoutes": {"namespaces": {"from": "Same"}},
    }
    spec = {"gatewayClassName": settings["class"], "listeners": [listener]}
    name = settings["name"] or mesh["name"]
    return names.made(API, "Gateway", name, mesh["namespace"], {names.MESH: mesh["name"]}, spec=spec)


def _parent(mesh, options):
    settings = options["gateway"]
    parent = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": settings["name"] or mesh["name"]}
    if settings["namespace"] and not settings["create"]:
        parent["namespace"] = settings["namespace"]
    return parent


def _rule(mesh, hosts, route, options, told):
    """One rule; None where a name in it is not known (which is told elsewhere)."""
    by_version = {(host, entry["version"]): entry for host, entries in hosts.items() for entry in entries}
    ends = [by_version.get((one["host"], one["version"])) for one in route["destinations"]]
    if route["service"] not in hosts or None in ends:
        return None
    exact = "exact" in route["match"]
    path = {"type": "Exact" if exact else "PathPrefix", "value": route["match"].get("exact", _prefix(route))}
    backends = [
        {"group": "", "kind": "Service", "name": end["service"], "port": end["port"], "weight": one["weight"]}
        for end, one in zip(ends, route["destinations"])
    ]
    rule = {"matches": [{"path": path}], "backendRefs": backends}
    if route["rewrite"] is not None:
        key = ("ReplaceFullPath", "replaceFullPath") if exact else ("ReplacePrefixMatch", "replacePrefixMatch")
        rewrite = {"path": {"type": key[0], key[1]: route["rewrite"]}}
        rule["filters"] = [{"type": "URLRewrite", "urlRewrite": rewrite}]
    where = "meshes.%s.routes.%s" % (mesh["name"], route["name"])
    _patience(route, rule, where, options, told)
    return rule


def _prefix(route):
    return route["match"].get("prefix", "/")


def _patience(route, rule, where, options, told):
    """Timeouts and retries."""
    problems, notes = told
    retries = route["retries"] or {}
    each = retries.get("per_try_timeout")
    timeouts = {key: value for key, value in (("request", route["timeout"]), ("backendRequest", each)) if value}
    if timeouts:
        rule["timeouts"] = timeouts
    if len(timeouts) == 2 and duration(each) > duration(route["timeout"]):
        what = "one try may take longer than the whole request (%s)" % route["timeout"]
        problems.append(Problem(where + ".retries.per_try_timeout", what, "Write a shorter one", each))
    if retries.get("attempts"):
        if options["routes"]["channel"] == "standard":
            # The standard channel's CRD (v1.6) has no such field: a strict server refuses it, another drops it.
            advice = "set options.routes.channel: experimental where its CRDs are, or options.routes.backend: istio"
            notes.append("%s.retries are left out, since they are in no standard channel: %s" % (where, advice))
        else:
            rule["retry"] = {"attempts": retries["attempts"]}


def duration(text):
    """Milliseconds of "1m30s"; 0 for what is no duration."""
    return sum(int(number) * MILLISECONDS[unit] for number, unit in PART.findall(text or ""))
