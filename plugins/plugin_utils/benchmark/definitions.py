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
        where, written = "%s.%s" % (path, key), given.get(key)
        if written is None:
            if default is None:
                problems.append(Problem(where, "is missing", "Write %s" % _wanted(kind)))
            found[key] = None if default in (None, ...) else default
        else:
            found[key] = value(written, kind, where, problems, BOUNDS.get(key))
    return found


def _wanted(kind):
    return " or ".join(kind) if isinstance(kind, tuple) else WORDS[kind]


def value(given, kind, where, problems, bounds=None):
    """What is given, where it is of that kind and within the bounds (lowest, highest); else a problem is told."""
    if isinstance(kind, tuple):
        right = given in kind
    elif kind in (int, float):
        right = isinstance(given, (int, kind)) and not isinstance(given, bool)
    else:
        right = isinstance(given, kind) and given not in ("", [], {})
    if not right:
        problems.append(Problem(where, "is not %s" % _wanted(kind), "Write %s" % _wanted(kind), given))
        return kind[0] if isinstance(kind, tuple) else kind()
    if bounds and not bounds[0] <= given <= bounds[1]:
        problems.append(Problem(where, "is out of bounds", "Write %g to %g" % bounds, given))
    return [str(word) for word in given] if kind is list else given


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
        found[side] = _table(found[side], SIDE, "%s.%s" % (path, side), problems)
    _measures(found, path, measures, problems)
    for side in ("a", "b"):
        _side(found[side], "%s.%s" % (path, side), (measures, problems))
    used = [measures[found[side]["measure"]] for side in ("a", "b") if found[side]["measure"] in measures]
    if len(used) == 2 and any(used[0][key] != used[1][key] for key in ("unit", "better")):
        what = "the measures of a and b have not the same unit and direction"
        problems.append(Problem(path, what, "Compare what can be compared", [one["unit"] for one in used]))
    if found["a"]["name"] and found["a"]["name"] == found["b"]["name"]:
        problems.append(Problem(path + ".b.name", "is the name of a, too", "Call them differently", found["b"]["name"]))
    return found


def _measures(found, path, measures, problems):
    """Each side has its own measure or that of the comparison; a fault is told where it was written, and once."""
    asked = {}
    for side in ("a", "b"):
        asked["%s.%s" % (path, side) if found[side]["measure"] else path] = found[side]["measure"] or found["measure"]
        found[side]["measure"] = found[side]["measure"] or found["measure"]
    for place, name in asked.items():
        if name not in measures and place + ".measure" not in [problem.path for problem in problems]:
            what = "there is no such measure" if name else "is missing"
            problems.append(Problem(place + ".measure", what, advice(name, measures), name or None))


def _side(found, path, around):
    measures, problems = around
    if found["measure"] in measures and measures[found["measure"]]["rdma"] and not found["rdma"]:
        what = "the measure needs an RDMA device"
        problems.append(Problem(path + ".rdma", what, "Write path: accelerated, rdma: true"))
    if found["rdma"] and found["path"] != "accelerated":
        problems.append(Problem(path + ".path", "has no RDMA", "Write path: accelerated", found["path"]))
    if found["cpus"] in ("near", "far") and found["path"] != "accelerated":
        what = "there is no device that CPUs could be %s" % found["cpus"]
        problems.append(Problem(path + ".cpus", what, "Write path: accelerated", found["path"]))
    if found["network"] and found["path"] == "basic":
        problems.append(Problem(path + ".network", "the overlay is in none", "Leave it out", found["network"]))
