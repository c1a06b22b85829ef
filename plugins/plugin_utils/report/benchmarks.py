# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the proof tool found, as the page shows it: the results in benchmark.json that it can draw."""

from __future__ import annotations

from ..render.comparison import chart
from .reader import BENCHMARK

WORDS = {"difference": "a difference", "none": "no difference seen", "undecided": "undecided"}
PLAIN = ("name", "title", "time", "unit", "direction", "text", "advice", "limits", "notes")
SIDE = ("name", "runs", "median", "q1", "q3", "least", "most", "words")


def benchmarks(files):
    """{"state", "fault", "time", "results": [result, with "word"]} of reader.read's files; state "missing" for none."""
    saved = files.get(BENCHMARK, {"state": "missing", "fault": None, "time": None, "data": None})
    told = {"state": saved["state"], "fault": saved["fault"], "time": saved["time"], "results": []}
    if saved["state"] != "read":
        return told
    try:
        return dict(told, results=[_result(one) for one in saved["data"]["results"]])
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        fault = "%s: it is not what playbook benchmark writes: %r" % (BENCHMARK, error)
        return dict(told, state="unreadable", fault=fault)


def _result(one):
    chart(one)  # what cannot be drawn is not shown either
    made = {key: one[key] for key in PLAIN}
    sides = {side: {key: one["sides"][side][key] for key in SIDE} for side in ("a", "b")}
    for side, found in sides.items():
        found["measure"] = one["measures"][side]
    ratio = {key: one["ratio"][key] for key in ("estimate", "low", "high")}
    samples = [{key: run.get(key) for key in ("run", "side", "warmup", "value")} for run in one["samples"]]
    return dict(made, word=WORDS[one["verdict"]], sides=sides, ratio=ratio, samples=samples)
