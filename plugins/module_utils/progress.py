# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Lines about what goes on, for a person who waits: appended to a file that the progress callback shows."""

from __future__ import annotations


class Progress:
    """Appends lines to a file; without a path it stays silent."""

    def __init__(self, path=None):
        self.path = path

    def say(self, who, what):
        """One line: who (node1, image trixie), what has happened."""
        if not self.path:
            return
        try:
            with open(self.path, "a", encoding="utf-8") as handle:
                handle.write("%s: %s\n" % (who, what))
        except OSError:
            self.path = None
