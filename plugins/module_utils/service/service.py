# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""One service: what was read of it -> its normal form, and the rules within it."""

from __future__ import annotations

from . import container as containers
from . import scaling, storage
from .derived import devices, path_of
from .pinning import pin
from .records import Part
from .words import SELF


class Draft:
    """A service on its way: part is what was read, normal the normal form so far; whole: all containers are there."""

    def __init__(self, part, normal, whole):
        self.part, self.normal, self.whole = part, normal, whole

    @property
    def knows_ports(self):
        """False where some ports could not be read."""
        parts = self.part.get("containers", [])
        return self.whole and all(
            "ports" not in part.bad and getattr(part.get("ports"), "whole", True) for part in parts
        )

    @property
    def key(self):
        """(namespace, name), by which services know each other."""
        return self.normal["namespace"], self.normal["name"]


def complete(part, report):
    """The Draft of a Part with the keys of a service."""
    name = part.get("name", "")
    if part.lacks("containers") or (part.get("containers") == [] and part["containers"].whole):
        report.problem(part.at("containers"), "is missing", "Add containers: [{image: registry.example/x:1}]")
    parts = part.get("containers", [])
    made = [containers.complete(item, _default_name(name, index), report) for index, item in enumerate(parts)]
    whole = bool(parts) and parts.whole and "containers" not in part.bad
    draft = Draft(part, _normal(part, name, [one for one, dummy in made]), whole)
    storage.settle(draft, report)
    pin(draft.normal, [needs for dummy, needs in made], report)
    scaling.check(draft, report)
    _ports(draft, report)
    _names(draft, report)
    if whole and all(map(containers.sure, parts)):
        _path(draft, report)
        _networks(draft, report)
    _self(draft, report)
    return draft


def _default_name(name, index):
    """GS-Engine's way: the service's name, with a number from the second container on."""
    return name if index == 0 else "%s-%d" % (name, index)


def _normal(part, name, made):
    networks, flow = part.get("networks", {}), part.get("flow", {})
    return {
        "name": name,
        "namespace": part.get("namespace", "default"),
        "kind": part.get("kind", "Deployment"),
        "replicas": part.get("replicas", scaling.replicas(part)),
        "labels": dict(part.get("labels", {})),
        "priority": part.get("priority", 0),
        "path": path_of(made),
        "containers": made,
        "networks": {kind: list(networks.get(kind, [])) for kind in ("sriov", "macvlan")},
        "volumes": [],
        "autoscaling": scaling.normal(part.get("autoscaling")),
        "flow": {end: flow.get(end, "") for end in ("source", "sink")},
        "traffic": [{"to": edge.get("to", ""), "weight": edge.get("weight", 1)} for edge in part.get("traffic", [])],
        "anti_affinity": list(part.get("anti_affinity", [])),
        "nodes": list(part.get("nodes", [])),
        "move": part.get("move", False),
    }


def _path(draft, report):
    given, follows = draft.part.get("path"), draft.normal["path"]
    if given is None or given == follows:
        return
    needs = {
        "basic": "Leave communication out",
        "dual": "Ask for communication: {macvlan: 1} and nothing else",
        "accelerated": "Ask for communication: {sriov: 1}",
    }
    what = "does not agree with what the containers ask for: that is %s" % follows
    report.problem(draft.part.at("path"), what, "%s, or write path: %s" % (needs[given], follows), given)


def _networks(draft, report):
    place = draft.part.get("networks", Part(draft.part.at("networks")))
    for kind, word in (("sriov", "VFs"), ("macvlan", "macvlan interfaces")):
        names = draft.normal["networks"][kind]
        asked = sum(devices(container)[kind] for container in draft.normal["containers"])
        if names and place[kind].whole and len(names) != asked:
            what = "the containers ask for %d %s, and this names %d" % (asked, word, len(names))
            report.problem(place.at(kind), what, "Name one for each, in order" if asked else "Leave it out")


def _ports(draft, report):
    numbers, names = {}, {}
    for part, made in zip(draft.part.get("containers", []), draft.normal["containers"]):
        places = getattr(part.get("ports"), "places", [])
        for port, place, read in zip(made["ports"], places, part.get("ports", [])):
            if read.bad or "port" not in read:
                continue
            _port(port, place, numbers, names, report)
            other = read.get("externalPort", port["port"])
            if other != port["port"]:
                what = "is not the container's port, %d" % port["port"]
                report.problem(read.at("externalPort"), what, "Leave it out: a Service listens on that port", other)


def _port(port, place, numbers, names, report):
    number = (port["port"], port["protocol"])
    if number in numbers:
        what = "%s port %d is taken by %s" % (port["protocol"], port["port"], numbers[number])
        report.problem(place, what, "Containers of a service share their ports: choose another", port["port"])
    elif port["name"] in names:
        report.problem(place + ("name",), "names two ports of the service", "Choose another name", port["name"])
    numbers.setdefault(number, 'port "%s"' % port["name"])
    names.setdefault(port["name"], place)


def _names(draft, report):
    seen = set()
    for part, made in zip(draft.part.get("containers", []), draft.normal["containers"]):
        if made["name"] in seen and "name" not in part.bad:
            report.problem(part.at("name"), "names two containers of the service", "Choose another name", made["name"])
        seen.add(made["name"])


def _self(draft, report):
    """The own name in anti_affinity is "self"."""
    names, place = draft.normal["anti_affinity"], draft.part.at("anti_affinity")
    for index, name in enumerate(names):
        if name == draft.normal["name"] != SELF:
            report.note(place + (index,), "the own replicas", name, SELF)
            names[index] = SELF
    if draft.normal["name"] == SELF:
        report.problem(draft.part.at("name"), 'is kept for "the own replicas" in anti_affinity', "Choose another", SELF)
