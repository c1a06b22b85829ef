# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Templates: what a service does not say itself, its template says."""

from __future__ import annotations

from ..suggest import advice as suggestion
from .records import Part

FIRST = "There is no template: add templates: [{name: %s, service: {...}}]"


def table(templates, report):
    """{name: Part of a template}; a name that stands twice is a problem."""
    found = {}
    for part in templates:
        name = part.get("name")
        if name in found:
            report.problem(part.at("name"), "names two templates", "Choose another name", name)
        elif name is not None:
            found[name] = part
    return found


def find(part, known, whole, report):
    """The service of the template that a Part names, None after a problem; whole: all templates could be read."""
    name = part.get("template")
    if name in known:
        service = known[name].get("service")
        return service if service is None or not service.bad else None
    if whole:
        advice = suggestion(name, known) if known else FIRST % name
        report.problem(part.at("template"), "no such template", advice, name)
    return None


def merged(template, part):
    """A Part: mappings that both have are merged key by key, of all else the service's own is taken, a list whole."""
    made = Part(part.place, part, part.places, part.bad)
    for key, value in template.items():
        if key in part.bad:
            continue
        if key not in part:
            made[key], made.places[key] = value, template.at(key)
        elif isinstance(value, Part) and isinstance(part[key], Part):
            made[key] = merged(value, part[key])
        elif isinstance(value, dict) and isinstance(part[key], dict):
            made[key] = {**value, **part[key]}
    return made
