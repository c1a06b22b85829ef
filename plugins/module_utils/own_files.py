# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Files that are ours alone (drop-ins, units, .link files): read, planned as steps, put in place whole.

A subsystem never edits a file of others: it adds a drop-in of its own, so that removing ours restores what was.
{path: text} is the form everywhere; a text that begins with LINK stands for a symbolic link to the rest of it.
"""

from __future__ import annotations

from .steps import NONE, Step
from .system import DRAFT

LINK = "-> "
WRITE, REMOVE = "write-file", "remove-file"
ACTIONS = (WRITE, REMOVE)


def read(system, paths):
    """{path: text} of those paths that are there, and of drafts that a killed run left beside them."""
    texts = {name: _text(system, name) for path in paths for name in (path, path + DRAFT)}
    return {path: text for path, text in texts.items() if text is not None}


def steps(before, after, disruption=NONE, reason="the setting must come back at boot"):
    """Steps from the files that are, {path: text}, to those that shall be: first what goes, then what comes."""
    gone = [
        Step(path, REMOVE, "no longer asked for", disruption, before[path], None)
        for path in sorted(set(before) - set(after))
    ]
    return gone + [
        Step(
            path,
            WRITE,
            "differs from what is asked for" if path in before else reason,
            disruption,
            before.get(path),
            after[path],
        )
        for path in sorted(after)
        if before.get(path) != after[path]
    ]


def apply(system, step, mode=None):
    """Carry out a step of one of ACTIONS. mode: that of the file, None for the usual one."""
    if step.action == REMOVE:
        system.remove_file(step.target)
    elif step.after.startswith(LINK):
        system.write_link(step.target, step.after[len(LINK) :])
    else:
        system.write_file(step.target, step.after, *([mode] if mode else []))


def _text(system, path):
    target = system.link(path)
    if target is not None:
        return LINK + target
    data = system.read_bytes(path)
    return None if data is None else data.decode("utf-8", "replace")
