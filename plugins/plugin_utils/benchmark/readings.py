# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The one number of a tool's output that a measure is about."""

from __future__ import annotations

import json
import re

MOST_SAID = 200  # characters of an output in a reason


def value(output, rule):
    """(number, "") or (None, why there is none). rule: the key read of a measure, complete (see definitions)."""
    try:
        found = _json(output, rule["json"]) if rule["json"] else _match(output, rule["pattern"])
        if rule["per"]:
            found /= _match(output, rule["per"])
        found *= rule["factor"]
    except (ValueError, KeyError, IndexError, TypeError, ZeroDivisionError) as error:
        said = " ".join(str(output).split())[-MOST_SAID:]
        return None, "no value in the output (%s); its end: %s" % (error or type(error).__name__, said or "(empty)")
    if not 0 < found < float("inf"):
        return None, "%r is no measured value" % found
    return found, ""


def _json(output, path):
    text = output[output.index("{") :] if "{" in output else output
    found, dummy = json.JSONDecoder().raw_decode(text)
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return float(found)


def _match(output, pattern):
    """The last one: tools tell the sum at the end."""
    hits = re.findall(pattern, output, re.MULTILINE)
    if not hits:
        raise ValueError("nothing like %s" % pattern)
    return float(hits[-1])
