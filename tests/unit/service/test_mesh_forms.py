# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Every form of a mesh that is accepted: what is written, what it means, and that old forms are told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from unit.service.reading import normal, notes
from unit.service.test_forms import at

TEMPLATE = {"containers": [{"image": "x:1", "ports": [80, 81], "resources": {"cpu": 1, "memory": "1Gi"}}]}
MEMBERS = [{"name": "pages", "version": "v1", "template": "t"}, {"name": "pages", "version": "v2", "template": "t"}]
TO_V1 = {"destinations": [{"host": "pages", "version": "v1"}]}


def mesh(**keys):
    """A file with one mesh."""
    return {"template": {"name": "t", "service": TEMPLATE}, "mesh": {"name": "m", "services": MEMBERS, **keys}}


@dataclass
class Form:
    """What is written, what it is in the normal form (by path), and the notes' paths."""

    name: str
    written: dict
    means: dict
    told: list


MEMBER = [
    Form("version", {"version": "v9"}, {"version": "v9", "service": "one-v9"}, []),
    Form("a version that is a number", {"version": 3}, {"version": "3", "service": "one-3"}, ["version"]),
    Form("no version", {}, {"version": "v1", "service": "one-v1"}, ["version"]),
    Form("labels.version", {"labels": {"version": "v7"}}, {"version": "v7", "service": "one-v7"}, []),
    Form("version twice alike", {"version": "v7", "labels": {"version": "v7"}}, {"version": "v7"}, []),
    Form("external", {"version": "v1", "external": True}, {"external": True}, []),
    Form("externalAccess", {"version": "v1", "externalAccess": True}, {"external": True}, ["externalAccess"]),
    Form("no port", {"version": "v1"}, {"port": 80, "external": False}, []),
    Form("another port", {"version": "v1", "port": 81}, {"port": 81}, []),
]


@pytest.mark.parametrize("form", MEMBER, ids=lambda form: form.name)
def test_a_service_of_a_mesh(form):
    document = mesh(services=[{"name": "one", "template": "t", **form.written}])
    (made,) = normal(document)["meshes"][0]["services"]
    assert {path: at(made, path) for path in form.means} == form.means
    assert [path for path, dummy, dummy in notes(document)] == ["mesh.services[0]." + path for path in form.told]


HALVES = [{"host": "pages", "version": "v1", "weight": 50}, {"host": "pages", "version": "v2", "weight": 50}]
ALL = [{"host": "pages", "version": "v1", "weight": 100}]
ROUTE = [
    Form("destinations", TO_V1, {"destinations": ALL, "service": "pages", "name": "pages"}, []),
    Form("destination", {"destination": [{"host": "pages", "version": "v1"}]}, {"destinations": ALL}, ["destination"]),
    Form("one destination", {"destination": {"host": "pages", "version": "v1"}}, {"destinations": ALL},
         ["destination"]),
    Form("subset", {"destination": {"host": "pages", "subset": "v1"}}, {"destinations": ALL},
         ["destination.subset", "destination"]),
    Form("no version", {"destinations": [{"host": "pages"}]}, {"destinations": HALVES}, ["destinations[0].version"]),
    Form("no weights", {"destinations": [{"host": "pages", "version": "v1"}, {"host": "pages", "version": "v2"}]},
         {"destinations": HALVES}, []),
    Form("a weight of 0", {"destinations": [{**HALVES[0], "weight": 0}, {**HALVES[1], "weight": 100}]},
         {"destinations": [{**HALVES[0], "weight": 0}, {**HALVES[1], "weight": 100}]}, []),
    Form("no match", TO_V1, {"match": {"prefix": "/"}}, []),
    Form("exact", {**TO_V1, "match": {"exact": "/a"}}, {"match": {"exact": "/a"}}, []),
    Form("match.uri", {**TO_V1, "match": {"uri": {"prefix": "/a"}}}, {"match": {"prefix": "/a"}}, ["match"]),
    Form("a list of one match", {**TO_V1, "match": [{"uri": {"prefix": "/a"}}]}, {"match": {"prefix": "/a"}},
         ["match"]),
    Form("a list without uri", {**TO_V1, "match": [{"exact": "/a"}]}, {"match": {"exact": "/a"}}, ["match"]),
    Form("rewrite", {**TO_V1, "rewrite": "/b"}, {"rewrite": "/b"}, []),
    Form("rewrite.uri", {**TO_V1, "rewrite": {"uri": "/b"}}, {"rewrite": "/b"}, ["rewrite"]),
    Form("nothing else", {**TO_V1, "rewrite": None, "timeout": None, "retries": None},
         {"rewrite": None, "timeout": None, "retries": None}, []),
    Form("timeout", {**TO_V1, "timeout": "1m30s"}, {"timeout": "1m30s"}, []),
    Form("timeout in seconds", {**TO_V1, "timeout": 5}, {"timeout": "5s"}, ["timeout"]),
    Form("retries", {**TO_V1, "retries": {"attempts": 2}}, {"retries": {"attempts": 2, "per_try_timeout": None}}, []),
    Form("perTryTimeout", {**TO_V1, "retries": {"attempts": 2, "perTryTimeout": "1s"}},
         {"retries": {"attempts": 2, "per_try_timeout": "1s"}}, ["retries.perTryTimeout"]),
    Form("preTryTimeout", {**TO_V1, "retries": {"attempts": 2, "preTryTimeout": "1s"}},
         {"retries": {"attempts": 2, "per_try_timeout": "1s"}}, ["retries.preTryTimeout"]),
    Form("a timeout without an end", {**TO_V1, "timeout": "0s", "retries": {"attempts": 2, "per_try_timeout": "1s"}},
         {"timeout": "0s"}, []),
    Form("external", {**TO_V1, "external": True}, {"external": True}, []),
    Form("externalAccess", {**TO_V1, "externalAccess": True}, {"external": True}, ["externalAccess"]),
    Form("internal", TO_V1, {"external": False}, []),
]  # fmt: skip


@pytest.mark.parametrize("form", ROUTE, ids=lambda form: form.name)
def test_a_route(form):
    document = mesh(routes=[form.written])
    (made,) = normal(document)["meshes"][0]["routes"]
    assert {path: at(made, path) for path in form.means} == form.means
    assert [path for path, dummy, dummy in notes(document)] == ["mesh.routes[0]." + path for path in form.told]


def test_several_matches_are_several_routes():
    document = mesh(routes=[{**TO_V1, "name": "r", "match": [{"uri": {"prefix": "/a"}}, {"uri": {"exact": "/b"}}]}])
    made = normal(document)["meshes"][0]["routes"]
    assert [(route["name"], route["match"]) for route in made] == [("r", {"prefix": "/a"}), ("r-2", {"exact": "/b"})]


def test_a_route_is_open_to_the_outside_where_its_service_is():
    members = [{**MEMBERS[0], "external": True}, MEMBERS[1]]
    (made,) = normal(mesh(services=members, routes=[TO_V1]))["meshes"][0]["routes"]
    assert made["external"] is True
    (made,) = normal(mesh(services=members, routes=[{**TO_V1, "external": False}]))["meshes"][0]["routes"]
    assert made["external"] is False


def test_requests_for_one_service_may_go_to_another():
    members = [*MEMBERS, {"name": "beta", "version": "v1", "template": "t"}]
    route = {"service": "pages", "destinations": [{"host": "pages", "version": "v1"}, {"host": "beta"}]}
    (made,) = normal(mesh(services=members, routes=[route]))["meshes"][0]["routes"]
    assert made["service"] == "pages"
    assert [(each["host"], each["weight"]) for each in made["destinations"]] == [("pages", 50), ("beta", 50)]


WORDS = {
    "mesh": {"mesh": {"name": "m", "services": MEMBERS, "routes": [TO_V1]}},
    "serviceMesh and serviceRoutes": {"serviceMesh": {"name": "m", "services": MEMBERS, "serviceRoutes": [TO_V1]}},
    "meshes": {"meshes": [{"name": "m", "services": MEMBERS, "routes": [TO_V1]}]},
    "serviceMeshes": {"serviceMeshes": [{"name": "m", "services": MEMBERS, "serviceRoutes": [TO_V1]}]},
}


@pytest.mark.parametrize("given", WORDS.values(), ids=WORDS)
def test_words_for_a_mesh(given):
    template = {"template": {"name": "t", "service": TEMPLATE}}
    assert normal({**template, **given}) == normal(mesh(routes=[TO_V1]))
