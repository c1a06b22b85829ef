# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How every changing module works: observe -> plan -> apply, then look again. Knows no Ansible and no subsystem."""

from __future__ import annotations

import contextlib
import subprocess

from .errors import EngineError
from .steps import REBOOT, worst

# What a person or the system is at fault for. Anything else is a fault of ours: it keeps its traceback.
FAULTS = (EngineError, OSError, UnicodeError, subprocess.SubprocessError)


class ApplyError(EngineError):
    """A step failed. Says which, what the system answered, and whether the old state was put back."""

    def __init__(self, step, error, put_back, left):
        """step: the Step that failed; error: one of FAULTS; put_back: bool; left: text of what is not as before."""
        self.step = step
        self.put_back = put_back
        state = "what was done before it is put back" if put_back else "NOT put back: %s" % left
        super().__init__(
            "step %s failed: %s; %s" % (step.action, _words(error), state),
            where=step.target,
            advice="Mend the cause and run again" if put_back else "Look at the node, then run again: it converges",
        )


class Subsystem:
    """What converge() needs of a subsystem. Methods raise EngineError for what a person can mend.

    Whatever a step raises, put_back follows."""

    def lock(self):
        """A context in which no other run changes the machine: two at once would put each other's work back."""
        return contextlib.nullcontext()

    def observe(self):
        """Read the state; changes nothing."""
        raise NotImplementedError

    def plan(self, state):
        """Steps from state to what is asked for, [] where nothing is to be done; refuses by EngineError."""
        raise NotImplementedError

    def notes(self, state):
        """Further keys for the result, such as "warnings": what will not hold as asked, though the asking is right."""
        return {}

    def doubts(self, state):
        """Texts: why the run that check mode foretells may fail. For check mode only: a run learns it by itself."""
        return []

    def reboot_reasons(self, state):
        """Texts: what of the asked for only a reboot brings, once the steps are done; [] where none is needed."""
        return []

    def record(self, state):
        """Keep the baseline before the first change."""

    def apply(self, step):
        """Carry one step out."""
        raise NotImplementedError

    def put_back(self, state):
        """Bring the machine back to a state observed earlier."""
        raise NotImplementedError


def converge(subsystem, check_mode):
    """Bring a subsystem to what is asked for. Returns plain data: changed, steps, disruption, reboot_reasons, diff and
    the notes."""
    with contextlib.nullcontext() if check_mode else subsystem.lock():
        return _converge(subsystem, check_mode)


def _converge(subsystem, check_mode):
    before = subsystem.observe()
    steps = subsystem.plan(before)
    # Of the state before, so that check mode gives the same.
    notes, reboot_reasons = subsystem.notes(before), subsystem.reboot_reasons(before)
    doubts = subsystem.doubts(before) if check_mode else []
    if doubts:
        notes = dict(notes, warnings=list(notes.get("warnings", ())) + doubts)
    if steps and not check_mode:
        subsystem.record(before)
        _apply_all(subsystem, steps, before)
        _look_again(subsystem)
    return dict(
        notes,
        changed=bool(steps),
        steps=[step.as_dict() for step in steps],
        disruption=REBOOT if reboot_reasons else worst(steps),
        reboot_reasons=reboot_reasons,
        diff=diff(steps),
    )


def diff(steps):
    """Before and after of all that the steps change: {"before": {target: {action: value}}, "after": ...}."""
    sides = {"before": {}, "after": {}}
    for step in steps:
        sides["before"].setdefault(step.target, {})[step.action] = step.before
        sides["after"].setdefault(step.target, {})[step.action] = step.after
    return sides


def _apply_all(subsystem, steps, before):
    for step in steps:
        try:
            subsystem.apply(step)
        except FAULTS as error:
            put_back, left = _try_put_back(subsystem, before)
            raise ApplyError(step, error, put_back, left) from error
        except Exception:
            _try_put_back(subsystem, before)
            raise


def _try_put_back(subsystem, before):
    try:
        subsystem.put_back(before)
    except FAULTS as error:
        return False, _words(error)
    return True, ""


def _words(error):
    return error.text() if isinstance(error, EngineError) else str(error)


def _look_again(subsystem):
    """A step that reported success but changed nothing is a failure, not a success."""
    left = subsystem.plan(subsystem.observe())
    if left:
        step = left[0]
        raise EngineError(
            "%s did not take effect: asked for %s, found %s" % (step.action, step.after, step.before),
            where=step.target,
            advice="Something else changes it at the same time, or the device ignores it",
        )
