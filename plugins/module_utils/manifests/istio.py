# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Routes as Istio's own objects, on request: one VirtualService for each host, versions as subsets."""

from __future__ import annotations

from . import names

API = "networking.istio.io/v1"


def objects(mesh, hosts, routes, options, told):
    """DestinationRules, VirtualServices of the mesh, and for what is reached from outside a Gateway with its own."""
    del told  # the signature is gateway.objects's; there is nothing that Istio's objects cannot say
    ready = [route for route in routes if route["service"] in hosts]
    outside = [route for route in ready if route["external"]]
    if outside and options["gateway"]["create"]:
        yield _gateway(mesh, options)
    for host, entries in sorted(hosts.items()):
        subsets = [
            {"name": entry["version"], "labels": {"version": entry["version"]}}
            for entry in sorted(entries, key=lambda entry: entry["version"])
            if entry["version"]
        ]
        if subsets:
            spec = {"host": host, "subsets": subsets}
            yield _made(mesh, "DestinationRule", host, spec)
        own = [route for route in ready if route["service"] == host]
        if own:
            spec = {"hosts": [host], "gateways": ["mesh"], "http": _rules(hosts, own)}
            yield _made(mesh, "VirtualService", host, spec)
    if outside:
        # The mesh takes no host "*", so what comes from outside has a VirtualService of its own.
        spec = {"hosts": ["*"], "gateways": [_gateway_name(mesh, options)], "http": _rules(hosts, outside)}
        yield _made(mesh, "VirtualService", mesh["name"] + "-external", spec)


def _made(mesh, kind, name, spec):
    return names.made(API, kind, name, mesh["namespace"], {names.MESH: mesh["name"]}, spec=spec)


def _gateway(mesh, options):
    port = {"number": options["gateway"]["port"], "name": "http", "protocol": "HTTP"}
    spec = {"selector": {"istio": "ingressgateway"}, "servers": [{"port": port, "hosts": ["*"]}]}
    return _made(mesh, "Gateway", options["gateway"]["name"] or mesh["name"], spec)


def _gateway_name(mesh, options):
    settings = options["gateway"]
    name = settings["name"] or mesh["name"]
    return "%s/%s" % (settings["namespace"], name) if settings["namespace"] and not settings["create"] else name


def _rules(hosts, routes):
    """The first rule that matches wins: exact paths first, then the longest prefix."""
    return [_rule(hosts, route) for route in sorted(routes, key=_narrow)]


def _narrow(route):
    text = route["match"].get("exact") or route["match"].get("prefix", "/")
    return "exact" not in route["match"], -len(text), text, route["name"]


def _rule(hosts, route):
    rule = {
        "name": route["name"],
        "match": [{"uri": dict(route["match"] or {"prefix": "/"})}],
        "route": [_destination(hosts, one, len(route["destinations"])) for one in route["destinations"]],
    }
    if route["rewrite"] is not None:
        rule["rewrite"] = {"uri": route["rewrite"]}
    if route["timeout"]:
        rule["timeout"] = route["timeout"]
    retries = route["retries"]
    if retries:
        each = {"perTryTimeout": retries["per_try_timeout"]} if retries["per_try_timeout"] else {}
        rule["retries"] = dict(each, attempts=retries["attempts"])
    return rule


def _destination(hosts, one, count):
    """With one destination a weight means nothing."""
    entries = hosts.get(one["host"], [])
    end = {"host": one["host"]}
    if entries:
        end["port"] = {"number": entries[0]["port"]}
    if one["version"]:
        end["subset"] = one["version"]
    made = {"destination": end}
    return dict(made, weight=one["weight"]) if count > 1 else made
