# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What services were promised and what their pods got, as the page shows it: the rows of services/proof.json."""

from __future__ import annotations

from ..proof import shown
from .reader import SERVICES

TOLD = ("findings", "notes", "traffic")


def services(files):
    """{"state", "fault", "time", "equal", "findings", "notes", "traffic", "rows"} of reader.read's files; state
    "missing" for none. A row: service, replica, container, pod, equal, and promised and achieved as words by aspect."""
    saved = files.get(SERVICES, {"state": "missing", "fault": None, "time": None, "data": None})
    told = {"state": saved["state"], "fault": saved["fault"], "time": saved["time"], "equal": None, "rows": []}
    told.update({key: [] for key in TOLD})
    if saved["state"] != "read":
        return told
    data = saved["data"]
    try:
        rows = [_row(one) for one in data["rows"]]
        lists = {key: [str(line) for line in data.get(key) or ()] for key in TOLD}
        return dict(told, rows=rows, equal=bool(data["equal"]), **lists)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        fault = "%s: it is not what playbook service writes: %r" % (SERVICES, error)
        return dict(told, state="unreadable", fault=fault)


def _row(one):
    return {
        "service": "%(namespace)s/%(service)s" % one,
        "replica": one["replica"],
        "container": one["container"],
        "pod": one["pod"],
        "equal": all(one["equal"].values()),
        "promised": shown.words_of(one["promised"]),
        "achieved": shown.words_of(one["achieved"]),
    }
