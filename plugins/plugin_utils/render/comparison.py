# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A comparison as one SVG picture: the runs of both sides in their order of time, medians, quartiles, the verdict."""

from __future__ import annotations

import textwrap
from xml.etree import ElementTree

from .heatmap import FAINT, FONT, INK, LINE, PAPER
from .svg import add

WIDTH, LEFT, RIGHT, TOP, PLOT = 760, 96, 190, 96, 220
SIDES = ("a", "b")
# Told by shape too: circles and squares.
COLOURS = {"a": "#1f5fa8", "b": "#a8480f"}


def chart(result):
    """The SVG document as text, with a newline at its end. result: a result in benchmark.json."""
    lines = textwrap.wrap("Verdict: " + result["text"], 92)
    height = TOP + PLOT + 84 + 20 * len(lines)
    root = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 %d %d" % (WIDTH, height)})
    root.attrib.update({"width": str(WIDTH), "font-family": FONT, "role": "img", "class": "picture"})
    root.set("aria-label", "%s: %s" % (result["title"], result["text"]))
    add(root, "title", result["title"])
    add(root, "rect", width=WIDTH, height=height, fill=PAPER)
    add(root, "text", result["title"], x=24, y=36, fill=INK, font_size=18, font_weight="600")
    caption = "%s; every run in its order of time, none left out" % result["direction"]
    add(root, "text", caption, x=24, y=60, fill=FAINT, font_size=13)
    samples = [one for one in result["samples"] if one["value"] is not None]
    if samples:
        _plot(root, result, samples)
    for number, line in enumerate(lines):
        style = {"font_weight": "600"} if number == 0 else {}
        add(root, "text", line, x=24, y=TOP + PLOT + 66 + 20 * number, fill=INK, font_size=14, **style)
    add(root, "text", result["limits"], x=24, y=height - 12, fill=FAINT, font_size=11)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def amount(value, unit):
    """1234567890 bit/s as "1.23 Gbit/s": three digits, with a prefix for bits."""
    if value is None:
        return ""
    prefixes = [(1e9, "G"), (1e6, "M"), (1e3, "k")] if unit == "bit/s" else []
    scale, prefix = next(((scale, prefix) for scale, prefix in prefixes if value >= scale), (1, ""))
    scaled = value / scale
    digits = 0 if scaled >= 100 else 1 if scaled >= 10 else 2
    return "%.*f %s%s" % (digits, scaled, prefix, unit)


class _Scale:
    """Where a value and a run lie. The axis begins at 0: a small difference shall not look like a large one."""

    def __init__(self, samples, runs):
        self.top = max(one["value"] for one in samples) * 1.08
        self.runs = max(runs, 2)

    def y(self, value):
        return TOP + PLOT - PLOT * value / self.top

    def x(self, run):
        return LEFT + 14 + (WIDTH - LEFT - RIGHT - 28) * (run - 1) / (self.runs - 1)


def _plot(root, result, samples):
    scale = _Scale(samples, len(result["samples"]))
    for part in range(5):
        value = scale.top * part / 4
        add(root, "line", x1=LEFT, x2=WIDTH - RIGHT, y1=scale.y(value), y2=scale.y(value), stroke=LINE, stroke_width=1)
        place = {"x": LEFT - 8, "y": scale.y(value) + 4, "text_anchor": "end"}
        add(root, "text", amount(value, result["unit"]), fill=FAINT, font_size=12, **place)
    for side in SIDES:
        _side(root, result["sides"][side], side, scale)
    for one in samples:
        _run(root, one, result["sides"][one["side"]]["name"], scale)
    last = len(result["samples"])
    for run in sorted({1, last}):
        place = {"x": scale.x(run), "y": TOP + PLOT + 20, "text_anchor": "middle"}
        add(root, "text", "run %d" % run, fill=FAINT, font_size=12, **place)
    if any(one.get("warmup") for one in samples):
        add(root, "text", "hollow: warm-up, not counted", x=LEFT, y=TOP + PLOT + 40, fill=FAINT, font_size=12)


def _side(root, found, side, scale):
    """The quartiles as a band, the median as a line with the side's name."""
    if not found["runs"]:
        return
    x, colour = WIDTH - RIGHT + 10, COLOURS[side]
    band = {"height": max(scale.y(found["q1"]) - scale.y(found["q3"]), 1), "fill": colour, "fill_opacity": 0.14}
    add(root, "rect", x=LEFT, y=scale.y(found["q3"]), width=WIDTH - LEFT - RIGHT, **band)
    y, stroke = scale.y(found["median"]), {"stroke": colour, "stroke_width": 2}
    add(root, "line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, **stroke)
    shift = -8 if side == "a" else 18  # names of equal medians do not cover each other
    mark = {"a": "\u25cf", "b": "\u25a0"}[side]
    text = "%s %s" % (mark, textwrap.shorten(found["name"], 22, placeholder="..."))
    add(root, "text", text, x=x, y=y + shift, fill=colour, font_size=13, font_weight="600")


def _run(root, one, name, scale):
    colour, x, y = COLOURS[one["side"]], scale.x(one["run"]), scale.y(one["value"])
    dress = {"fill": PAPER if one.get("warmup") else colour, "stroke": colour, "stroke_width": 1.5}
    if one["side"] == "a":
        mark = add(root, "circle", cx=x, cy=y, r=4.5, **dress)
    else:
        mark = add(root, "rect", x=x - 4, y=y - 4, width=8, height=8, **dress)
    add(mark, "title", "run %d, %s: %.6g" % (one["run"], name, one["value"]))
