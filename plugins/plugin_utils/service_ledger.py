# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a testbed promised to services: kept between runs, so that what runs keeps its place and its addresses. Pure."""

from __future__ import annotations

import json

from ..module_utils.errors import EngineError, Problem, ProblemsError
from ..module_utils.placement.notes import title
from ..module_utils.suggest import nearest

EMPTY = {"sources": {}, "services": [], "meshes": [], "placements": [], "addresses": []}
KINDS = ("services", "meshes")
FILE = "services.json"
RESTORE = "Restore it from a copy, or remove it: then what runs is placed anew"


def take(ledger, normal, source):
    """{"ledger": that of merge, "gone": names of the services that are taken away, with their namespaces, "notes":
    [{path, what, was, now}] as normalisation has them}."""
    old = read(ledger)
    merged = merge(old, normal, source)
    left = {_key("services", item) for item in merged["services"]}
    gone = [_key("services", item) for item in old["services"]]
    nothing = source not in old["sources"] and source not in merged["sources"]
    return {
        "ledger": merged,
        "gone": [title(*key[1:]) for key in gone if key not in left],
        "notes": [_nothing(old, source)] if nothing else [],
    }


def _nothing(old, source):
    """A source that is to be taken away, and of which there is nothing: most likely its name is mistyped."""
    what = "nothing to take away: the ledger has no services of it. "
    hit = nearest(source, old["sources"])
    what += 'Did you mean "%s"? ' % hit if hit else ""
    what += "It has those of %s" % ", ".join(sorted(old["sources"])) if old["sources"] else "It is empty"
    return {"path": source or "service_file", "what": what, "was": None, "now": None}


def merge(ledger, normal, source):
    """The ledger with the services and meshes of one source in place of those that it had before.

    ledger: that of the last run, or its text, or {}; normal: {"services", "meshes"} in normal form, both empty to
    remove the source; source: its name. Placements and addresses of services that are gone are left out.
    Raises EngineError."""
    old = read(ledger)
    own = [tuple(key) for key in old["sources"].get(source, [])]
    new = [_key(kind, item) for kind in KINDS for item in normal[kind]]
    _refuse_strangers(old, own, new, source)
    merged = {kind: [item for item in old[kind] if _key(kind, item) not in own] + normal[kind] for kind in KINDS}
    sources = dict(old["sources"], **{source: [list(key) for key in new]})
    if not new:
        del sources[source]
    there = {(item["namespace"], item["name"]) for item in merged["services"]}
    return {
        "sources": dict(sorted(sources.items())),
        **{kind: sorted(items, key=lambda item: (item["namespace"], item["name"])) for kind, items in merged.items()},
        "placements": [row for row in old["placements"] if (row["namespace"], row["service"]) in there],
        "addresses": [row for row in old["addresses"] if (row["namespace"], row["service"]) in there],
    }


def _key(kind, item):
    return (kind, item["namespace"], item["name"])


def _refuse_strangers(old, own, new, source):
    owners = {tuple(key): name for name, keys in old["sources"].items() for key in keys if name != source}
    taken = [key for key in new if key in owners and key not in own]
    if taken:
        what = "the name is taken by a service of %s"
        advice = "Choose another name or namespace, or remove that one first (service_state=absent)"
        raise ProblemsError([Problem("%s.%s.%s" % key, what % owners[key], advice) for key in taken], where=source)


def read(ledger):
    """The ledger with all its keys, of a mapping or of the text of its file. Raises EngineError for what is none."""
    if isinstance(ledger, str):
        ledger = _parsed(ledger)
    if not isinstance(ledger, dict):
        raise EngineError("is no ledger of services: it is no mapping", FILE, RESTORE)
    unknown = sorted(str(key) for key in set(ledger) - set(EMPTY))
    if unknown:
        raise EngineError("is no ledger of services: it has %s" % ", ".join(unknown), FILE, RESTORE)
    if set(ledger) not in (set(), set(EMPTY)):
        missing = ", ".join(sorted(set(EMPTY) - set(ledger)))
        raise EngineError("is no ledger of services: it lacks %s" % missing, FILE, RESTORE)
    wrong = [key for key in EMPTY if not isinstance(ledger.get(key, EMPTY[key]), type(EMPTY[key]))]
    if wrong:
        raise EngineError("is no ledger of services: %s is broken" % ", ".join(wrong), FILE, RESTORE)
    return dict(EMPTY, **ledger)


def _parsed(text):
    """What the file says; nothing where there is none yet."""
    try:
        return json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise EngineError("is no ledger of services: %s" % error, FILE, RESTORE) from None
