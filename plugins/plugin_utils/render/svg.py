# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What all our SVG pictures are made with."""

from __future__ import annotations

from xml.etree import ElementTree


def add(parent, tag, text=None, **attributes):
    """A child element; attribute names with _ for -, numbers without needless digits."""
    plain = {
        name.replace("_", "-"): "%g" % value if isinstance(value, (int, float)) else value
        for name, value in attributes.items()
    }
    child = ElementTree.SubElement(parent, tag, plain)
    child.text = text
    return child
