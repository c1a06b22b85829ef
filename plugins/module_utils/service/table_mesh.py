# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The keys of a mesh of microservices and of its routes, and of a document as a whole."""

from __future__ import annotations

from ..suggest import nearest
from . import words
from .groups import ListOf
from .mesh_forms import DestinationsForm, MatchForm, RewriteForm, SecondsForm
from .records import Key, Record
from .shapes import Flag, Loose, Number
from .table_container import PORT_NUMBER
from .table_service import HINTS, LABELS, NAME, NAMESPACE, SERVICE, TEMPLATE, TEMPLATE_NAME

VERSION = Loose("a version (small letters, digits and '-')", r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?", "v1", longest=30)
HOST = words.name("the name of a service of the mesh", "reviews")

MEMBER = Record(
    "a service of a mesh",
    [
        Key("name", HOST, "What its clients call it; versions of one service share it.", needed=True),
        Key("version", VERSION, "Its version. Default: v1."),
        Key("template", TEMPLATE_NAME, "The template that it is made from; the service is then NAME-VERSION."),
        Key("service", NAME, "A service that is described elsewhere, instead of a template."),
        Key("labels", LABELS, "Labels of its pods; version among them is its version."),
        Key(
            "external", Flag(), "Whether it can be reached from outside. Default: false.", old={"externalAccess": None}
        ),
        Key("port", PORT_NUMBER, "The port that it is called at. Default: the first one of its first container."),
    ],
    {"name": "reviews", "version": "v1", "template": "reviews"},
)

RETRIES = Record(
    "retries",
    [
        Key("attempts", Number("a number of attempts from 1", 1, 100, 3), "How often it tries.", needed=True),
        Key(
            "per_try_timeout",
            SecondsForm(),
            "How long one try may take.",
            null=True,
            # GS-Engine's own server reads it with this misspelling.
            old={"perTryTimeout": None, "preTryTimeout": None},
        ),
    ],
    {"attempts": 3, "per_try_timeout": "2s"},
    hints={
        "retryOn": "Gateway API has no such key: leave it out",
        "retry_on": "Gateway API has no such key: leave it out",
    },
)

DESTINATION = Record(
    "a destination",
    [
        Key("host", HOST, "A service of the mesh.", needed=True),
        Key("version", VERSION, "Its version. Default: all of them, in equal parts.", old={"subset": None}),
        Key(
            "weight",
            Number("a weight from 0 to 100", 0, 100, 100),
            "Its part of the requests in %. Default: equal parts.",
        ),
    ],
    {"host": "reviews", "version": "v1", "weight": 100},
)

ROUTE = Record(
    "a route",
    [
        Key("name", words.name("a route's name", "reviews"), "Its name, once per mesh. Default: the service's."),
        Key("service", HOST, "The service that clients call. Default: the host of its destinations."),
        Key("match", MatchForm(words.URL_PATH), "Which requests: {prefix: /} or {exact: /x}. Default: all."),
        Key(
            "destinations",
            DestinationsForm(DESTINATION),
            "Where they go.",
            needed=True,
            old={"destination": None},
        ),
        Key("rewrite", RewriteForm(words.URL_PATH), "What the matched path becomes.", null=True),
        Key("timeout", SecondsForm(), "How long a request may take.", null=True),
        Key("retries", RETRIES, "How often it is tried.", null=True),
        Key(
            "external",
            Flag(),
            "Whether it holds for requests from outside. Default: as its service.",
            old={"externalAccess": None},
        ),
    ],
    {"name": "reviews", "destinations": [{"host": "reviews"}]},
)

MESH = Record(
    "a mesh",
    [
        Key("name", words.name("a mesh's name", "bookinfo"), "Its name, once per namespace.", needed=True),
        Key("namespace", NAMESPACE, "Its namespace. Default: default."),
        Key(
            "services",
            ListOf("a list of services", MEMBER, [MEMBER.examples[0]]),
            "Its services by version.",
            needed=True,
        ),
        Key(
            "routes",
            ListOf("a list of routes", ROUTE, [ROUTE.examples[0]]),
            "How requests find their version.",
            old={"serviceRoutes": None},
        ),
    ],
    {"name": "bookinfo", "services": [{"name": "reviews", "template": "reviews"}]},
)


class _Ignored(Loose):
    """What an earlier normalisation told; it is not read."""

    def read(self, value, place, report):
        return []

    def schema(self):
        return {"title": self.title}


class _File(Record):
    """A document that is no service itself may still be meant to be one."""

    def hint(self, word, raw):
        if word in SERVICE.words:
            return "It belongs into one of the services: services: [{%s: ...}]" % word
        hit = nearest(word, [*self.words, *SERVICE.words])
        return self.hints.get(word) or ('Did you mean "%s"?' % hit if hit else super().hint(word, raw))


FILE = _File(
    "a description of services",
    [
        Key("services", ListOf("a list of services", SERVICE, [SERVICE.examples[0]]), "Services."),
        Key("service", SERVICE, "One service."),
        Key("templates", ListOf("a list of templates", TEMPLATE, [TEMPLATE.examples[0]]), "Templates of services."),
        Key("template", TEMPLATE, "One template."),
        Key(
            "meshes",
            ListOf("a list of meshes", MESH, [MESH.examples[0]]),
            "Meshes of microservices.",
            old={"serviceMeshes": None},
        ),
        Key("mesh", MESH, "One mesh.", old={"serviceMesh": None}),
        Key("notes", _Ignored("notes"), "What normalisation told of its input. Not read."),
    ],
    {"services": [SERVICE.examples[0]]},
    hints={
        **HINTS,
        **dict.fromkeys(
            ("routes", "serviceRoutes"), "It belongs into a mesh: mesh: {name: ..., services: ..., routes: ...}"
        ),
    },
)
