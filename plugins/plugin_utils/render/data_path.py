# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A node as a tree (machine, NUMA nodes, root complexes, bridges, devices) with a service's data path drawn in: SVG."""

from __future__ import annotations

from xml.etree import ElementTree

from .data_path_tree import Tree
from .heatmap import COLOURS, FAINT, FONT, INK, KIND_COLOURS, LINE, MONO, PAPER
from .svg import add

ROW, STEP, LEFT, TOP, BOX = 26, 112, 24, 96, 300
PATH = "#c2410c"


def picture(topology, entries, title="Data path"):
    """The SVG document as text, with a newline at its end.

    topology: of the node; entries: of one pod, one per container, as placement gives them (none: the node alone).
    """
    tree = Tree(topology, entries)
    width = LEFT * 2 + tree.depth * STEP + BOX
    height = TOP + ROW * tree.rows + 70 + 22 * len(_levels(entries))
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": "0 0 %d %d" % (width, height),
            "width": str(width),
            "height": str(height),
            "font-family": FONT,
            "role": "img",
            "aria-label": title,
        },
    )
    add(root, "title", title)
    add(root, "rect", width=width, height=height, fill=PAPER)
    add(root, "text", title, x=LEFT, y=40, fill=INK, font_size=20, font_weight="600")
    add(root, "text", _subtitle(entries), x=LEFT, y=64, fill=FAINT, font_size=13)
    for spot in tree.spots:
        if spot.parent is not None:
            add(root, "path", d=_elbow(spot), fill="none", stroke=LINE, stroke_width=1.5)
    for place, leg in enumerate(tree.legs):
        _leg(root, leg, place)
    for spot in tree.spots:
        _spot(root, spot)
    _legend(root, tree, TOP + ROW * tree.rows + 40)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _subtitle(entries):
    if not entries:
        return "No service is drawn in"
    if not _levels(entries):
        return "No data path: it has neither a NIC of its own nor another source or sink"
    total = sum(entry["distance"]["weight"] for entry in entries)
    return "distance %g over %d way%s" % (total, len(_levels(entries)), "" if len(_levels(entries)) == 1 else "s")


def _levels(entries):
    return [level for entry in entries for level in entry["distance"]["levels"]]


def at(spot):
    """(x, y) of a spot's middle on its left side."""
    return LEFT + spot.depth * STEP, TOP + ROW * spot.row + ROW / 2


def _elbow(spot):
    (x, y), (x_up, y_up) = at(spot), at(spot.parent)
    return "M%g %gH%gV%gH%g" % (x, y, x_up + 14, y_up, x_up)


def _leg(root, leg, place):
    """One way, along the tree; several are drawn beside each other."""
    shift = 3 * place
    group = add(root, "g", transform="translate(%g %g)" % (shift, shift))
    add(group, "title", "%(from)s - %(to)s: %(level)s (%(weight)g)" % leg.level)
    for spot in leg.way:
        add(group, "path", d=_elbow(spot), fill="none", stroke=PATH, stroke_width=3.5, stroke_linejoin="round")
    x, y = at(leg.top)
    add(group, "circle", cx=x, cy=y, r=6, fill=PATH)


def _spot(root, spot):
    x, y = at(spot)
    colour = KIND_COLOURS.get(spot.kind, FAINT)
    group = add(root, "g", transform="translate(%g %g)" % (x, y))
    if spot.used:
        size = {"width": max(90, 7.4 * len(spot.label) + 30), "height": ROW - 4, "rx": 4}
        add(group, "rect", x=-4, y=-ROW / 2 + 2, fill="#fff3e6", stroke=PATH, stroke_width=1.5, **size)
    if spot.children:
        add(group, "rect", x=-4, y=-4, width=8, height=8, rx=2, fill=LINE)
        add(group, "text", spot.label, x=8, y=-6, fill=FAINT, font_size=11)
        return
    add(group, "circle", cx=6, cy=0, r=4.5, fill=colour)
    weight = {"font_weight": "600"} if spot.used else {}
    add(group, "text", spot.label, x=18, y=4, fill=INK, font_size=12, font_family=MONO, **weight)


def _legend(root, tree, y):
    """The levels of the ways, as the entries tell them."""
    for place, leg in enumerate(_levels(tree.entries)):
        line = y + 22 * place
        level = leg["level"]
        fill, ink = COLOURS.get(level, COLOURS["UNKNOWN"])
        add(root, "rect", x=LEFT, y=line - 13, width=74, height=18, rx=2, fill=fill)
        add(root, "text", level, x=LEFT + 8, y=line, fill=ink, font_size=12, font_weight="600")
        words = "%(from)s to %(to)s, weight %(weight)g" % leg
        add(root, "text", words, x=LEFT + 86, y=line, fill=INK, font_size=13)
