# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A placement as text for the terminal: who is where with what, what found no place, what was read otherwise. Pure."""

from __future__ import annotations

from ..module_utils.placement.notes import title
from .render.text_table import text_table

HEAD = ["service", "replica", "container", "node", "NUMA", "CPUs", "devices", "distance", "levels"]


def table(placed, notes=(), gone=()):
    """placed: a result of filter placement, whose own notes are told too; notes: [{path, what, was, now}] of
    normalisation; gone: names of services that were taken away."""
    rows = [_row(entry) for entry in placed["placements"]]
    parts = [text_table(HEAD, rows)] if rows else []
    parts += ["%s: %s" % (note["path"], _note(note)) for note in notes]
    parts += ["%(path)s: %(what)s. %(advice)s." % note for note in placed["notes"]]
    parts += [
        "%s, replica %d: %s. %s" % (title(row["namespace"], row["service"]), row["replica"], row["what"], row["advice"])
        for row in _failed(placed)
    ]
    parts += ["Taken away: %s." % ", ".join(gone)] if gone else []
    return "\n\n".join([*parts, _closing(placed)])


def _row(entry):
    levels = " ".join(sorted({level["level"] for level in entry["distance"]["levels"]}))
    moved = " (moved from %s)" % entry["moved_from"] if entry["moved_from"] else ""
    return [
        title(entry["namespace"], entry["service"]),
        str(entry["replica"]),
        entry["container"],
        entry["node"] + moved,
        ",".join(map(str, entry["numa_nodes"])) or "-",
        entry["cpus"] or "shared",
        " ".join(_device(device) for device in entry["devices"]) or "-",
        "%g" % entry["distance"]["weight"],
        levels or "-",
    ]


def _device(device):
    of = " (%s VF %d)" % (device["network"], device["vf"]) if device.get("vf") is not None else ""
    return "%s %s%s" % (device["resource"], device["address"], of)


def _note(note):
    return "%s (%s -> %s)" % (note["what"], note["was"], note["now"]) if note["was"] is not None else note["what"]


def _failed(placed):
    return sorted(placed["failed"], key=lambda row: (row["namespace"], row["service"], row["replica"]))


def _closing(placed):
    pods = {(row["namespace"], row["service"], row["replica"]) for row in placed["placements"]}
    nodes = {row["node"] for row in placed["placements"]}
    text = "%d pods on %d nodes, %s" % (len(pods), len(nodes), placed["method"])
    text += ", weight %g" % placed["objective"]["weight"]
    return text + (". No place for %d." % len(placed["failed"]) if placed["failed"] else ".")
