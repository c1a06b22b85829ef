# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Any value of the JSON as the text that the page shows. One function, so that page and JSON cannot say two things."""

from __future__ import annotations

NOTHING = "\u2013"


def words(value):
    """None and "" a dash; True "yes"; 2.5 "2.5"; lists with commas, [] "none"; {"a": 1, "b": [2]} "a 1; b 2"."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "%g" % value
    if isinstance(value, (list, tuple)):
        return ", ".join(words(item) for item in value) if value else "none"
    if isinstance(value, dict):
        return "; ".join("%s %s" % (key, words(item)) for key, item in value.items()) if value else "none"
    return str(value)


def count(number, word):
    """ "1 node", "2 nodes"."""
    return "%d %s%s" % (number, word, "" if number == 1 else "s")
