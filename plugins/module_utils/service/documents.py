# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Documents -> what they hold: services, templates, meshes."""

from __future__ import annotations

from .records import Part
from .report import kind
from .shapes import BAD
from .table_mesh import FILE
from .table_service import SERVICE

ADVICE = "Write a service (name, containers), or services, templates and meshes"
NOTHING = "Begin with name: and containers:; docs/services.md has examples"


class Found:
    """The Parts of all documents; whole, templates_whole: nothing of them could not be read."""

    def __init__(self):
        self.services, self.templates, self.meshes = [], [], []
        self.whole = self.templates_whole = True

    def add(self, part):
        """Take in what was read of a document with services, templates and meshes."""
        for one, many in (("service", "services"), ("template", "templates"), ("mesh", "meshes")):
            items = part.get(many, [])
            mine = [*items, *([part[one]] if one in part else [])]
            getattr(self, many).extend(mine)
            sound = getattr(items, "whole", True) and not {one, many} & part.bad
            sound = sound and not any("name" in item.bad for item in mine)
            if many == "templates":
                self.templates_whole = self.templates_whole and sound
            else:
                self.whole = self.whole and sound


def read(documents, report):
    """Found of a list of documents, empty ones (None) left out."""
    found = Found()
    full = [(index, document) for index, document in enumerate(documents) if document is not None]
    if not full:
        report.problem((), "there is no service", NOTHING)
    for index, document in full:
        place = ("documents", index) if len(documents) > 1 else ()
        _document(document, place, found, report)
    return found


def _document(document, place, found, report):
    if not isinstance(document, dict):
        report.problem(place, "must be a description of services, not %s" % kind(document), ADVICE)
        found.whole = False
        return
    if _is_service(document):
        part = SERVICE.read(document, place, report)
        found.add(Part(place, {"service": part}) if part is not BAD else Part(place, bad={"service"}))
        return
    part = FILE.read(document, place, report)
    if not document:
        report.problem(place, "there is no service", NOTHING)
    found.whole = found.whole and all(word in FILE.words for word in document)
    found.add(part)


def _is_service(document):
    """True where a document is one service itself: it has more of a service's keys than of a file's."""
    return sum(word in SERVICE.words for word in document) > sum(word in FILE.words for word in document)
