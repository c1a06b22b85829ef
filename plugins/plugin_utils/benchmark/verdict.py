# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The verdict on a comparison: a difference, none seen, or too little to say. Pure.

Runs come in pairs (see order). In a pair, the second run over the first shows the sides' ratio and the drift of that
moment; where the pair is turned around, the inverse ratio and the same drift. Half of the shift between the two kinds
of pair (logarithms, see intervals) is the ratio without the drift: the analysis of a crossover trial (Koch 1972).

  difference   the interval of the ratio leaves out 1, and the ratio is not below the minimum effect
  none         the interval would have shown a difference as large as the resolution, and does not
  undecided    everything else: too few runs, too many that failed, too much noise; with the runs that would do

A difference is claimed by mistake in at most one of twenty comparisons (tests/unit/benchmark/test_simulations.py).
"""

from __future__ import annotations

import math

from . import intervals
from . import samples as runs
from .order import SIDES

DIFFERENCE, NONE, UNDECIDED = "difference", "none", "undecided"
FEWEST_PAIRS = 2 * intervals.FEWEST
MOST_FAILED = 0.2  # of the runs: more of them say that something is broken, not how fast it is
ROOM = 1.5  # the interval's own middle varies, too: it has to be that much narrower than the resolution


def judge(samples, sides=None, better="more", minimum_effect=5, resolution=20):
    """{"verdict", "text", "ratio": {"estimate", "low", "high"} of a over b, "better": side or None, "runs_needed",
    "sides": {side: {...}}, "drift", "outliers", "failed", "warmup", "notes"}.

    samples: as samples.read takes them; sides: {"a": name, "b": name}; better: "more" or "less" of the value;
    minimum_effect, resolution: in percent. Raises EngineError for samples that are none."""
    names = sides or {side: side for side in SIDES}
    read = runs.read(samples)
    ratio = ratio_of(read["pairs"])
    found = {
        "ratio": ratio,
        "sides": {side: dict(runs.side(read["kept"], side), name=names[side]) for side in SIDES},
        "drift": runs.drift(read["kept"]),
        "outliers": runs.outliers(read["kept"]),
        "failed": len(read["failed"]),
        "warmup": read["warmup"],
        "better": None,
        "runs_needed": None,
    }
    found.update(decide(read, ratio, names, (minimum_effect, resolution)))
    if found["verdict"] == DIFFERENCE:
        found["better"] = SIDES[0] if (ratio["estimate"] > 1) == (better == "more") else SIDES[1]
    return dict(found, notes=_notes(found, names))


def ratio_of(pairs):
    """{"estimate", "low", "high"} of a over b; pairs: as samples.read gives them."""
    grown = {side: [second - first for one, first, second in pairs if one == side] for side in SIDES}
    # In pairs that begin with b the second run is a.
    estimate, low, high = intervals.shift(grown["b"], grown["a"])
    return {
        name: None if value is None else math.exp(value / 2)
        for name, value in (("estimate", estimate), ("low", low), ("high", high))
    }


def decide(read, ratio, names, limits):
    """{"verdict", "text", "runs_needed"}. read: of samples.read; limits: (minimum effect, resolution) in percent."""
    minimum_effect, resolution = limits
    if len(read["failed"]) > MOST_FAILED * read["runs"]:
        text = "%d of %d runs failed: find out why before anything is compared" % (len(read["failed"]), read["runs"])
        return {"verdict": UNDECIDED, "text": text}
    if ratio["low"] is None:
        text = "too few runs: %d whole pairs, and at least %d are needed" % (len(read["pairs"]), FEWEST_PAIRS)
        return {"verdict": UNDECIDED, "text": text, "runs_needed": FEWEST_PAIRS}
    apart = not ratio["low"] <= 1 <= ratio["high"]
    if apart and _above(ratio["estimate"]) >= minimum_effect:
        return {"verdict": DIFFERENCE, "text": _times(ratio, names)}
    worst = max(_above(ratio["low"]), _above(ratio["high"]))
    if worst <= resolution:
        text = "no difference seen (one of more than %s would have been)" % percent(max(worst, minimum_effect))
        if apart:
            text = "no difference of %s or more seen: %s" % (percent(minimum_effect), _times(ratio, names))
        return {"verdict": NONE, "text": text}
    needed = _needed(ratio, len(read["pairs"]), resolution)
    text = "too noisy to say: %s; about %d runs of each side are needed" % (_between(ratio, names), needed)
    return {"verdict": UNDECIDED, "text": text, "runs_needed": needed}


def _above(ratio):
    """By how many percent the larger of two is above the smaller."""
    return (max(ratio, 1 / ratio) - 1) * 100


def _needed(ratio, pairs, resolution):
    """The interval narrows with the root of the runs; whole fours of pairs, for the sake of the order."""
    half = math.log(ratio["high"] / ratio["low"]) / 2
    wanted = math.log1p(resolution / 100) / ROOM
    return max(4 * math.ceil(pairs * (half / wanted) ** 2 / 4), 4 * (pairs // 4 + 1))


def percent(value):
    """ "7 %" or "0.4 %"."""
    return "%s %%" % ("%.1f" % value if value < 1 else "%.0f" % math.ceil(value))


def _times(ratio, names):
    """ "sriov is 1.8 to 2.1 times overlay": the larger one first."""
    first, second, low, high = names["a"], names["b"], ratio["low"], ratio["high"]
    if ratio["estimate"] < 1:
        first, second, low, high = second, first, 1 / high, 1 / low
    return "%s is %s times %s" % (first, span(low, high), second)


def _between(ratio, names):
    return "%s is between %s times %s" % (names["a"], span(ratio["low"], ratio["high"], "and"), names["b"])


def span(low, high, word="to"):
    """ "1.8 to 2.1", with as many digits as tell the two apart."""
    digits = min(4, max(1, math.ceil(-math.log10(max(high - low, 1e-4)) + 0.3)))
    return "%.*f %s %.*f" % (digits, low, word, digits, high)


def _notes(found, names):
    notes = []
    if found["drift"]["seen"]:
        change = found["drift"]["percent"]
        notes.append("the values drifted by %+.0f %% during the runs; their order takes that out of the ratio" % change)
    for one in found["outliers"]:
        where = (one["run"], names[one["side"]], one["percent"])
        notes.append("run %d of %s stands out (%+.0f %% of its median) and is counted like all others" % where)
    if found["failed"]:
        notes.append("%d runs failed; the pairs that they were in are left out" % found["failed"])
    return notes
