# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Faults found in a testbed.yml, each with its place in the document and its line."""

from __future__ import annotations

from ...module_utils.errors import Problem


def dotted(keys):
    """Key path as text: ("nics", "nic0", "config", 0, "mac") -> "nics.nic0.config[0].mac"."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += "[%d]" % key
        else:
            text += ("." if text else "") + str(key)
    return text or "(document)"


class Finding(Problem):
    """A Problem that knows its key path; once located, its line, and its file where that is an included one."""

    def __init__(self, keys, what, advice="", value=None):
        """keys: tuple of str (mapping keys) and int (list places)."""
        super().__init__(dotted(keys), what, advice, value)
        self.keys = tuple(keys)
        self.line = None
        self.file = None

    def text(self):
        """'line N: path: what (got VALUE). advice', with 'FILE, ' before it where the file is an included one."""
        head = "line %d: " % self.line if self.line else ""
        return "%s%s%s" % ("%s, " % self.file if self.file and head else "", head, super().text())


def located(findings, lines, files):
    """The findings in the order of the document, without repeats; lines, files: as in a Source."""
    unique = {}
    for finding in findings:
        if finding.line is None:
            place = _known(finding.keys, lines)
            finding.line, finding.file = lines.get(place), files.get(place)
        unique.setdefault((finding.keys, finding.what), finding)
    order = {keys: place for place, keys in enumerate(lines)} if unique else {}
    return sorted(unique.values(), key=lambda finding: order.get(_known(finding.keys, lines), -1))


def _known(keys, lines):
    """The keys, or those of the nearest place above that is in the file."""
    while keys and keys not in lines:
        keys = keys[:-1]
    return keys
