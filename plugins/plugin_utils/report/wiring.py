# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The wiring of a switch as pictures: its ports coloured by VLAN, cables to the NIC ports of some nodes at a time."""

from __future__ import annotations

from ..render.svg import add
from .drawing import FAINT, INK, LINE, NO_VLAN, PAPER, natural, pointer, svg, text_of
from .words import NOTHING

WIDTH, MARGIN = 1200, 16
PORT, PORT_HIGH, SPACE = 50, 36, 8
LINE_HIGH, COLUMNS, LONGEST_VLANS = PORT_HIGH + SPACE, 24, 5
PANEL_TOP, PANEL_PAD = 34, 12
CABLES = 120
CELL, CELL_HIGH, CELL_SPACE, BOX_PAD, BOX_SPACE = 74, 52, 6, 10, 16
MOST_PORTS = 96  # of one picture; of a bigger switch only ports that are in use are drawn


def pictures(name, switch, nodes, colours, limit):
    """[(title, SVG text)] of one switch: all nodes that are cabled to it, at most `limit` nodes in all.

    nodes: of the report's document; colours: {VLAN: colour}. What is beyond the limit is in the table of ports."""
    boxes = _boxes(name, switch, nodes, limit)
    rows = _pack(boxes) or [[]]
    return [_picture((name, switch), row, colours, (place + 1, len(rows))) for place, row in enumerate(rows)]


def _boxes(name, switch, nodes, limit):
    """[(title, node or None, [(switch port, index of the node's port or None)])]: nodes first, then other peers."""
    cabled, others = {}, []
    for port, item in switch["ports"].items():
        if item["node"]:
            cabled.setdefault(item["node"], set()).add(port)
        elif item["peer"]:
            others.append((port, None))
    chosen = [node for node in sorted(cabled, key=natural) if node in nodes][:limit]
    boxes = []
    for node in chosen:
        ports = [
            (port["switch_port"], index)
            for index, port in enumerate(nodes[node]["ports"])
            if port["switch"] == name and port["switch_port"] in cabled[node]
        ]
        boxes.append((node, nodes[node], ports))
    return boxes + ([("elsewhere", None, others)] if others else [])


def _wide(box):
    return max(2, len(box[2])) * (CELL + CELL_SPACE) - CELL_SPACE + 2 * BOX_PAD


def _pack(boxes):
    """Rows of boxes, each as wide as a picture at most (a single box may be wider: its cells wrap no further)."""
    rows, used = [], 0
    for box in boxes:
        wide = _wide(box) + BOX_SPACE
        if not rows or used + wide > WIDTH - 2 * MARGIN + BOX_SPACE:
            rows.append([])
            used = 0
        rows[-1].append(box)
        used += wide
    return rows


def _picture(of, boxes, colours, number):
    name, switch = of
    wide = sum(_wide(box) + BOX_SPACE for box in boxes) - BOX_SPACE if boxes else 0
    here = {port for box in boxes for port, dummy in box[2]}
    panel = Panel(switch, here)
    width = max(WIDTH, wide + 2 * MARGIN)
    height = panel.bottom + (CABLES + CELL_HIGH + 50 if boxes else 0) + MARGIN
    title = "Switch %s: ports by VLAN, cables to %s" % (name, ", ".join(box[0] for box in boxes) or "nothing")
    if number[1] > 1:
        title += " (%d of %d)" % number
    root = svg(width, height, title)
    add(root, "rect", width=width, height=height, fill=PAPER)
    heading = " \u2013 ".join(str(part) for part in dict.fromkeys((name, switch["title"], switch["address"])) if part)
    add(root, "text", heading, x=MARGIN, y=22, fill=INK, font_size=16, font_weight="600")
    size = {"width": panel.right - MARGIN, "height": panel.bottom - PANEL_TOP}
    add(root, "rect", x=MARGIN, y=PANEL_TOP, rx=6, fill="#eef1f4", stroke=LINE, **size)
    cables = add(root, "g", fill="none")
    for port in panel.places:
        _port(root, (name, port), switch["ports"][port], panel, colours)
    at = MARGIN
    for box in boxes:
        _box(root, cables, (box, at), (name, switch, panel), colours)
        at += _wide(box) + BOX_SPACE
    return title, text_of(root)


class Panel:
    """Where the ports of a switch are: odd places above, even below, as on most switches; 24 in a row at most."""

    def __init__(self, switch, in_use):
        ports = list(switch["ports"])
        if len(ports) > MOST_PORTS:
            ports = [port for port in ports if port in in_use]
        pairs = -(-len(ports) // 2)
        columns = max(1, min(COLUMNS, pairs))
        self.wide = min(PORT, (WIDTH - 2 * MARGIN - 2 * PANEL_PAD + SPACE) // columns - SPACE)
        self.lines = max(1, -(-pairs // columns)) * 2
        self.line, self.places = {}, {}
        for place, port in enumerate(ports):
            column, line = place // 2 % columns, place // 2 // columns * 2 + place % 2
            self.line[port] = line
            self.places[port] = (
                MARGIN + PANEL_PAD + column * (self.wide + SPACE),
                PANEL_TOP + PANEL_PAD + line * LINE_HIGH,
            )
        self.right = MARGIN + 2 * PANEL_PAD + columns * (self.wide + SPACE) - SPACE
        self.bottom = PANEL_TOP + 2 * PANEL_PAD + self.lines * LINE_HIGH - SPACE

    def way_out(self, port):
        """(x at the lower edge, path so far) of a cable: down from the lowest line, else through the gap beside it."""
        x, y = self.places[port]
        if self.line[port] == self.lines - 1:
            return x + self.wide / 2, "M%g %g" % (x + self.wide / 2, y + PORT_HIGH)
        gap = SPACE * (self.line[port] + 1) / self.lines
        return x + self.wide + gap, "M%g %gh%g" % (x + self.wide, y + PORT_HIGH / 2, gap)


def _shades(port, colours):
    """The colours of a port's VLANs, the untagged one first."""
    found = [port["vlan"]] if port["vlan"] is not None else []
    return [colours.get(vlan, NO_VLAN) for vlan in found + port["tagged"]] or [NO_VLAN]


def _port(root, key, port, panel, colours):
    """A port: full of colour where a cable is in it, else an outline; a trunk shows two of its colours."""
    shades, used, wide = _shades(port, colours), bool(port["peer"]), panel.wide
    group = add(root, "g", transform="translate(%g %g)" % panel.places[key[1]])
    add(group, "title", _port_title(key, port))
    round_off = 0 if str(port["media"]).startswith("sfp") else 5
    box = {"width": wide, "height": PORT_HIGH, "rx": round_off}
    add(group, "rect", fill=shades[0] if used else PAPER, stroke=shades[0], stroke_width=2, **box)
    if len(shades) > 1:
        half, fill = wide / 2, shades[1] if used else PAPER
        add(group, "rect", x=half, width=half, height=PORT_HIGH, fill=fill)
        right = "M%g 0h%gv%gh-%g" % (half, half, PORT_HIGH, half)
        add(group, "path", d=right, fill="none", stroke=shades[1], stroke_width=2)
    words = {"x": wide / 2, "text_anchor": "middle", "fill": PAPER if used else INK}
    add(group, "text", key[1], y=15, font_size=13, font_weight="700", **words)
    told = port["vlans"] or NOTHING
    if len(told) <= LONGEST_VLANS:
        words["data-key"] = pointer("switches", key[0], "ports", key[1], "vlans")
    add(group, "text", told if len(told) <= LONGEST_VLANS else "trunk", y=29, font_size=10.5, **words)


def _port_title(key, port):
    told = "Port %s, %s, " % (key[1], port["media"] or "medium unknown")
    told += "VLAN %s" % port["vlans"] if port["vlans"] else "no VLAN"
    told += ", tagged" if port["tagged"] else ""
    return told + (", to %s" % port["peer"] if port["peer"] else ", free")


def _box(root, cables, where, of, colours):
    """A node with the NIC ports that are cabled to the switch, and their cables."""
    (title, node, ports), left = where
    name, switch, panel = of
    top, wide = panel.bottom + CABLES, _wide((title, node, ports))
    high = CELL_HIGH + 2 * BOX_PAD + 22
    add(root, "rect", x=left, y=top, width=wide, height=high, rx=6, fill="#f7f9fa", stroke=LINE)
    words = {"fill": INK, "font_size": 15, "font_weight": "700"}
    add(root, "text", title, x=left + BOX_PAD, y=top + CELL_HIGH + BOX_PAD + 22, **words)
    for number, (port, index) in enumerate(ports):
        at = (left + BOX_PAD + number * (CELL + CELL_SPACE), top + BOX_PAD)
        item = switch["ports"][port]
        _cell(root, at, (title, node, index), (name, port, item), colours)
        if port in panel.places:
            _cable(cables, panel.way_out(port), (at[0] + CELL / 2, at[1]), panel.bottom, _shades(item, colours))


def _cell(root, at, end, item, colours):
    """One NIC port: what it is called in the testbed file and on the node, and its VLANs."""
    title, node, index = end
    shades = _shades(item[2], colours)
    group = add(root, "g", transform="translate(%g %g)" % at)
    add(group, "rect", width=CELL, height=CELL_HIGH, rx=3, fill=PAPER, stroke=shades[0], stroke_width=2)
    add(group, "rect", width=CELL, height=6, fill=shades[-1])
    add(group, "rect", width=CELL / len(shades), height=6, fill=shades[0])
    words = {"x": CELL / 2, "text_anchor": "middle", "fill": INK}
    if node is None:
        key = pointer("switches", item[0], "ports", item[1], "peer")
        add(
            group,
            "text",
            item[2]["peer"],
            y=26,
            font_size=11 if len(item[2]["peer"]) < 10 else 9,
            data_key=key,
            **words,
        )
        return
    port = node["ports"][index]
    add(group, "title", "%s: %s, network %s, %s" % (title, port["pci"], port["network"], port["address"]))
    add(group, "text", "%s/%s" % (port["nic"], port["port"]), y=20, font_size=12, font_weight="600", **words)
    key = pointer("nodes", title, "ports", index, "interface")
    add(group, "text", port["interface"] or NOTHING, y=34, font_size=11, data_key=key, **words)
    add(group, "text", ("port %s" % item[1]), y=47, font_size=10, **{**words, "fill": FAINT})


def _cable(cables, way, end, bottom, shades):
    """Out of the panel, then in a curve; a trunk is dashed in its second colour."""
    x, start = way
    half = (end[1] - bottom) / 2
    path = "%sV%gC%g %g %g %g %g %g" % (start, bottom, x, bottom + half, end[0], end[1] - half, *end)
    add(cables, "path", d=path, stroke=PAPER, stroke_width=6)
    add(cables, "path", d=path, stroke=shades[0], stroke_width=3)
    if len(shades) > 1:
        add(cables, "path", d=path, stroke=shades[1], stroke_width=3, stroke_dasharray="8 8")
