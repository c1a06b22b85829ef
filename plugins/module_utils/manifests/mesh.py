# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Meshes: one Service for each version and one above them, and what makes pods members.

Routes are written by gateway.py (HTTPRoute, the default) or istio.py (VirtualService and DestinationRule).
"""

from __future__ import annotations

from ..errors import Problem
from ..suggest import advice
from . import gateway, istio, names
from .replicas import guaranteed

OUTSIDE = {"labels": {}, "annotations": {}, "port": 0}
PROXY = "sidecar.istio.io/proxy"


def members(meshes, services, options, problems):
    """{(namespace, service): {labels, annotations, port}} of all services that are in a mesh."""
    known = {(service["namespace"], service["name"]): service for service in services}
    found = {}
    for mesh in meshes:
        for entry in mesh["services"]:
            key = mesh["namespace"], entry["service"]
            if key not in known:
                path = "meshes.%s.services.%s" % (mesh["name"], entry["name"])
                here = [name for namespace, name in known if namespace == mesh["namespace"]]
                problems.append(Problem(path + ".service", "there is no such service", advice(key[1], here), key[1]))
            elif key in found:
                path = "meshes.%s.services.%s" % (mesh["name"], entry["name"])
                problems.append(Problem(path, "is in a mesh already", "Name each service once", entry["service"]))
            else:
                found[key] = _member(mesh, entry, known[key], options)
    return found


def _member(mesh, entry, service, options):
    labels = {names.MESH: mesh["name"], "app": entry["name"]}
    if entry["version"]:
        labels["version"] = entry["version"]
    annotations = {}
    if options["mesh"]["proxy"] == "sidecar":
        labels["sidecar.istio.io/inject"] = "true"
        if guaranteed(service):
            # Requests without equal limits in the injected containers would make the pod Burstable: nothing is pinned.
            cpu, memory = options["mesh"]["proxy_cpu"], options["mesh"]["proxy_memory"]
            for key, value in (("CPU", cpu), ("CPULimit", cpu), ("Memory", memory), ("MemoryLimit", memory)):
                annotations[PROXY + key] = value
    elif options["mesh"]["proxy"] == "ambient":
        labels["istio.io/dataplane-mode"] = "ambient"
    return {"labels": labels, "annotations": annotations, "port": entry["port"]}


def warnings(service, options):
    """[text] about a member whose traffic partly goes beside the mesh."""
    asked = [container["acceleration"]["communication"] for container in service["containers"]]
    if not any(sum(one.values()) for one in asked):
        return []
    name = "%s/%s" % (service["namespace"], service["name"])
    found = ["%s: what goes over macvlan, SR-IOV or RDMA is outside of the mesh: not routed, not encrypted" % name]
    if options["mesh"]["proxy"] == "ambient":
        found.append("%s: Multus beside Istio's ambient mode has broken istio-cni (istio#52761)" % name)
    return found


def objects(mesh, options, problems, notes):
    """Services above the versions, and the routes, of one mesh."""
    _check(mesh, problems)
    hosts = {}
    for entry in mesh["services"]:
        hosts.setdefault(entry["name"], []).append(entry)
    for host, entries in sorted(hosts.items()):
        if all(entry["service"] != host for entry in entries):
            yield _root(mesh, host, entries[0]["port"])
    routes = _routes(mesh, hosts, problems)
    writer = istio if options["routes"]["backend"] == "istio" else gateway
    yield from writer.objects(mesh, hosts, routes, options, (problems, notes))


def _root(mesh, host, port):
    """The Service of all versions, whose name clients use."""
    spec = {
        "selector": {names.MESH: mesh["name"], "app": host},
        "ports": [{"name": "http", "port": port, "targetPort": port, "protocol": "TCP"}],
    }
    labels = {names.MESH: mesh["name"], "app": host}
    return names.made("v1", "Service", host, mesh["namespace"], labels, spec=spec)


def _check(mesh, problems):
    """References of routes."""
    versions = {(entry["name"], entry["version"]) for entry in mesh["services"]}
    hosts = {name for name, dummy in versions}
    for route in mesh["routes"]:
        path = "meshes.%s.routes.%s" % (mesh["name"], route["name"])
        if route["service"] not in hosts:
            problems.append(Problem(path + ".service", "is not in the mesh", advice(route["service"], hosts)))
        if not route["destinations"]:
            problems.append(Problem(path + ".destinations", "is empty", "Write at least one"))
        for one in route["destinations"]:
            if one["host"] not in hosts:
                problems.append(Problem(path + ".destinations", "is not in the mesh", advice(one["host"], hosts)))
            elif (one["host"], one["version"]) not in versions:
                known = [version for host, version in versions if host == one["host"]]
                what = "%s has no such version" % one["host"]
                problems.append(Problem(path + ".destinations", what, advice(one["version"], known), one["version"]))


def _routes(mesh, hosts, problems):
    """The routes with `external` resolved, and one for each external service that no route reaches from outside."""
    outside = {host for host, entries in hosts.items() if any(entry["external"] for entry in entries)}
    routes = [dict(route, external=route["external"] or route["service"] in outside) for route in mesh["routes"]]
    for host in sorted(outside - {route["service"] for route in routes}):
        entries = hosts[host]
        share = [{"host": host, "version": entry["version"], "weight": 1} for entry in entries]
        routes.append(
            {
                "name": host,
                "service": host,
                "match": {"prefix": "/"},
                "destinations": share,
                "rewrite": None,
                "timeout": None,
                "retries": None,
                "external": True,
            }
        )
    seen = {}
    for route in routes:
        match = tuple(sorted(route["match"].items()))
        other = seen.setdefault(match, route) if route["external"] else route
        if other is not route:
            path = "meshes.%s.routes.%s.match" % (mesh["name"], route["name"])
            what = "is that of route %s, and both are reached from outside" % other["name"]
            problems.append(Problem(path, what, "Write another prefix for one of them", dict(match)))
    return routes
