# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Packages as a subsystem: installed where missing, remembered, and purged again, with all that they brought along."""

from __future__ import annotations

import re

from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..errors import EngineError, Problem, ProblemsError
from ..steps import Step
from . import apt

NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+(=[0-9A-Za-z.+~:-]+)?")
INSTALL, PURGE = "install-packages", "purge-packages"


class Packages(Subsystem):
    """The packages that a role needs on a node, as the parameters of module gedge.engine.packages ask for them."""

    def __init__(self, params, system):
        """params: names (list of NAME or NAME=VERSION) and state. Raises ProblemsError for bad ones."""
        self.system = system
        self.absent = params["state"] == "absent"
        self.names = list(dict.fromkeys(params["names"] or []))
        self.baseline = Baseline(system, "packages")
        self.fresh = []
        _check(self.names)

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """{package: version} of what is installed."""
        return apt.installed(self.system)

    def plan(self, state):
        """At most one step: apt does all at once, and needs to, for what they depend on."""
        return self._removal(state) if self.absent else self._installation(state)

    def doubts(self, state):
        """Ask apt, too; its lists stay as they are, and a run may bring fresh ones or a source of packages."""
        names = [] if self.absent else self._missing(state)
        refusal = apt.refusal(self.system, names) if names else None
        return ["apt cannot install %s with the lists it has now: %s" % (" ".join(names), refusal)] if refusal else []

    def apply(self, step):
        """Carry one step out."""
        if step.action == FORGET:
            self.baseline.apply(step)
        elif step.action == PURGE:
            apt.purge(self.system, step.before)
        else:
            apt.mend(self.system)
            # Written before the first package is there: a killed run must not forget what it added.
            self.fresh = self.baseline.add(apt.would_bring(self.system, step.after))
            apt.install(self.system, step.after)

    def put_back(self, state):
        """Purge what this run added."""
        apt.mend(self.system)
        added = [name for name in self.fresh if name in self.observe() and name not in state]
        if added:
            apt.purge(self.system, added)
        self.baseline.forget(self.fresh)

    def _missing(self, state):
        return [name for name in self.names if not _is_there(name, state)]

    def _installation(self, state):
        missing = self._missing(state)
        return [Step("apt", INSTALL, "not installed", before=[], after=missing)] if missing else []

    def _removal(self, state):
        ours = self.baseline.load()
        chosen = sorted(name for name in ours if not self.names or name in self.names)
        present = [name for name in chosen if name in state]
        if present:
            self._refuse_others(present, ours)
        steps = [Step("apt", PURGE, "added by this collection", before=present, after=[])] if present else []
        return steps + self.baseline.forget_steps(chosen)

    def _refuse_others(self, present, ours):
        others = sorted(name for name in apt.would_take(self.system, present) if name.split(":")[0] not in ours)
        if others:
            raise EngineError(
                "packages that others installed would go too: %s" % ", ".join(others),
                "packages",
                "Remove those first, or leave ours: take them out of the baseline %s" % self.baseline.path,
            )


def _is_there(name, state):
    name, dummy, version = name.partition("=")
    return name in state and version in ("", state[name])


def _check(names):
    problems = [
        Problem("names[%d]" % index, "is no package name", "Write NAME or NAME=VERSION", name)
        for index, name in enumerate(names)
        if not NAME.fullmatch(name)
    ]
    if problems:
        raise ProblemsError(problems, where="packages")
