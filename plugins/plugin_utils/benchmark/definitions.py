# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is compared, as data: measures (a tool, what of its output counts) and comparisons (two sides that differ).

Read, held against the tables below, and completed; all faults at once, with their paths. An operator adds measures and
comparisons in the inventory; nothing here knows a tool.
"""

from __future__ import annotations

import re

from ...module_utils.errors import Problem, ProblemsError
from ...module_utils.suggest import advice

# key: (kind, default); None: it has to be given; ...: it may be left out, and is None then.
MEASURE = {
    "title": (str, None),
    "unit": (str, None),
    "better": (("more", "less"), None),
    "server": (list, None),
    "client": (list, None),
    "read": (dict, None),
    "rdma": (bool, False),
}
READ = {"json": (str, ...), "pattern": (str, ...), "per": (str, ...), "factor": (float, 1.0)}
COMPARISON = {
    "title": (str, None),
    "measure": (str, ""),
    "a": (dict, None),
    "b": (dict, None),
    "runs": (int, 12),
    "warmup": (int, 1),
    "seconds": (int, 3),
    "noise": (int, 0),
    "apart": (bool, False),
    "minimum_effect": (float, 5.0),
    "resolution": (float, 20.0),
}
SIDE = {
    "name": (str, None),
    "measure": (str, ""),
    "path": (("basic", "dual", "accelerated"), "basic"),
    "network": (str, ""),
    "rdma": (bool, False),
    "cpus": (("shared", "pinned", "near", "far"), "shared"),
    "cpu": (int, 1),
    "memory": (str, "128Mi"),
}
BOUNDS = {
    "runs": (1, 200),
    "warmup": (0, 20),
    "seconds": (1, 600),
    "noise": (0, 256),
    "minimum_effect": (0.0, 100.0),
    "resolution": (1.0, 1000.0),
    "cpu": (1, 256),
}
WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a mapping",
}
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?\Z")
PLACES = ("{address}", "{seconds}")


def read(*catalogues):
    """{"measures": {name: measure}, "comparisons": {name: comparison}}, complete; the later catalogue wins by name.

    Raises ProblemsError with all that is wrong."""
    problems = []
    merged = {"measures": {}, "comparisons": {}}
    for catalogue in catalogues:
        for kind, known in _mapping(catalogue, "", problems).items():
            if kind not in merged:
                problems.append(Problem(str(kind), "unknown key", advice(kind, merged)))
            else:
                merged[kind].update(_mapping(known, kind, problems))
    found = {
        "measures": {name: _measure(one, "measures.%s" % name, problems) for name, one in merged["measures"].items()},
        "comparisons": {},
    }
    for name, one in merged["comparisons"].items():
        found["comparisons"][name] = _comparison(name, one, found["measures"], problems)
    if problems:
        raise ProblemsError(problems, "benchmark")
    return found


def _mapping(given, path, problems):
    if given is None or isinstance(given, dict):
        return given or {}
    problems.append(Problem(path or "catalogue", "is not a mapping", "Write names and what they are", given))
    return {}


def _table(given, table, path, problems):
    """All keys of a table, checked; {} for what is no mapping."""
    given = _mapping(given, path, problems)
    for key in given:
        if key not in table:
            problems.append(Problem("%s.%s" % (path, key), "unknown key", advice(key, table)))
    found = {}
    for key, (kind, default) in table.items():
        where, value = "%s.%s" % (path, key), given.get(key)
        if value is None:
            if default is None:
                problems.append(Problem(where, "is missing", "Write %s" % _wanted(kind)))
            found[key] = None if default in (None, ...) else default
        else:
            found[key] = _value(value, kind, where, problems)
    return found


def _wanted(kind):
    return " or ".join(kind) if isinstance(kind, tuple) else WORDS[kind]


def _value(value, kind, where, problems):
    if isinstance(kind, tuple):
        right = value in kind
    elif kind in (int, float):
        right = isinstance(value, (int, kind)) and not isinstance(value, bool)
    else:
        right = isinstance(value, kind) and value not in ("", [], {})
    if not right:
        problems.append(Problem(where, "is not %s" % _wanted(kind), "Write %s" % _wanted(kind), value))
        return kind[0] if isinstance(kind, tuple) else kind()
    bounds = BOUNDS.get(where.rsplit(".", 1)[-1])
    if bounds and not bounds[0] <= value <= bounds[1]:
        problems.append(Problem(where, "is out of bounds", "Write %g to %g" % bounds, value))
    return [str(word) for word in value] if kind is list else value


def _measure(given, path, problems):
    found = _table(given, MEASURE, path, problems)
    found["read"] = _table(found["read"], READ, path + ".read", problems)
    if (found["read"]["json"] is None) == (found["read"]["pattern"] is None):
        what = "needs either json or pattern"
        problems.append(Problem(path + ".read", what, "Write json: a.b.c, or pattern: a regular expression"))
    for key in ("pattern", "per"):
        _pattern(found["read"][key], "%s.read.%s" % (path, key), problems)
    for word in found["client"] or ():
        for place in re.findall(r"\{\w*\}", word):
            if place not in PLACES:
                problems.append(Problem(path + ".client", "nobody fills in %s" % place, advice(place, PLACES), word))
    return found


def _pattern(text, where, problems):
    if text is None:
        return
    try:
        groups = re.compile(text).groups
    except re.error as error:
        problems.append(Problem(where, "is no regular expression: %s" % error, "Mend it", text))
        return
    if groups != 1:
        problems.append(Problem(where, "has %d groups" % groups, "Put the number, and only it, in ( )", text))


def _comparison(name, given, measures, problems):
    path = "comparisons.%s" % name
    if not NAME.match(str(name)):
        what = "is no name of pods"
        problems.append(Problem(path, what, "Write at most 24 small letters, digits and hyphens", name))
    found = _table(given, COMPARISON, path, problems)
    for side in ("a", "b"):
        found[side] = _side(found[side], found["measure"], "%s.%s" % (path, side), (measures, problems))
    used = [measures[found[side]["measure"]] for side in ("a", "b") if found[side]["measure"] in measures]
    if len(used) == 2 and any(used[0][key] != used[1][key] for key in ("unit", "better")):
        what = "the measures of a and b have not the same unit and direction"
        problems.append(Problem(path, what, "Compare what can be compared", [one["unit"] for one in used]))
    if found["a"]["name"] and found["a"]["name"] == found["b"]["name"]:
        problems.append(Problem(path + ".b.name", "is the name of a, too", "Call them differently", found["b"]["name"]))
    return found


def _side(given, measure, path, around):
    measures, problems = around
    found = _table(given, SIDE, path, problems)
    found["measure"] = found["measure"] or measure
    if found["measure"] not in measures:
        what = "there is no such measure" if found["measure"] else "is missing"
        problems.append(Problem(path + ".measure", what, advice(found["measure"], measures), found["measure"] or None))
    elif measures[found["measure"]]["rdma"] and not found["rdma"]:
        what = "the measure needs an RDMA device"
        problems.append(Problem(path + ".rdma", what, "Write path: accelerated, rdma: true"))
    if found["rdma"] and found["path"] != "accelerated":
        problems.append(Problem(path + ".path", "has no RDMA", "Write path: accelerated", found["path"]))
    if found["cpus"] in ("near", "far") and found["path"] != "accelerated":
        what = "there is no device that CPUs could be %s" % found["cpus"]
        problems.append(Problem(path + ".cpus", what, "Write path: accelerated", found["path"]))
    if found["network"] and found["path"] == "basic":
        problems.append(Problem(path + ".network", "the overlay is in none", "Leave it out", found["network"]))
    return found
