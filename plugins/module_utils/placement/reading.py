# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Reads plain data field by field and gathers all its faults, so that a caller sees them in one run."""

from __future__ import annotations

from .. import cpuset
from ..errors import EngineError, Problem, ProblemsError

WORDS = {dict: "a mapping", list: "a list", str: "text", int: "a whole number", bool: "true or false"}


class Reader:
    """Gives the fields of mappings; notes what is wrong with them."""

    def __init__(self, where):
        """where: the name of the whole in messages."""
        self.where = where
        self.problems = []

    def field(self, mapping, key, kind, path, default=None, needed=False):
        """mapping[key] of the kind (dict, list, str, int, bool), else the default; None counts as not given."""
        value = mapping.get(key)
        if value is None:
            if needed:
                self.fault("%s.%s" % (path, key), "is missing", "Write %s" % WORDS[kind])
            return default
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        if kind is list and isinstance(value, tuple):
            return list(value)
        self.fault("%s.%s" % (path, key), "is not %s" % WORDS[kind], "", value)
        return default

    def mappings(self, mapping, key, path, needed=False):
        """[(path, entry)] of the mappings in a list."""
        return list(self.entries(self.field(mapping, key, list, path, [], needed), "%s.%s" % (path, key)))

    def entries(self, items, path):
        """(path, entry) of each mapping in items; what is no mapping is a fault."""
        for place, entry in enumerate(items):
            where = "%s[%d]" % (path, place)
            if isinstance(entry, dict):
                yield where, entry
            else:
                self.fault(where, "is not a mapping", "", entry)

    def texts(self, mapping, key, path):
        """The list of texts under a key."""
        items = self.field(mapping, key, list, path, [])
        wrong = [item for item in items if not isinstance(item, str)]
        if wrong:
            self.fault("%s.%s" % (path, key), "is not a list of names", "", wrong[0])
        return [item for item in items if isinstance(item, str)]

    def count(self, mapping, key, path, default=0, most=None):
        """A whole number that is 0 or more, and no more than most."""
        value = self.field(mapping, key, int, path, default)
        if most is not None and value > most:
            self.fault("%s.%s" % (path, key), "is more than anybody can mean", "Write %d or less" % most, value)
            return 0
        if value < 0:
            self.fault("%s.%s" % (path, key), "is negative", "Write 0 or more", value)
        return max(value, 0)

    def cpus(self, mapping, key, path):
        """The numbers of a CPU list such as "2-5,8"."""
        return self.attempt(cpuset.parse, mapping.get(key) or "", "%s.%s" % (path, key)) or []

    def attempt(self, function, *arguments):
        """function(*arguments); its EngineError is noted, and the answer is then None."""
        try:
            return function(*arguments)
        except EngineError as error:
            self.fault(error.where, error.what, error.advice)
            return None

    def fault(self, path, what, advice="", value=None):
        """Notes one fault."""
        self.problems.append(Problem(path, what, advice, value))

    def finish(self):
        """Raises ProblemsError where faults were found."""
        if self.problems:
            raise ProblemsError(self.problems, self.where)
