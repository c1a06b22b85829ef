# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The result of a comparison as a document, out of what its runs have put out; results as table, JSON and pictures."""

from __future__ import annotations

import json

from ..render import comparison as picture
from ..render.text_table import text_table
from . import readings, verdict
from .order import SIDES

FORMAT = 1
AMOUNTS = ("median", "q1", "q3", "iqr", "least", "most")
LIMITS = "Ratios between sides of one testbed. Under emulation the absolute figures say nothing about hardware."
ADVICE = {
    verdict.DIFFERENCE: "Run it again: the conclusion has to stay.",
    verdict.NONE: "That none was seen does not say that there is none below the limit that is named.",
    verdict.UNDECIDED: "Raise runs, or look for what disturbs the runs.",
}


def result(planned, outputs, time=""):
    """The document of one comparison. planned: of pods.plan; outputs: in the order of the schedule, what the client
    said, None for a run that failed; time: "2026-11-29 02:10:11Z". Raises EngineError where samples are none."""
    comparison, samples = planned["comparison"], []
    for step, output in zip(planned["schedule"], outputs):
        value, why = readings.value(output or "", planned["read"][step["side"]])
        samples.append(dict(step, value=value, **({"why": why} if why else {})))
    names = {side: comparison[side]["name"] for side in SIDES}
    limits = comparison["minimum_effect"], comparison["resolution"]
    judged = verdict.judge(samples, names, planned["better"], *limits)
    for found in judged["sides"].values():
        found["words"] = {key: picture.amount(found[key], planned["unit"]) for key in AMOUNTS}
    return {
        "format": FORMAT,
        "name": planned["name"],
        "title": comparison["title"],
        "time": time,
        "unit": planned["unit"],
        "direction": "%s is better" % planned["better"],
        "measures": planned["measures"],
        "asked": {side: {key: value for key, value in comparison[side].items() if value} for side in SIDES},
        "noise": comparison["noise"],
        **judged,
        "advice": ADVICE[judged["verdict"]],
        "limits": LIMITS,
        "samples": samples,
    }


def table(results):
    """Text for a terminal: a line for each side, the verdict below."""
    parts = []
    for one in results:
        rows = [_row(one, side) for side in SIDES]
        head = ["side", "measure", "runs", "median", "quartiles", "least to most"]
        lines = ["%s (%s)" % (one["title"], one["direction"]), text_table(head, rows), "=> " + one["text"]]
        parts.append("\n".join(lines + ["   note: " + note for note in one["notes"]]))
    return "\n\n".join(parts + ([LIMITS] if results else ["Nothing was compared."])) + "\n"


def _row(one, side):
    found = one["sides"][side]
    said = found["words"]
    quartiles, extremes = (
        "%s to %s" % (said[low], said[high]) if found["runs"] else "" for low, high in (("q1", "q3"), ("least", "most"))
    )
    return [found["name"], one["measures"][side], found["runs"], said["median"], quartiles, extremes]


def files(results, before=""):
    """{file name: text}: benchmark.json with all results, those of before (its old text) that were not made anew too,
    benchmark.txt, and NAME.svg of each new one."""
    known = {one["name"]: one for one in _before(before)}
    known.update({one["name"]: one for one in results})
    document = {"format": FORMAT, "limits": LIMITS, "results": [known[name] for name in sorted(known)]}
    made = {
        "benchmark.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
        "benchmark.txt": table(document["results"]),
    }
    made.update({"%s.svg" % one["name"]: picture.chart(one) for one in results})
    return made


def _before(text):
    """The results of an earlier run; none where the file is no such document."""
    try:
        found = json.loads(text) if text.strip() else {}
        return [one for one in found["results"] if one["format"] == FORMAT] if found else []
    except (ValueError, KeyError, TypeError):
        return []
