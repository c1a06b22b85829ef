# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Refuses, before anything is touched, what would cut the way to the node or would have no effect."""

from __future__ import annotations

from ..errors import EngineError, Problem, ProblemsError
from . import backends, plan


def allowed(names, links):
    """Names in allow_management that no interface has are mistakes. Raises ProblemsError."""
    problems = [
        Problem("allow_management[%d]" % number, "is no interface of this node", "", name)
        for number, name in enumerate(names)
        if name not in links
    ]
    if problems:
        raise ProblemsError(problems, where="network")


def left_alone(links, state, names):
    """The links that somebody else has set up as asked, and that carry the management connection: not touched."""
    ours = {backends.interface_of(path) for path in state.files}
    kept = {link.name for link in links if link.name in state.management and link.name not in set(names) | ours}
    below = {link.parent for link in links if link.vlan and link.name not in kept}
    return [link for link in links if link.name in kept - below and not plan.lacks(link, state)]


def conflicts(links, state):
    """What of others governs an interface before our files do. Raises ProblemsError."""
    problems = [
        Problem(
            link.where,
            "%s is governed by %s, which comes before ours" % (link.name, state.others[link.name][0]),
            state.others[link.name][1],
        )
        for link in links
        if link.name in state.others
    ]
    if problems:
        raise ProblemsError(problems, where="network")


def management(steps, filtered, state, names):
    """Steps that touch an interface of the management connection, unless it is named. Raises EngineError.

    filtered: interfaces whose filter changes."""
    touched = {step.target for step in steps if step.action in (plan.CONFIGURE, plan.RESTORE)} | set(filtered)
    touched |= {backends.interface_of(step.target) for step in steps}
    touched |= {step.target.split("/conf/")[1].rsplit("/", 1)[0] for step in steps if step.action == plan.SYSCTL}
    refused = sorted((touched & state.management) - set(names))
    if refused:
        reasons = ["%s of %s: %s" % (step.action, step.target, step.reason) for step in steps if step.target in refused]
        raise EngineError(
            "%s carries the management connection and would change%s"
            % (", ".join(refused), " (%s)" % "; ".join(reasons) if reasons else ""),
            "network",
            "Name it in allow_management if that is meant; the change is put back unless it is confirmed",
        )
