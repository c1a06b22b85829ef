# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The page: one HTML document that needs nothing from anywhere, made of the report's document and nothing else."""

from __future__ import annotations

import base64
import hashlib

from ..render.comparison import chart
from ..render.heatmap import heatmap
from . import drawing, wiring
from .words import words

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup
except ImportError:  # not without Ansible, which brings them
    Environment = FileSystemLoader = StrictUndefined = Markup = None

MOST_STEPS, MOST_SOURCES = 200, 60
# Nothing is loaded from anywhere, and no script runs but the one whose hash this is.
POLICY = "default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'"


def page(report, limit, folder):
    """HTML text of a model.Report. limit: as in model.build; so many nodes are drawn in the wiring too.

    folder: where the templates (page.j2 and its parts), report.css and report.js are."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (environment.loader.get_source(environment, name)[0] for name in ("report.css", "report.js"))
    document = report.document
    figures = Figures(document)
    environment.globals.update(
        d=document,
        key=drawing.pointer,
        fig=figures.fig,
        fig_at=figures.fig_at,
        when=figures.when,
        when_at=figures.when_at,
    )
    style += _vlan_style(document)
    made = environment.get_template("page.j2").render(
        policy=POLICY % (_hash(style), _hash(script)),
        style=Markup(style),
        script=Markup(script),
        chart=lambda place: Markup(chart(document["benchmarks"]["results"][place])),
        heat=lambda name: _heat(name, report.views[name]),
        **_pictures(document, limit),
        **_steps(document),
    )
    return made.strip() + "\n"


class Figures:
    """Writes a value of the document, and with it the place where it stands there."""

    def __init__(self, document):
        self.document = document

    def fig(self, *parts):
        """<span data-key="/nodes/node1/found/cpus">80</span>."""
        return self._written(drawing.pointer(*parts))

    def fig_at(self, at, *parts):
        """The same below a place."""
        return self._written(at + drawing.pointer(*parts))

    def when(self, *parts):
        """A time, which the page's script follows with its age."""
        return self.when_at("", *parts)

    def when_at(self, at, *parts):
        """The same below a place."""
        place = at + drawing.pointer(*parts)
        told = drawing.resolve(self.document, place)
        attribute = str(told).replace(" ", "T", 1)
        return Markup('<time datetime="%s" data-key="%s">%s</time>') % (attribute, place, words(told))

    def _written(self, place):
        return Markup('<span data-key="%s">%s</span>') % (place, words(drawing.resolve(self.document, place)))


def _hash(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _vlan_style(document):
    """A class for each VLAN: style attributes in the page would need a weaker policy."""
    shades = drawing.colours(document["networks"], document["switches"])
    rules = [".vlan.v%d { background: %s; }" % (vlan, shade) for vlan, shade in shades.items() if isinstance(vlan, int)]
    return "\n".join([".vlan { background: %s; }" % drawing.NO_VLAN, *rules, ""])


def _heat(name, view):
    key = drawing.pointer("nodes", name, "distance", "level")
    return Markup(heatmap(view, "Resource distance of %s" % name, key))


def _pictures(document, limit):
    """The wiring, as far as it is drawn, and the number of cables that are not."""
    shades = drawing.colours(document["networks"], document["switches"])
    made, undrawn = [], 0
    for name, switch in document["switches"].items():
        cabled = {port["node"] for port in switch["ports"].values() if port["node"]}
        if len(made) >= max(limit, 1):
            undrawn += sum(1 for port in switch["ports"].values() if port["peer"])
            continue
        shown = set(sorted(cabled, key=drawing.natural)[:limit])
        undrawn += sum(1 for port in switch["ports"].values() if port["node"] in cabled - shown)
        made += wiring.pictures(name, switch, document["nodes"], shades, limit)
    return {"pictures": [(title, Markup(picture)) for title, picture in made], "undrawn": undrawn}


def _steps(document):
    """The steps of all nodes in one list; the page shows the first of them."""
    listed = [
        (name, place, step)
        for name, of_node in document["plan"]["nodes"].items()
        for place, step in enumerate(of_node["steps"])
    ]
    return {
        "first_steps": listed[:MOST_STEPS],
        "sources": _sources(document["sources"]),
        "findings": sum(len(rows) for rows in document["verification"]["findings"].values()),
    }


def _sources(found):
    """[(name, source)]: the first ones, and all that could not be read."""
    return [
        (name, source)
        for place, (name, source) in enumerate(found.items())
        if place < MOST_SOURCES or source["state"] != "read"
    ]
