# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What discover, plan and verify saved: the files of a facts folder with the times at which they were written."""

from __future__ import annotations

import datetime
import json
import os
import re

TOPOLOGY = ".topology.json"
# The key of a testbed file that names another one, as docs/testbed.md has it.
INCLUDE = re.compile(r"""(?m)^include:[ ]*["']?([^"'#\n]+?)["']?[ ]*(?:#.*)?$""")
SINGLE = ("plan.json", "verify.json")
# Not among the sources until there is one: a region need not compare anything.
BENCHMARK = os.path.join("benchmark", "benchmark.json")
# Nor need there be services.
SERVICES = os.path.join("services", "proof.json")


def read(folder, nodes, asked=()):
    """{"files": {name: file}, "asked": file or None}: never fails for what is missing or damaged.

    A file is {"state": "read" | "missing" | "unreadable", "fault", "time" (UTC, "2026-11-24 10:12:03Z"), "data"}.
    files: plan.json, verify.json, NODE.topology.json of each node, benchmark/benchmark.json and services/proof.json
    where they are there.
    asked: the files in which the testbed is asked for; the newest counts, files of a folder too; its data is None."""
    names = list(SINGLE) + [node + TOPOLOGY for node in nodes]
    names += [name for name in (BENCHMARK, SERVICES) if os.path.exists(os.path.join(folder, name))]
    newest = max((path for place in asked for path in _files(place)), key=_written, default=None)
    return {
        "files": {name: _file(os.path.join(folder, name)) for name in names},
        "asked": None if newest is None else {"path": newest, "time": stamp(_written(newest))},
    }


def stamp(seconds):
    """Seconds since 1970 as "2026-11-24 10:12:03Z", which sorts as text."""
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%SZ")


def _written(path):
    return os.stat(path).st_mtime


def _files(place):
    """The place itself where it is a file, with the file that it includes; else all files below it."""
    if not os.path.isfile(place):
        found = [os.path.join(base, name) for base, dummy, names in os.walk(place) for name in names]
        return [path for path in found if os.path.isfile(path)]
    with open(place, encoding="utf-8", errors="replace") as opened:
        included = INCLUDE.search(opened.read())
    beside = os.path.join(os.path.dirname(place), included.group(1)) if included else place
    return [place, os.path.normpath(beside)] if included and os.path.isfile(beside) else [place]


def _file(path):
    try:
        with open(path, encoding="utf-8") as opened:
            time = stamp(os.fstat(opened.fileno()).st_mtime)
            data = json.load(opened)
    except FileNotFoundError:
        return {"state": "missing", "fault": None, "time": None, "data": None}
    except (OSError, ValueError) as error:
        return {"state": "unreadable", "fault": "%s: %s" % (path, error), "time": None, "data": None}
    if not isinstance(data, dict):
        return {"state": "unreadable", "fault": "%s: is no JSON object" % path, "time": None, "data": None}
    told = data.get("time")  # a file that is written only where its text differs may tell when it was last right
    return {"state": "read", "fault": None, "time": told if isinstance(told, str) and told else time, "data": data}
