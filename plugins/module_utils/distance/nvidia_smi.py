# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Reads tables of distances that others made: `nvidia-smi topo -m`, or any table with a header line."""

from __future__ import annotations

import re

from ..errors import EngineError

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
RULE = re.compile(r"[-+=|: \t]+\Z")  # the line below a header
LEGEND = re.compile(r"\s*(?:NIC )?Legend\b", re.IGNORECASE)
AFFINITY = re.compile(r"\b(?:CPU Affinity|NUMA Affinity|GPU NUMA ID)\b", re.IGNORECASE)
EXPECTED = "Give the output of nvidia-smi topo -m, or a header line with the columns and one line per row"


def parse(text):
    """(row names, column names, rows of text cells). The affinity columns and the legend are left out."""
    lines = list(_lines(text))
    if len(lines) < 2:
        raise EngineError("has no header line with a row below it", "matrix", EXPECTED)
    header, has_affinity = _header(lines[0])
    body = [line.split() for line in lines[1:]]
    if not has_affinity and len(header) == len(body[0]):
        header = header[1:]  # the first word names the corner
    rows = [_row(words, header, has_affinity, place) for place, words in enumerate(body)]
    return [name for name, _cells in rows], header, [cells for _name, cells in rows]


def _lines(text):
    """The lines of the table, without colours, frames and legend."""
    for line in COLOUR.sub("", text).splitlines():
        if LEGEND.match(line):
            return
        if line.strip() and not RULE.match(line):
            yield line.replace("|", " ")


def _header(line):
    """(names of the devices' columns, whether columns of another sort follow them)."""
    affinity = AFFINITY.search(line)
    return (line[: affinity.start()] if affinity else line).split(), affinity is not None


def _row(words, header, has_affinity, place):
    """(name, cells) of one line; what follows the cells belongs to the affinity columns."""
    cells = words[1:]
    if len(cells) < len(header) or (len(cells) > len(header) and not has_affinity):
        raise EngineError(
            "has %d values for %d columns" % (len(cells), len(header)),
            "matrix row %d (%s)" % (place + 1, words[0]),
            EXPECTED,
        )
    return words[0], cells[: len(header)]
