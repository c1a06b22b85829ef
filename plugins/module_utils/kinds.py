# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a value is, in words: the name of its class is Python's, or Ansible's own."""

from __future__ import annotations

# true and false are numbers to Python, so they come first.
KINDS = (
    (bool, "true or false"),
    (str, "text"),
    ((int, float), "a number"),
    ((list, tuple), "a list"),
    (dict, "a mapping"),
)


def called(value):
    """Such as "text" or "a list"."""
    if value is None:
        return "nothing"
    return next((words for kind, words in KINDS if isinstance(value, kind)), "something else")
