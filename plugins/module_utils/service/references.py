# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What services say of each other: names once, references that lead somewhere, volumes declared alike."""

from __future__ import annotations

from ..suggest import advice as suggestion
from ..suggest import meant
from .storage import SHARED
from .words import SELF

SHARES = ("ReadWriteMany", "ReadOnlyMany")


def unique(drafts, what, report):
    """{(namespace, name): Draft}; a name that stands twice in a namespace is a problem."""
    found = {}
    for draft in drafts:
        namespace, name = draft.key
        if not name:
            continue
        if draft.key in found and "namespace" not in draft.part.bad:
            text = "names two %s in namespace %s" % (what, namespace)
            report.problem(draft.part.at("name"), text, "Choose another name or namespace", name)
        found.setdefault(draft.key, draft)
    return found


def check(drafts, known, report):
    """The references of services; known: {(namespace, name)}, None where not all names could be read."""
    for draft in drafts:
        for name, place in _named(draft) if known is not None else ():
            _refer(draft, name, place, known, report)
        _traffic(draft, report)
        _twice(draft, "anti_affinity", draft.normal["anti_affinity"], report)


def _named(draft):
    """(name, place) of each service that a service names."""
    part, normal = draft.part, draft.normal
    for edge in part.get("traffic", []):
        if "to" in edge:
            yield edge["to"], edge.at("to")
    for index, name in enumerate(normal["anti_affinity"]):
        if name != SELF:
            yield name, part.at("anti_affinity", index)
    for end in ("source", "sink"):
        kind, dummy, name = normal["flow"][end].partition(":")
        if kind == "service":
            yield name, part["flow"].at(end)


def _refer(draft, name, place, known, report):
    mine = draft.normal["namespace"]
    if name == draft.normal["name"]:
        report.problem(place, "is the service itself", "Name another service", name)
    elif (mine, name) not in known:
        others = sorted(other for namespace, other in known if namespace == mine and other != draft.normal["name"])
        advice = suggestion(name, others) if others else "It is the only service of its namespace: leave it out"
        report.problem(place, "no such service in namespace %s" % mine, advice, name)


def _traffic(draft, report):
    seen = set()
    for edge in draft.part.get("traffic", []):
        if edge.get("to") in seen and "to" in edge:
            report.problem(edge.at("to"), "has two edges", "Write one with the sum of the weights", edge["to"])
        seen.add(edge.get("to"))


def _twice(draft, key, names, report):
    for index, name in enumerate(names):
        if name in names[:index]:
            report.problem(draft.part.at(key, index), "stands in the list twice", "Keep one of them", name)


def networks(drafts, known, report):
    """Networks that services name are there; known: names of the testbed's, None where nobody tells."""
    for draft in drafts if known is not None else ():
        for name, place in _networks(draft):
            if name and name not in known:
                there = "The testbed has: %s" % (", ".join(sorted(known)) or "none")
                report.problem(place, "there is no network %s" % name, ("%s %s" % (meant(name, known), there)).strip())


def _networks(draft):
    """(name, place) of each network that a service names."""
    part = draft.part
    for kind in ("sriov", "macvlan"):
        items = part.get("networks", {}).get(kind, [])
        yield from zip(items, getattr(items, "places", []))
    for end in ("source", "sink"):
        kind, dummy, name = draft.normal["flow"][end].partition(":")
        if kind == "network":
            yield name, part["flow"].at(end)


def volumes(drafts, report):
    """Volumes of one name in a namespace are one: they must agree, and be such that services can share them."""
    first = {}
    for draft in drafts:
        for volume in draft.normal["volumes"]:
            key = (draft.normal["namespace"], volume["name"])
            if key not in first:
                first[key] = (draft, volume)
            else:
                _shared(draft, volume, first[key], report)


def _shared(draft, volume, first, report):
    owner, other = first
    place = _volume_place(draft, volume["name"])
    for key in SHARED:
        if volume[key] != other[key]:
            what = "%s is %s here and %s in service %s" % (key, volume[key], other[key], owner.normal["name"])
            report.problem(place, what, "Declare it alike, or choose another name", volume["name"])
            return
    if volume["access"] not in SHARES:
        what = "is %s, and service %s has it, too" % (volume["access"], owner.normal["name"])
        report.problem(place, what, "Write access: ReadWriteMany", volume["name"])


def _volume_place(draft, name):
    parts = [*draft.part.get("volumes", [])]
    parts += [part for container in draft.part.get("containers", []) for part in container.get("mounts", [])]
    return next((part.at("name") for part in parts if part.get("name") == name), draft.part.at("volumes"))
