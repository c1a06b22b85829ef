# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The one family of errors that the core raises.

A message says where (path of the key, node, device), what is wrong and what to do.
The adapter for Ansible turns these, and only these, into a failed result.
"""

from __future__ import annotations


class EngineError(Exception):
    """Something that a person can mend: bad input, a refused change, a system that said no."""

    def __init__(self, what, where="", advice=""):
        """what: the fault in words; where: key path or device; advice: what to do about it."""
        self.what = what
        self.where = where
        self.advice = advice
        super().__init__(self.text())

    def text(self):
        """'where: what. advice' with the empty parts left out."""
        head = "%s: %s" % (self.where, self.what) if self.where else self.what
        return "%s. %s" % (head.rstrip("."), self.advice) if self.advice else head


class Problem:
    """One fault in a document: where it stands, its value, what is wrong, what to write instead."""

    def __init__(self, path, what, advice="", value=None):
        self.path = path
        self.what = what
        self.advice = advice
        self.value = value

    def as_dict(self):
        """Plain data for a result: path, value, what, advice."""
        return {"path": self.path, "value": self.value, "what": self.what, "advice": self.advice}

    def text(self):
        """'path: what (got VALUE). advice' on one line."""
        got = "" if self.value is None else " (got %r)" % (self.value,)
        tail = ". %s" % self.advice if self.advice else ""
        return "%s: %s%s%s" % (self.path, self.what, got, tail)


class ProblemsError(EngineError):
    """All faults of one document at once, never the first only; the text has the first MOST_SHOWN, problems has all."""

    MOST_SHOWN = 100  # more lines nobody reads

    def __init__(self, problems, where=""):
        self.problems = list(problems)
        count = len(self.problems)
        head = "%d problem%s" % (count, "" if count == 1 else "s")
        lines = ["  - " + problem.text() for problem in self.problems[: self.MOST_SHOWN]]
        if count > self.MOST_SHOWN:
            lines.append("  - and %d more: mend these first" % (count - self.MOST_SHOWN))
        super().__init__("\n".join([head] + lines), where=where)
