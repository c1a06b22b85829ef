# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A device plugin as a subsystem: a configuration, a unit, and a kubelet that knows all of its pools."""

from __future__ import annotations

import time

from .. import own_files, programs
from ..converge import Subsystem
from ..errors import EngineError, Problem, ProblemsError
from ..steps import Step
from . import files, gpus, observe
from .kinds import KINDS
from .offers import OFFERS

STOP, RESTART = "stop-unit", "restart-unit"


class DevicePlugin(Subsystem):
    """The pools that a node shall offer, as the parameters of module gedge.engine.device_plugin ask for them."""

    def __init__(self, params, system, clock=time):
        """clock: has monotonic() and sleep(). Raises ProblemsError for what is wrong on any node."""
        self.system, self.clock = system, clock
        self.word = params["kind"]
        self.kind = KINDS[self.word]
        self.offer = OFFERS[self.word](self.word, [] if params["state"] == "absent" else params["pools"])
        self.program = params["program"] or self.kind.program
        self.verbosity, self.timeout, self.brought = params["verbosity"], params["timeout"], params["brought"]
        self.drained = params["drained"]
        self.replaced = None  # what programs.running says of the plugin that ran before
        problems = self.offer.problems()
        if problems:
            raise ProblemsError(problems, where="device_plugin")

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node."""
        state = observe.read(self.system, self.kind)
        self.offer.observe(self.system, state)
        return state

    def plan(self, state):
        """Files, then one start; refuses before anything is touched."""
        expected, faults = self.offer.members(state)
        ours = files.resources(self.kind, self.word, state.files)
        others = {name: ids for name, ids in state.registered.items() if name not in ours}
        faults += self._lacks() + _twice(expected, others, self.system)
        faults += self.offer.refusals(state, expected, ours, self.drained)
        if faults:
            raise ProblemsError(faults, where="device_plugin")
        made = self._files(state)
        stop = [] if made or not state.is_there() else [Step(self.kind.unit, STOP, "no pool is asked for")]
        steps = stop + own_files.steps(state.files, made, reason="the plugin reads it when it starts")
        why = self._reason(state, made, expected) if made else ""
        return steps + ([Step(self.kind.unit, RESTART, why, before="", after="running")] if why else [])

    def notes(self, state):
        """What the node offers once it is as asked for: {resource: number}; of which cards pods would have nothing."""
        expected = self.offer.members(state)[0]
        return {
            "offered": {name: _count(ids) for name, ids in sorted(expected.items())},
            "warnings": self.offer.warnings(state, expected),
        }

    def record(self, state):
        """Nothing on the disk: a program that was replaced under the plugin is to be had only as long as that runs."""
        self.replaced = programs.running(self.system, state.unit.get("MainPID", "0"))

    def apply(self, step):
        """Carry one step out."""
        if step.action == STOP:
            self.system.run(["systemctl", "stop", self.kind.unit], check=False)
        elif step.action == RESTART:
            self._start()
            expected = self.offer.members(self.observe())[0]
            self._wait(lambda: self._lost(expected, observe.registered(self.system)))
        else:
            self._change_file(step)

    def put_back(self, state):
        """Files as they were, and the plugin as it was: the unit before goes with the program that it ran."""
        runs = files.unit_path(self.kind) in state.files and state.is_there()
        if not runs:
            self.system.run(["systemctl", "stop", self.kind.unit], check=False)
        for step in own_files.steps(self.observe().files, state.files):
            self._change_file(step)
        if self.replaced:
            self.system.write_stream(*self.replaced, programs.MODE)
        if runs:
            self._start()
            known = [name for name in files.resources(self.kind, self.word, state.files) if state.registered.get(name)]
            self._wait(lambda: self._away(known))

    def _lacks(self):
        """What the plugin needs besides devices. Only where something is asked for."""
        if not self.offer.given:
            return []
        found = []
        if not (self.brought or self.system.exists(self.program)):
            advice = "Copy it there first: the role of this plugin does"
            found.append(Problem("program", "is not on this node", advice, self.program))
        fault = gpus.runtime_fault(self.system) if any(pool.get("cdi") for pool in self.offer.given) else None
        if fault:
            found.append(Problem("containerd", *fault))
        return found + self.offer.lacks(self.system)

    def _files(self, state):
        rows, devices = self.offer.rows(state), self.offer.devices(state)
        return files.wanted(self.kind, rows, devices, self.program, self.verbosity)

    def _reason(self, state, made, expected):
        """Why it must start anew, "" where it need not."""
        digest = files.digest(made[self.kind.config], self.offer.devices(state))
        if not state.runs():
            return "it does not run"
        if state.files.get(files.unit_path(self.kind)) != made[files.unit_path(self.kind)]:
            return "it reads its configuration and its devices when it starts"
        if state.digest != digest:
            return "it has read other pools or devices than there are now"
        if state.program.endswith(" (deleted)"):
            return "its program was replaced"
        lost = self._lost(expected, state.registered)
        return "the kubelet does not know all devices of %s" % ", ".join(lost) if lost else ""

    def _lost(self, expected, registered):
        """Resources of which the kubelet knows other devices, or knows them from a plugin that is gone."""
        return self._gone(expected, _unknown(expected, registered))

    def _away(self, names):
        """Resources of which the kubelet knows no device; how many there are may have changed meanwhile."""
        there = observe.registered(self.system)
        return self._gone(names, [name for name in names if not there.get(name)])

    def _gone(self, names, lost):
        return lost + [name for name in self.offer.gone(self.system, names) if name not in lost]

    def _start(self):
        self.system.run(["systemctl", "reset-failed", self.kind.unit], check=False)
        self.system.run(["systemctl", "restart", self.kind.unit])

    def _wait(self, lacking):
        """Until lacking() names no resource. Raises EngineError with the plugin's last words."""
        end = self.clock.monotonic() + self.timeout
        while True:
            lost = lacking()
            if not lost and observe.show(self.system, self.kind.unit).get("ActiveState") == "active":
                return
            if self.clock.monotonic() >= end:
                break
            self.clock.sleep(1)
        said = observe.last_words(self.system, self.kind.unit)
        what = "after %d s the kubelet does not know all devices of %s" % (
            self.timeout,
            ", ".join(lost) or "the plugin",
        )
        there = self.system.exists(observe.KUBELET_SOCKET)
        hint = "journalctl -u %s has the rest" % self.kind.unit if there else "No kubelet runs here: start it first"
        raise EngineError("%s; the plugin says: %s" % (what, said or "nothing"), self.kind.unit, hint)

    def _change_file(self, step):
        own_files.apply(self.system, step)
        if step.target == files.unit_path(self.kind):
            self.system.run(["systemctl", "daemon-reload"])
        if step.action == own_files.REMOVE:
            if step.target == files.unit_path(self.kind):  # one that failed would stay known without a file
                self.system.run(["systemctl", "reset-failed", self.kind.unit], check=False)
            self.system.remove_folder(self.kind.config.rsplit("/", 1)[0])


def _count(ids):
    return ids if isinstance(ids, int) else len(ids)


def _twice(expected, registered, system):
    """[Problem] for devices that a plugin of others offers, too."""
    mine = {address for ids in expected.values() if not isinstance(ids, int) for address in ids}
    found = []
    for name, ids in sorted(registered.items()):
        both = sorted(mine & set(ids)) if name not in expected else []
        if both and observe.serves(system, name):
            what = "is offered by another plugin already, as %s" % name
            advice = "Take it out of that plugin's configuration or out of this pool: two pods would get it"
            found.append(Problem(both[0], what, advice))
    return found


def _unknown(expected, registered):
    """Resources of which the kubelet knows other devices than these."""
    found = []
    for name, ids in sorted(expected.items()):
        known = registered.get(name, [])
        if (len(known) != ids) if isinstance(ids, int) else (sorted(known) != sorted(ids)):
            found.append(name)
    return found
