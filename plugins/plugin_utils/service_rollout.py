# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What to do so that a cluster has the objects of the services, and no longer those of services that are gone. Pure.

The record names what runs put there: nothing else is ever removed. It is written after objects are removed and before
others are made, so that a run that is cut off leaves nothing that the next one does not know."""

from __future__ import annotations

import json

from ..module_utils.errors import EngineError
from ..module_utils.manifests import diff, names
from ..module_utils.rollout.workloads import KINDS as WORKLOADS
from .render.text_table import text_table

FILE = "deployed.json"
# From here on in the order of kinds: what uses what comes before. It goes first.
USERS = names.RANK["Service"]


def rollout(present, wanted, record=None, leave=(), strangers=None):
    """{changes, apply, text, remove: {users, used}, workloads, gone, record, notes, table}.

    apply names the objects, text is their JSON: Ansible hands on one text much faster than hundreds of objects.

    present: the objects of the cluster that have our label; wanted: manifests; record: that of the last run, or its
    text; leave: kinds that are another's to make; strangers: {namespace: [what of others is in it]}.
    Raises EngineError."""
    wanted = [one for one in wanted if one["kind"] not in leave]
    before = {key(one): one for one in read(record)}
    have = {names.identity(one): one for one in present}
    want = {names.identity(one): one for one in wanted}
    ours = [one for one in present if names.identity(one) in want or names.identity(one) in before]
    rows = diff.diff(ours, wanted)
    touched = {(row["kind"], row["namespace"], row["name"]) for row in rows if row["change"] != diff.DELETE}
    apply = [one for one in sorted(wanted, key=names.order) if names.identity(one)[:3] in touched]
    kept = {name for name, inside in (strangers or {}).items() if inside}
    gone = [one for one in ours if names.identity(one) not in want]
    removed = [one for one in gone if not (one["kind"] == "Namespace" and one["metadata"]["name"] in kept)]
    users, used = _split(removed)
    # What was there before the first run is not ours to take away.
    recorded = {**before, **{names.identity(one): one for one in apply if names.identity(one) not in have}}
    return {
        "changes": [row for row in rows if row["change"] != diff.DELETE or _in(row, removed)],
        "apply": [bare(one) for one in apply],
        "text": json.dumps(apply),
        "remove": {"users": users, "used": used},
        "workloads": [_workload(one) for one in wanted if one["kind"] in WORKLOADS],
        "gone": [_workload(one) for one in removed if one["kind"] in WORKLOADS],
        "record": _sorted(one for name, one in recorded.items() if name in want or _stays(one, kept)),
        "notes": _notes(kept, gone, strangers or {}) + _notes_of_others(wanted, have, before),
        "table": _table(rows, removed),
    }  # fmt: skip


def _in(row, objects):
    return any(names.identity(one)[:3] == (row["kind"], row["namespace"], row["name"]) for one in objects)


def _stays(one, kept):
    return one["kind"] == "Namespace" and one["metadata"]["name"] in kept


def key(one):
    """Identity of an entry of the record."""
    return names.identity(one)


def read(record):
    """The entries of a record, or of its text ("" for none). Raises EngineError for what is none."""
    if isinstance(record, str):
        try:
            record = json.loads(record) if record.strip() else []
        except ValueError as error:
            raise EngineError("is no record of what was deployed: %s" % error, FILE, _RESTORE) from None
    entries = record or []
    if not isinstance(entries, list) or not all(_is_entry(one) for one in entries):
        raise EngineError("is no record of what was deployed", FILE, _RESTORE)
    return entries


_RESTORE = "Restore it from a copy, or remove it: then what was deployed stays until it is removed by hand"


def _is_entry(one):
    metadata = one.get("metadata") if isinstance(one, dict) else None
    return isinstance(metadata, dict) and all(
        isinstance(text, str) for text in (one.get("apiVersion"), one.get("kind"), metadata.get("name"))
    )


def bare(one):
    """What names an object: apiVersion, kind, name, namespace."""
    metadata = {name: one["metadata"][name] for name in ("name", "namespace") if one["metadata"].get(name)}
    return {"apiVersion": one["apiVersion"], "kind": one["kind"], "metadata": metadata}


def _sorted(objects):
    return [bare(one) for one in sorted(objects, key=names.order)]


def _split(objects):
    """(what uses others: it goes first, and its pods are waited for; what is used), each the last made first."""
    ordered = [bare(one) for one in sorted(objects, key=names.order, reverse=True)]
    users = [one for one in ordered if names.RANK.get(one["kind"], len(names.RANK)) >= USERS]
    return users, [one for one in ordered if one not in users]


def _workload(one):
    return {"kind": one["kind"], "namespace": one["metadata"].get("namespace", ""), "name": one["metadata"]["name"]}


def _notes(kept, gone, strangers):
    spaces = sorted(one["metadata"]["name"] for one in gone if one["kind"] == "Namespace")
    return [
        "namespace %s stays: it has %s of others" % (name, ", ".join(strangers[name][:5]))
        for name in spaces
        if name in kept
    ]


def _notes_of_others(wanted, have, before):
    """What has our label, and was there before this record."""
    found = [
        "%s %s" % (one["kind"], one["metadata"]["name"])
        for one in wanted
        if names.identity(one) in have and names.identity(one) not in before
    ]
    text = "%s were there before the first run of this ledger: they are kept right, and never removed"
    return [text % ", ".join(found[:5] + (["%d more" % (len(found) - 5)] if len(found) > 5 else []))] if found else []


def _table(rows, removed):
    shown = [
        [row["change"], row["kind"], row["namespace"] or "-", row["name"], ", ".join(_paths(row)) or "-"]
        for row in rows
        if row["change"] != diff.DELETE or _in(row, removed)
    ]
    if not shown:
        return "The cluster has all of it already."
    return text_table(["change", "kind", "namespace", "name", "fields"], shown)


def _paths(row):
    paths = [field["path"] for field in row["fields"]]
    return paths[:3] + (["%d more" % (len(paths) - 3)] if len(paths) > 3 else [])
