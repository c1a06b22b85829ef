# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Tuning as a subsystem: the kernel's values now, and five files of our own that bring them back at boot."""

from __future__ import annotations

from .. import own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..errors import ProblemsError
from ..steps import Step
from . import check, files, knobs, observe, targets, wanted

RESTART = "restart-unit"
ACTIONS = ("set-hugepages", "set-irq-affinity", "set-governor", "set-sysctl")


class Tuning(Subsystem):
    """What a node is tuned to, as the parameters of module gedge.engine.tuning ask for it."""

    def __init__(self, params, system):
        """Raises ProblemsError for parameters that are wrong on any node."""
        self.system = system
        self.wanted = wanted.read(params)
        self.absent = params["state"] == "absent"
        self.baseline = Baseline(system, "tuning")
        self.recorded = []

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node."""
        named = set(self.wanted.sysctls) | set(self.wanted.of_profile)
        named |= {key for key in self.baseline.load() if key.startswith(knobs.SYSCTLS)}
        return observe.read(self.system, self.wanted.isolated, sorted(named))

    def plan(self, state):
        """Files first, so that irqbalance leaves alone what is set then; refuses before anything is touched."""
        problems = check.problems(self.system, self.wanted, state)
        if problems:
            raise ProblemsError(problems, where="tuning")
        made = self._files(state)
        steps = own_files.steps(state.files, made) + _balance_steps(state, made)
        return steps + self._value_steps(state, self._targets(state)) + self.baseline.forget_steps(self._past(state))

    def notes(self, state):
        """What will not hold as one might expect, and the IRQs that the kernel keeps where they are."""
        kept = [
            {"irq": number, "name": state.irqs[number], "cpus": self._cpus(state, number)} for number in state.refused
        ]
        return {
            "warnings": check.warnings(self.wanted, state),
            "refused_irqs": kept,
            "governor": self.wanted.governor if targets.governors(self.wanted, state) else "",
        }

    def record(self, state):
        """Keep each value that is about to change, and all IRQs': what has none then appeared under our default."""
        steps = self._value_steps(state, targets.asked(self.system, self.wanted, state))
        paths = [step.target for step in steps]
        if self.wanted.isolated:
            paths += map(knobs.irq_path, state.irqs)
        self.recorded = self.baseline.add({targets.key_of(path, state): state.values[path] for path in paths})

    def apply(self, step):
        """Carry one step out."""
        if step.action in own_files.ACTIONS:
            self._change_file(step)
        elif step.action == RESTART:
            self.system.run(["systemctl", "daemon-reload"])
            self.system.run(["systemctl", "try-restart", step.target])
        elif step.action == FORGET:
            self.baseline.apply(step)
        else:
            self._set(step.target, step.after)

    def put_back(self, state):
        """Values and files as they were."""
        now = self.observe()
        for step in own_files.steps(now.files, state.files):
            self._change_file(step)
        for step in _balance_steps(now, state.files):
            self.apply(step)
        before = {path: text for path, text in state.values.items() if path in now.values}
        for step in self._value_steps(now, before):
            self._set(step.target, step.after)
        self.baseline.forget(self.recorded)

    def _cpus(self, state, number):
        return state.values[knobs.irq_path(number)]

    def _targets(self, state):
        made = targets.asked(self.system, self.wanted, state)
        back = targets.restored(self.wanted, state, self.baseline.load(), made)
        return dict({path: text for path, text in back.items() if self._is_free(path, state, text)}, **made)

    def _is_free(self, path, state, text):
        """False for an IRQ that nobody may move: a queue that appeared later may sit where our default is."""
        hit = knobs.IRQ.match(path)
        same = knobs.same(path, state.values[path], text)
        return not hit or same or knobs.takes_affinity(self.system, int(hit.group(1)))

    def _files(self, state):
        return files.wanted(
            targets.pages(self.system, self.wanted, state),
            targets.sysctls(self.wanted, state),
            targets.housekeeping(self.wanted, state),
            self.wanted.governor if targets.governors(self.wanted, state) else "",
            self.wanted.isolated if state.balances else [],
        )

    def _value_steps(self, state, made):
        """Steps to the texts, in the order of ACTIONS."""
        steps = [
            Step(path, _action(path), "differs from what is asked for", before=state.values[path], after=made[path])
            for path in sorted(made)
            if not knobs.same(path, state.values[path], made[path])
        ]
        return sorted(steps, key=lambda step: (ACTIONS.index(step.action), _comes_later(step)))

    def _past(self, state):
        """The keys of the baseline that nothing asks for now: they are restored."""
        records = self.baseline.load()
        made = {targets.key_of(path, state) for path in targets.asked(self.system, self.wanted, state)}
        if self.wanted.isolated:
            made |= {key for key in records if key.startswith(knobs.IRQS)}
        return [key for key in records if key not in made]

    def _set(self, path, text):
        if knobs.PAGES.search(path):
            knobs.set_pages(self.system, path, text)
        elif not knobs.IRQ.match(path) or self.system.exists(path):  # an IRQ goes with its VF at any time
            self.system.write_kernel(path, text)

    def _change_file(self, step):
        if step.action == own_files.REMOVE and step.target == files.UNIT:
            self.system.run(["systemctl", "stop", "gedge-tuning.service"], check=False)  # else it counts as active
        own_files.apply(self.system, step)
        if step.target == files.UNIT:
            self.system.run(["systemctl", "daemon-reload"])  # so that 'systemctl status' tells the truth
        if step.action == own_files.REMOVE:
            for folder in files.FOLDERS:
                self.system.remove_folder(folder)


def _balance_steps(state, made):
    """[the step that starts irqbalance anew], where it runs and leaves other CPUs alone than made, {path: text}, says.
    It reads its setting when it starts, and a killed run may have written the file only."""
    asked = files.banned(made)
    if not state.balances or asked == state.banned or (not asked and files.BALANCE not in state.files):
        return []
    reason = "it reads which CPUs to leave alone when it starts"
    return [Step("irqbalance.service", RESTART, reason, before=state.banned, after=asked)]


def _action(path):
    if knobs.PAGES.search(path):
        return "set-hugepages"
    if path.startswith(knobs.IRQS):
        return "set-irq-affinity"
    return "set-sysctl" if path.startswith(knobs.SYSCTLS) else "set-governor"


def _comes_later(step):
    """Pages that come need the memory of those that go; an IRQ that appears meanwhile must follow the new default."""
    if step.action == "set-hugepages":
        return int(step.after) > int(step.before)
    return step.target != knobs.DEFAULT_AFFINITY
