# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a container needs of CPU, memory and huge pages, out of all the places where that can be written."""

from __future__ import annotations

from ..quantities import bytes_text, canonical_cpu, canonical_memory, millicores, number_of_bytes
from .records import Part
from .words import HUGEPAGES

# What GS-Engine gave to a container that asked for nothing.
DEFAULTS = {"cpu": "200m", "memory": "500Mi"}
SIZES = {"cpu": millicores, "memory": number_of_bytes}


class Needs:
    """Where a container's amounts stand: resources, resources.requests (old), limits, resources.limits (old)."""

    def __init__(self, part, report):
        self.report = report
        self.resources = part.get("resources") or Part(part.at("resources"))
        self.requests = self._part(self.resources, "requests")
        self.limits = part.get("limits") or Part(part.at("limits"))
        self.old_limits = self._part(self.resources, "limits")
        if "limits" in part and "limits" in self.resources:
            what = 'says the same as "limits" of the container'
            report.problem(self.old_limits.place, what, "Keep one of the two")
        self.unsure = bool({"resources", "limits"} & part.bad or {"requests", "limits"} & self.resources.bad)

    @staticmethod
    def _part(above, name):
        return above.get(name) or Part(above.at(name))

    def place(self, word):
        """Where cpu or memory is asked for."""
        return self.requests.at(word) if word in self.requests else self.resources.at(word)

    def limit_place(self, word):
        """Where the limit stands."""
        return self.old_limits.at(word) if word in self.old_limits else self.limits.at(word)

    def limit(self, word):
        """The limit as text, None where there is none."""
        return self.limits.get(word) or self.old_limits.get(word)

    def given(self, word):
        """True where a request or a limit says it."""
        return word in self.resources or word in self.requests or self.limit(word) is not None

    def known(self, word):
        """False where one of the amounts could not be read, so that nothing follows from its absence."""
        parts = (self.resources, self.requests, self.limits, self.old_limits)
        return not self.unsure and not any(word in part.bad for part in parts)

    def asked(self, word):
        """The request as text; what is defaulted is told."""
        here, there, limit = self.resources.get(word), self.requests.get(word), self.limit(word)
        if here and there:
            self.report.problem(self.requests.at(word), "is given in resources, too", "Keep one of the two", there)
        made = here or there or limit or DEFAULTS[word]
        if not here and not there and self.known(word):
            what = "is not given: as much as the limit" if limit else "is not given"
            self.report.note(self.place(word), what, None, made)
        if limit and SIZES[word](limit) < SIZES[word](made):
            what = "is less than the %s that are asked for" % made
            self.report.problem(self.limit_place(word), what, "Write %s or more" % made, limit)
        return made

    def hugepages(self):
        """{size: amount} of all that ask for huge pages."""
        found = {}
        for part in (self.resources, self.requests, self.old_limits):
            for size, amount, place in _pages(part):
                if found.setdefault(size, amount) != amount:
                    what = "is another amount than %s, which is asked for, too" % found[size]
                    self.report.problem(place, what, "Keep one of the two", amount)
                self._multiple(size, amount, place)
        return {size: found[size] for size in HUGEPAGES if size in found}

    def _multiple(self, size, amount, place):
        page, count = number_of_bytes(size), number_of_bytes(amount)
        if count % page:
            right = bytes_text((count // page + 1) * page)
            self.report.problem(place, "is no multiple of %s" % size, "Write %s" % right, amount)


def _pages(part):
    """(size, amount, place) of each."""
    for size, amount in part.get("hugepages", {}).items():
        yield size, amount, part.at("hugepages", size)
    for size in HUGEPAGES:
        if "hugepages-" + size in part:
            yield size, part["hugepages-" + size], part.at("hugepages-" + size)


def greater(word, one, other):
    """The greater of two amounts, None being less than all; as canonical text."""
    canonical = canonical_cpu if word == "cpu" else canonical_memory
    return canonical(max((one, other), key=SIZES[word])) if other else canonical(one)
