# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the pictures and tables of a page share: colours of VLANs, keys of figures, SVG elements."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from ..render.svg import add

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
INK, FAINT, PAPER, LINE = "#1f2933", "#5b6772", "#ffffff", "#c9d1d8"
# Dark enough for white words (contrast of at least 4.5); on grey paper the numbers tell them apart.
COLOURS = ("#1f5fa8", "#a8480f", "#2e7234", "#8a2f78", "#00707c", "#a3261f", "#5c5f00", "#4b4f9b")
NO_VLAN = "#5b6772"


def pointer(*parts):
    """The place of a figure in the JSON, as RFC 6901 writes it: ("a", "b/c", 0) -> "/a/b~1c/0"."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def resolve(document, place):
    """The value at a pointer. Raises KeyError, IndexError or ValueError for a place that is not there."""
    value = document
    for part in place.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def natural(name):
    """Sort key: ports "2" before "10", "eth2" before "eth10"."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"([0-9]+)", str(name)) if part]


def colours(networks, switches):
    """{VLAN: colour} of all VLANs of networks and switch ports, in their order."""
    found = {network["vlan"] for network in networks.values()}
    for switch in switches.values():
        for port in switch["ports"].values():
            found.update([port["vlan"], *port["tagged"]])
    return {vlan: COLOURS[place % len(COLOURS)] for place, vlan in enumerate(sorted(found - {None}))}


def svg(width, height, title):
    """The root of a picture that shrinks with its place; title tells those who do not see it."""
    box = "0 0 %g %g" % (width, height)
    root = ElementTree.Element("svg", {"viewBox": box, "width": "%g" % width, "height": "%g" % height})
    root.attrib.update({"font-family": FONT, "role": "img", "aria-label": title, "class": "picture"})
    add(root, "title", title)
    return root


def text_of(root):
    """The picture as text."""
    return ElementTree.tostring(root, encoding="unicode")
