# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The distance matrix as one SVG picture: no scripts, no fonts and nothing else from elsewhere."""

from __future__ import annotations

from xml.etree import ElementTree

from .distance import label
from .svg import add

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, 'DejaVu Sans Mono', monospace"
INK, FAINT, PAPER, LINE = "#1f2933", "#66737f", "#ffffff", "#c9d1d8"

# Near is dark and cold, far is warm; (fill, text) with a contrast of at least 4.5.
COLOURS = {
    "X": ("#e4e8ec", "#56626d"),
    "NV": ("#123b5d", "#ffffff"),
    "PIX": ("#146c6c", "#ffffff"),
    "PXB": ("#62b6a2", "#12332c"),
    "PHB": ("#c4e3b9", "#24401b"),
    "NODE": ("#fbe3a4", "#5c4300"),
    "SYS": ("#f0a487", "#5c1d06"),
    "UNKNOWN": ("#d5d0dd", "#463c54"),
}
KIND_COLOURS = {"nic": "#2563a8", "gpu": "#3f7d20", "fpga": "#8a3fa0", "accelerator": "#a8480f", "nvme": "#55606b"}

BIGGEST, SMALLEST, WORDS_FROM, TIPS_UNTIL = 40, 5, 30, 48
MARGIN, GAP, TOP, BRACKET = 24, 8, 84, 26


class Layout:
    """Where each device lies, in pixels: a gap parts the NUMA nodes."""

    def __init__(self, view):
        count = len(view.devices)
        self.cell = max(SMALLEST, min(BIGGEST, 1000 // max(count, 1)))
        self.font = max(4.5, min(12, self.cell - 1))
        widest = max((len(_name(device)) for device in view.devices), default=0)
        self.label = int(widest * self.font * 0.62) + 20
        self.left = MARGIN + BRACKET + self.label
        self.top = TOP + BRACKET + self.label
        self.offsets, self.groups = self._place(view)
        self.side = self.offsets[-1] + self.cell if count else 0

    def _place(self, view):
        """([offset of each device], [(NUMA name, first offset, past the last)])."""
        offsets, groups, at = [], [], 0
        for device in view.devices:
            name = view.node_name(device)
            if groups and groups[-1][0] != name:
                at += GAP
            offsets.append(at)
            if groups and groups[-1][0] == name:
                groups[-1] = (name, groups[-1][1], at + self.cell)
            else:
                groups.append((name, at, at + self.cell))
            at += self.cell
        return offsets, groups


def heatmap(view, title="Resource distance", key=None):
    """The SVG document as text, with a newline at its end.

    key: where the levels stand in a JSON beside the picture; each written level then says its place as data-key."""
    layout = Layout(view)
    legend = view.legend()
    width = max(layout.left + layout.side + MARGIN, 560)
    height = layout.top + layout.side + 56 + 24 * len(legend) + MARGIN
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
    add(root, "rect", width=width, height=height, fill=PAPER)
    _heading(root, view, title)
    _brackets(root, layout)
    _labels(root, view, layout)
    _cells(root, view, layout, key)
    _legend(root, legend, sorted({device.get("kind") for device in view.devices} & set(KIND_COLOURS)), layout)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _name(device):
    """Kind, address and names: the colour of the dot alone would tell nothing to some readers."""
    return " ".join(part for part in (device.get("kind"), device["address"], label(device)) if part)


def _heading(root, view, title):
    add(root, "text", title, x=MARGIN, y=40, fill=INK, font_size=20, font_weight="600")
    count = len(view.devices)
    what = (
        "No PCI devices of these kinds"
        if count == 0
        else "%d PCI device%s, from each to each" % (count, "" if count == 1 else "s")
    )
    add(root, "text", what, x=MARGIN, y=62, fill=FAINT, font_size=13)


def _brackets(root, layout):
    """The NUMA nodes, along both sides."""
    for name, start, end in layout.groups:
        middle = (start + end) / 2
        x, y = MARGIN + 18, TOP + 18
        add(root, "path", d="M%g %gh-6v%gh6" % (x, layout.top + start, end - start), fill="none", stroke=LINE)
        add(root, "path", d="M%g %gv-6h%gv6" % (layout.left + start, y, end - start), fill="none", stroke=LINE)
        if end - start >= 38:
            words = {"fill": FAINT, "font_size": 12, "text_anchor": "middle", "font_weight": "600"}
            turn = "translate(%g %g) rotate(-90)" % (MARGIN + 6, layout.top + middle)
            add(root, "text", name, transform=turn, **words)
            add(root, "text", name, x=layout.left + middle, y=TOP + 6, **words)


def _labels(root, view, layout):
    """Address and names of each device with the colour of its kind, at the rows and, turned, at the columns."""
    for device, offset in zip(view.devices, layout.offsets):
        middle = offset + layout.cell / 2
        shift = layout.font * 0.35
        words = {"fill": INK, "font_size": layout.font, "font_family": MONO}
        dot = {"r": min(4, layout.cell / 3), "fill": KIND_COLOURS.get(device.get("kind"), FAINT)}
        row = add(root, "g", transform="translate(%g %g)" % (layout.left - 8, layout.top + middle))
        add(row, "text", _name(device), x=-10, y=shift, text_anchor="end", **words)
        add(row, "circle", **dot)
        place = "translate(%g %g) rotate(-90)" % (layout.left + middle, layout.top - 8)
        column = add(root, "g", transform=place)
        add(column, "text", _name(device), x=10, y=shift, **words)
        add(column, "circle", **dot)


def _cells(root, view, layout, key):
    for place, (device, row, offset) in enumerate(zip(view.devices, view.level, layout.offsets)):
        line = add(root, "g", transform="translate(%g %g)" % (layout.left, layout.top + offset))
        for start, end in _runs(row, layout):
            level = row[start]
            at, past = layout.offsets[start], layout.offsets[end] + layout.cell
            gap = 1 if layout.cell > 12 else 0
            size = {"width": past - at - gap, "height": layout.cell - gap, "rx": 2 * gap}
            box = add(line, "rect", x=at, fill=COLOURS[level][0], **size)
            if len(view.devices) <= TIPS_UNTIL:
                other = view.devices[start]["address"]
                add(box, "title", "%s - %s: %s (%g)" % (device["address"], other, level, view.weights[level]))
            if layout.cell >= WORDS_FROM:
                told = {"data-key": "%s/%d/%d" % (key, place, start)} if key else {}
                _word(line, level, at + layout.cell / 2, layout, told)


def _word(line, level, x, layout, told):
    place = {"x": x, "y": layout.cell / 2 + 4, "text_anchor": "middle"}
    add(line, "text", "?" if level == "UNKNOWN" else level, fill=COLOURS[level][1], font_size=11, **place, **told)


def _runs(row, layout):
    """(first, last) places of one box: single cells where they are big, else whole runs of one level."""
    runs = []
    for place, level in enumerate(row):
        beside = place and layout.offsets[place] - layout.offsets[place - 1] == layout.cell
        if runs and layout.cell <= 12 and beside and row[place - 1] == level:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


def _legend(root, legend, kinds, layout):
    y = layout.top + layout.side + 40
    for level, weight, meaning in legend:
        add(root, "rect", x=MARGIN, y=y, width=34, height=16, rx=2, fill=COLOURS[level][0])
        add(root, "text", level, x=MARGIN + 46, y=y + 13, fill=INK, font_size=13, font_weight="600")
        add(root, "text", "weight %g" % weight, x=MARGIN + 136, y=y + 13, fill=FAINT, font_size=13)
        add(root, "text", meaning, x=MARGIN + 222, y=y + 13, fill=INK, font_size=13)
        y += 24
    for place, kind in enumerate(kinds):
        x = MARGIN + 6 + 104 * place
        add(root, "circle", cx=x, cy=y + 10, r=4, fill=KIND_COLOURS[kind])
        add(root, "text", kind, x=x + 12, y=y + 14, fill=FAINT, font_size=13)
