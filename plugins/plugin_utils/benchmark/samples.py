# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the runs of two sides show: their values, whether they drifted, which stand out. Nothing is thrown away."""

from __future__ import annotations

import math
import statistics

from ...module_utils.errors import EngineError
from .order import SIDES

SURE = 2.576  # standard deviations: the drift test is wrong once in a hundred
FAR = 3.5  # robust standard deviations from the median of its side: what stands out
MAD = 1.4826  # times the median distance from the median: a standard deviation, for normal values


def read(samples):
    """{"pairs": [(first side, log of the first run's value, log of the second's)], "kept": [sample], "warmup": number
    left out, "failed": [sample]}.

    samples: [{"run", "side": "a" | "b", "value": number or None for a run that failed, "warmup": bool}] in the order of
    the runs; a pair of which a run failed is no pair. Raises EngineError where they are not in pairs."""
    measured = [sample for sample in samples if not sample.get("warmup")]
    for place, sample in enumerate(samples):
        _check(sample, "samples[%d]" % place)
    pairs = list(zip(measured[::2], measured[1::2]))
    for first, second in pairs:
        if {first["side"], second["side"]} != set(SIDES):
            where = "samples, runs %s and %s" % (first["run"], second["run"])
            raise EngineError("are of one side", where, "Run the sides in pairs, as order() gives them")
    whole = [pair for pair in pairs if all(sample["value"] is not None for sample in pair)]
    return {
        "pairs": [(first["side"], math.log(first["value"]), math.log(second["value"])) for first, second in whole],
        "kept": [sample for sample in measured if sample["value"] is not None],
        "warmup": len(samples) - len(measured),
        "failed": [sample for sample in measured if sample["value"] is None],
        "runs": len(measured),
    }


def _check(sample, where):
    if sample.get("side") not in SIDES:
        raise EngineError("there is no side %r" % sample.get("side"), where + ".side", "Write a or b")
    value = sample.get("value")
    if value is not None and not (isinstance(value, (int, float)) and 0 < value < math.inf):
        advice = "Measure something that is more than 0; a run that failed has null"
        raise EngineError("is no measured value: %r" % (value,), where + ".value", advice)


def side(kept, name):
    """Median, quartiles and extremes of a side; None for all where it has no value."""
    values = sorted(sample["value"] for sample in kept if sample["side"] == name)
    cuts = statistics.quantiles(values, method="inclusive") if len(values) > 1 else values * 3 or [None] * 3
    first, median, third = cuts
    return {
        "runs": len(values),
        "median": median,
        "q1": first,
        "q3": third,
        "iqr": None if median is None else third - first,
        "least": values[0] if values else None,
        "most": values[-1] if values else None,
    }


def levelled(kept):
    """[(run, side, log of the value less the median of its side)] in the order of the runs."""
    medians = {
        name: statistics.median([math.log(one["value"]) for one in kept if one["side"] == name] or [0])
        for name in SIDES
    }
    return [(one["run"], one["side"], math.log(one["value"]) - medians[one["side"]]) for one in kept]


def drift(kept):
    """{"seen": whether the values rise or fall with time (Mann-Kendall), "percent": by how much from first to last
    (Theil-Sen)}, of both sides together."""
    rows = levelled(kept)
    count = len(rows)
    if count < 2 * FEWEST_RUNS:
        return {"seen": False, "percent": None}
    pairs = [(one, other) for place, one in enumerate(rows) for other in rows[place + 1 :]]
    trend = sum((other[2] > one[2]) - (other[2] < one[2]) for one, other in pairs)
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    slope = statistics.median((other[2] - one[2]) / (other[0] - one[0]) for one, other in pairs)
    whole = math.expm1(slope * (rows[-1][0] - rows[0][0])) * 100
    return {"seen": abs(trend) - 1 > SURE * spread, "percent": round(whole, 1)}


FEWEST_RUNS = 4


def outliers(kept):
    """Runs that stand out of their side: [{"run", "side", "percent": above its median}]. They count."""
    found = []
    for name in SIDES:
        rows = [row for row in levelled(kept) if row[1] == name]
        usual = MAD * statistics.median([abs(row[2]) for row in rows] or [0])
        found += [
            {"run": run, "side": name, "percent": round(math.expm1(level) * 100, 1)}
            for run, dummy, level in rows
            if abs(level) > FAR * usual and usual
        ]
    return sorted(found, key=lambda one: one["run"])
