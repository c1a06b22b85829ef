# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Why one service is where it is: as data, as a table, as a picture."""

from __future__ import annotations

from ..module_utils.errors import EngineError
from ..module_utils.placement.explain import explain, is_fixed
from ..module_utils.suggest import advice
from .placement.run import place
from .render.data_path import picture
from .render.text_table import text_table

FORMS = ("data", "table", "svg")
HEADERS = ("", "node", "cost", "distance", "remote", "links", "edges", "move", "data path", "why")


def explained(services, nodes, service, namespace="default", replica=0, form="data", node=None, **options):
    """What filter placement_explain returns. Raises EngineError."""
    if form not in FORMS:
        raise EngineError("%r is no form" % (form,), "form", "Write one of %s" % ", ".join(FORMS))
    options.pop("reasons", None)
    allocations = options.pop("allocations", None)
    replica = _number(replica)
    outcome = place(services, nodes, allocations, **options)
    runs = is_fixed(outcome, service, namespace, replica)
    if runs:  # what would be if it could move
        outcome = place(_movable(services, service, namespace), nodes, allocations, **options)
    found = explain(outcome, service, namespace, replica, runs)
    if form == "table":
        return table(found)
    return _svg(outcome, found, node) if form == "svg" else found


def _movable(services, service, namespace):
    """The services, of which one may move."""
    listed = services["services"] if isinstance(services, dict) else services
    name = (namespace, service)
    return [
        dict(one, move=True) if (one.get("namespace") or "default", one.get("name")) == name else one for one in listed
    ]


def _number(replica):
    try:
        return int(replica)
    except (TypeError, ValueError):
        raise EngineError("%r is no number" % (replica,), "replica", "Write 0 for the first") from None


def table(found):
    """The candidates as text, the chosen one marked. Ends with a newline."""
    where = found["node"] or "no node"
    head = "%s, replica %d: %s. %s" % (found["service"], found["replica"], where, found["why"])
    rows = [_row(candidate) for candidate in found["candidates"]]
    parts = [head, text_table(HEADERS, rows)] if rows else [head]
    used = ["%s: %s." % (name, "; ".join(texts)) for name, texts in sorted(found["used"].items())]
    return "\n\n".join([*parts, *(["\n".join(used)] if used else [])]) + "\n"


def _row(candidate):
    parts = candidate["parts"] or {}
    figures = [parts.get(name) for name in ("distance", "remote", "shared_links", "edges", "move")]
    levels = [level for entry in candidate["entries"] for level in entry["distance"]["levels"]]
    ways = ", ".join("%(from)s %(level)s %(to)s" % level for level in levels)
    mark = "*" if candidate["chosen"] else ""
    return [mark, candidate["node"], candidate["cost"]] + figures + [ways, candidate["why"]]


def _svg(outcome, found, node):
    names = {one.name: one for one in outcome.board.nodes}
    name = node or found["node"]
    if name is None:
        raise EngineError("%s fits on no node" % found["service"], "node", "Name one, to see it without the service")
    if name not in names:
        raise EngineError('there is no node "%s"' % (name,), "node", advice(name, names))
    entries = [entry for one in found["candidates"] if one["node"] == name for entry in one["entries"]]
    title = "%s on %s" % (found["service"], name) if entries else name
    return picture(names[name].topology, entries, title)
