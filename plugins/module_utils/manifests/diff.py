# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a cluster has against what it should have, leaving out what servers add by themselves.

A key that we write must be there with our value; a key that only the cluster has is the cluster's own, but for maps
that are wholly ours (requests, data, selectors), our own labels and annotations, named items of a list, and what a
former `kubectl apply` recorded as applied.
"""

from __future__ import annotations

import json

from ..object_list import checked
from ..quantities import amount
from . import names

CREATE, UPDATE, DELETE = "create", "update", "delete"
WHOLE = ("requests", "limits", "matchLabels", "data", "nodeSelector")
OURS = ("gedge.io/", "k8s.v1.cni.cncf.io/networks", "k8s.v1.cni.cncf.io/resourceName", "sidecar.istio.io/")
LAST = "kubectl.kubernetes.io/last-applied-configuration"
# What a server leaves out when it writes an object.
EMPTY = ("", None, False, [], {})


def diff(present, wanted):
    """[{change, kind, namespace, name, fields: [{path, was, now}]}], in the order in which they are to be done.

    present: objects of a cluster, all of them or those that we manage; wanted: what build() made. Objects of others
    are left alone. Raises EngineError.
    """
    have = {names.identity(one): one for one in checked(present, "the first list")}
    want = {names.identity(one): one for one in checked(wanted, "wanted")}
    found = []
    for key, ours in sorted(want.items(), key=lambda pair: names.order(pair[1])):
        if key not in have:
            found.append(_change(CREATE, ours, []))
            continue
        fields = list(_compare(ours, have[key], "", _last(have[key])))
        if fields:
            found.append(_change(UPDATE, ours, fields))
    left = [one for key, one in have.items() if key not in want and _managed(one)]
    # What refers to others goes first.
    return found + [_change(DELETE, one, []) for one in sorted(left, key=names.order, reverse=True)]


def _change(change, one, fields):
    kind, namespace, name, dummy = names.identity(one)
    return {"change": change, "kind": kind, "namespace": namespace, "name": name, "fields": fields}


def _managed(one):
    return (one["metadata"].get("labels") or {}).get(names.MANAGED_BY) == names.MANAGER


def _last(one):
    """What kubectl recorded as applied, {} where it did not."""
    try:
        last = json.loads((one["metadata"].get("annotations") or {})[LAST])
    except (KeyError, TypeError, ValueError):
        return {}
    return last if isinstance(last, dict) else {}


def _compare(ours, theirs, path, last):
    """Fields of ours that theirs has not, and of theirs that were ours and are no more."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from _compare_maps(ours, theirs, path, last if isinstance(last, dict) else {})
    elif isinstance(ours, list) and isinstance(theirs, list):
        yield from _compare_lists(ours, theirs, path, last if isinstance(last, list) else [])
    elif not same(ours, theirs, path):
        yield {"path": path, "was": theirs, "now": ours}


def _compare_maps(ours, theirs, path, last):
    for key, value in ours.items():
        where = "%s.%s" % (path, key) if path else str(key)
        if key in theirs:
            yield from _compare(value, theirs[key], where, last.get(key))
        elif not any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in EMPTY):
            yield {"path": where, "was": None, "now": value}
    whole = path.rpartition(".")[2] in WHOLE or path == "spec.selector"
    for key in theirs:
        if key not in ours and (whole or key in last or str(key).startswith(OURS)):
            yield {"path": "%s.%s" % (path, key), "was": theirs[key], "now": None}


def _compare_lists(ours, theirs, path, last):
    """Items with a name are the same by it; others by their place."""
    if ours and all(_named(one) for one in ours + theirs):
        have = {one["name"]: one for one in theirs}
        before = {one["name"]: one for one in last if _named(one)}
        for one in ours:
            where = "%s[%s]" % (path, one["name"])
            if one["name"] not in have:
                yield {"path": where, "was": None, "now": one}
            else:
                yield from _compare(one, have[one["name"]], where, before.get(one["name"]))
        for name in sorted(set(have) - {one["name"] for one in ours}):
            yield {"path": "%s[%s]" % (path, name), "was": have[name], "now": None}
    elif len(ours) != len(theirs):
        yield {"path": path, "was": theirs, "now": ours}
    else:
        for place, (one, other) in enumerate(zip(ours, theirs)):
            before = last[place] if place < len(last) else None
            yield from _compare(one, other, "%s[%d]" % (path, place), before)


def _named(one):
    return isinstance(one, dict) and isinstance(one.get("name"), str)


def same(ours, theirs, path=""):
    """Whether a server may have written ours as theirs: another form of a quantity, or a number as text."""
    if ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool):
        return True
    if ".resources." not in path or isinstance(ours, (dict, list)) or isinstance(theirs, (dict, list)):
        return False
    amounts = [quantity(str(one)) for one in (ours, theirs)]
    return amounts[0] is not None and amounts[0] == amounts[1]


def quantity(text):
    """The number that a quantity stands for, None for what is none."""
    try:
        return amount(text)
    except ValueError:
        return None
