# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A distance matrix made by others, in one shape: names, readings, and what each reading means as a number."""

from __future__ import annotations

import math
import re

from ..errors import EngineError
from ..kinds import called
from ..suggest import advice
from . import nvidia_smi
from .levels import DEFAULT_WEIGHTS, LEVELS, X

NVLINK = re.compile(r"NV[0-9]*\Z")
EXPECTED = (
    "Give text, a list of rows with a header row, {row: {column: level}}, "
    "or {devices (or rows and columns), level (or weight)}"
)


class Readings:
    """cells: {(row, column): text as read}; value: {(row, column): number}, NVLinks left out; names: in order."""

    def __init__(self, rows, columns, cells):
        _check_shape(rows, columns, cells)
        self.names = list(dict.fromkeys(list(rows) + list(columns)))
        self.cells, self.value = {}, {}
        for row, line in zip(rows, cells):
            for column, cell in zip(columns, line):
                self._add(row, column, cell)

    def _add(self, row, column, cell):
        value = _value(cell, "matrix row %s, column %s" % (row, column))
        self.cells[row, column] = str(cell)
        if row == column and value not in (0, None):
            raise EngineError("a device is %s from itself" % cell, "matrix row %s" % row, "Write X there")
        if value is not None:
            self.value[row, column] = value


def read(matrix):
    """Readings of a table as text, rows (list of lists, header first) or a mapping. Raises EngineError."""
    if isinstance(matrix, str):
        return Readings(*nvidia_smi.parse(matrix))
    if isinstance(matrix, dict):
        return _from_mapping(matrix)
    if isinstance(matrix, (list, tuple)):
        return _from_rows(matrix)
    raise EngineError("is no matrix, but %s" % called(matrix), "matrix", EXPECTED)


def _from_rows(matrix):
    if len(matrix) < 2 or not all(isinstance(row, (list, tuple)) and row for row in matrix):
        raise EngineError("is no list of rows with a header row", "matrix", EXPECTED)
    columns = list(matrix[0])
    if len(columns) == len(matrix[1]):
        columns = columns[1:]  # the first cell names the corner
    return Readings([row[0] for row in matrix[1:]], columns, [row[1:] for row in matrix[1:]])


def _from_mapping(matrix):
    if matrix and all(isinstance(line, dict) for line in matrix.values()):
        columns = list(dict.fromkeys(name for line in matrix.values() for name in line))
        return Readings(list(matrix), columns, [[line.get(name) for name in columns] for line in matrix.values()])
    rows = matrix.get("rows", matrix.get("devices"))
    columns = matrix.get("columns", matrix.get("devices", rows))
    cells = next((matrix[key] for key in ("level", "levels", "weight", "weights") if matrix.get(key)), None)
    for part in (rows, columns, cells):
        if not isinstance(part, (list, tuple)):
            raise EngineError("has no devices, or no level or weight", "matrix", EXPECTED)
    return Readings(rows, columns, cells)


def _check_shape(rows, columns, cells):
    for names, what in ((rows, "row"), (columns, "column")):
        if not all(isinstance(name, (str, int)) for name in names):
            raise EngineError("a name of a %s is no text" % what, "matrix", EXPECTED)
        if len(set(names)) != len(names):
            twice = next(name for name in names if list(names).count(name) > 1)
            raise EngineError("the %s %s stands there twice" % (what, twice), "matrix", "Give each device one name")
    if not set(rows) & set(columns):
        raise EngineError("no row has the name of a column, so no reading has its counterpart", "matrix", EXPECTED)
    if len(cells) != len(rows):
        raise EngineError("has %d lines of values for %d rows" % (len(cells), len(rows)), "matrix", EXPECTED)
    for row, line in zip(rows, cells):
        if not isinstance(line, (list, tuple)) or len(line) != len(columns):
            raise EngineError(
                "has not one value for each of %d columns" % len(columns), "matrix row %s" % row, EXPECTED
            )


def _value(cell, where):
    """The distance of a cell as a number; None for NVLinks (kept apart: they are no PCIe) and for nothing."""
    text = "" if cell is None else str(cell).strip()
    if text.upper() in DEFAULT_WEIGHTS and not NVLINK.match(text.upper()):
        return DEFAULT_WEIGHTS[text.upper()]
    if NVLINK.match(text.upper()) or text in ("", "-", "N/A"):
        return None
    try:
        number = float(text)
    except ValueError:
        raise EngineError('"%s" is no level' % text[:40], where, advice(text, LEVELS)) from None
    if not math.isfinite(number) or number < 0:
        raise EngineError("%s is no distance" % text, where, "Write a number from 0 (%s) on, or a level" % X)
    return number
