# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A table in plain text, for terminals and files."""

from __future__ import annotations


def text_table(headers, rows):
    """The rows below the headers in aligned columns; numbers stand to the right. No trailing blanks or newline.

    headers: list of str; rows: list of lists of anything with str(), None for an empty cell.
    """
    cells = [[_text(cell) for cell in row] for row in rows]
    lines = [[str(header) for header in headers]] + cells
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    right = [_all_numbers(rows, column) for column in range(len(headers))]
    rule = ["-" * width for width in widths]
    return "\n".join(_line(line, widths, right) for line in [lines[0], rule] + cells)


def _text(cell):
    return "" if cell is None else str(cell).replace("\n", " ")


def _all_numbers(rows, column):
    found = [row[column] for row in rows if row[column] is not None]
    return bool(found) and all(isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in found)


def _line(line, widths, right):
    padded = [
        cell.rjust(width) if to_right else cell.ljust(width) for cell, width, to_right in zip(line, widths, right)
    ]
    return "  ".join(padded).rstrip()
