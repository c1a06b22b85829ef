# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A mesh: its services become services of their own, named NAME-VERSION, and its routes find them."""

from __future__ import annotations

from ..suggest import advice as suggestion
from . import routes
from .records import Part
from .service import complete
from .shapes import BAD
from .table_mesh import VERSION
from .templates import find, merged
from .words import LONGEST_NAME

FIRST = "v1"


class MeshDraft:
    """A mesh on its way: part is what was read; members: [(Part, normal form)]; whole: all members could be read."""

    def __init__(self, part):
        self.part, self.members = part, []
        services = part.get("services", [])
        sound = "services" in part and services.whole
        self.whole = sound and not any(member.bad for member in services)
        self.names_known = sound and not any({"name", "version", "labels"} & member.bad for member in services)
        self.normal = {
            "name": part.get("name", ""),
            "namespace": part.get("namespace", "default"),
            "services": [],
            "routes": [],
        }

    def made_names(self):
        """The names of the services that it makes, or would make if their templates were there."""
        return [normal["service"] for part, normal in self.members if "template" in part or part.lacks("service")]

    @property
    def key(self):
        """(namespace, name)."""
        return self.normal["namespace"], self.normal["name"]


def members(draft, known, whole, report):
    """The Drafts of the services that a mesh makes from templates; fills in its members."""
    made, seen = [], set()
    for part in draft.part.get("services", []):
        version = _version(part, report)
        if (part.get("name"), version) in seen and "name" in part and "version" not in part.bad:
            what = "version %s of %s stands in the mesh twice" % (version, part["name"])
            report.problem(part.at("name"), what, "Give each a version of its own", part["name"])
            draft.whole = False
            continue
        seen.add((part.get("name"), version))
        name = "%s-%s" % (part.get("name", ""), version)
        service = _service(draft, part, name, known, whole, report)
        if service:
            _label(part, version, service.normal["labels"], report)
            made.append(service)
        normal = {"name": part.get("name", ""), "version": version, "service": part.get("service", name)}
        draft.members.append((part, {**normal, "external": part.get("external", False), "port": part.get("port")}))
    draft.normal["services"] = [normal for dummy, normal in draft.members]
    return made


def settle(draft, services, names, report):
    """Ports and routes of a mesh; services: {(namespace, name): Draft}; names: of all, None where not all are known."""
    for part, normal in draft.members:
        key = (draft.normal["namespace"], normal["service"])
        if key in services:
            _port(part, normal, services[key], report)
        elif names is not None and key not in names and "service" in part and "template" not in part:
            mine = [name for namespace, name in names if namespace == draft.normal["namespace"]]
            report.problem(part.at("service"), "no such service", suggestion(part["service"], mine), part["service"])
    draft.normal["routes"] = routes.complete(draft, report)


def _version(part, report):
    """The version of a member: its own, or that of its labels."""
    given, labelled = part.get("version"), part.get("labels", {}).get("version")
    if given is not None and labelled is not None and given != labelled:
        report.problem(part.at("labels", "version"), "is not the version, %s" % given, "Keep one of the two", labelled)
    if given is None and labelled is None and part.lacks("version") and part.lacks("labels"):
        report.note(part.at("version"), "is not given", None, FIRST)
    if given is None and labelled is not None:
        # Any label will do for pods, but this one becomes part of a name.
        given = VERSION.read(labelled, part.at("labels", "version"), report)
    return FIRST if given in (None, BAD) else given


def _label(part, version, labels, report):
    """The version as a label of the pods, by which routes may choose them."""
    if labels.setdefault("version", version) != version and "version" not in part.get("labels", {}):
        what = "is %s, and the template's label says %s" % (version, labels["version"])
        advice = "Write version: %s, or take the label out of the template" % labels["version"]
        report.problem(part.at("version"), what, advice, part.get("version"))


def _service(draft, part, name, known, whole, report):
    """The Draft of the service that a member makes, None where it makes none."""
    if "template" in part and "service" in part:
        report.problem(part.at("service"), "stands beside template", "Keep one of the two", part["service"])
        return None
    if part.lacks("template") and part.lacks("service"):
        report.problem(
            part.at("template"), "is missing", "Add template: NAME, or service: NAME of a service described elsewhere"
        )
        return None
    template = find(part, known, whole, report) if "template" in part else None
    if template is None or "name" not in part:
        return None
    if len(name) > LONGEST_NAME:
        what = "makes the name %s, which is longer than %d" % (name, LONGEST_NAME)
        report.problem(part.at("name"), what, "Choose a shorter name or version", part["name"])
        return None
    own = {"name": name, "namespace": draft.normal["namespace"], "labels": part.get("labels", {})}
    places = {"name": part.at("name"), "namespace": draft.part.at("namespace"), "labels": part.at("labels")}
    return complete(merged(template, Part(part.place, own, places)), report)


def _port(part, normal, service, report):
    ports = [port["port"] for container in service.normal["containers"] for port in container["ports"]]
    if normal["port"] is None:
        normal["port"] = ports[0] if ports else 0
        if not ports and part.lacks("port") and service.knows_ports:
            what = "is not given, and %s has no ports" % normal["service"]
            report.problem(part.at("port"), what, "Add ports: [8080] to its container")
    elif normal["port"] not in ports and service.knows_ports:
        one = "One of: %s" % ", ".join(map(str, ports))
        advice = one if ports else "Add ports: [%d] to its container" % normal["port"]
        report.problem(part.at("port"), "is no port of %s" % normal["service"], advice, normal["port"])
        normal["port"] = 0
