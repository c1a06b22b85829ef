# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kubelet's managers as a subsystem: two files of our own, and a kubelet that has read them.

It is stopped before the first file changes and started after the last one, so that a kubelet that runs has read all
of them, whenever a run was killed. Draining is left to who calls: the steps say that it is needed.
"""

from __future__ import annotations

import time

from .. import own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..errors import EngineError, ProblemsError
from ..steps import DRAIN, NONE, Step
from . import checkpoint, document, launch, observe, reserve, rules, service, wanted

STOP, START, RELOAD, DISCARD = "stop-unit", "start-unit", "reload-units", "remove-state"
# Keys of the baseline: that we were here, and a folder that was not there before.
TOUCHED, MADE = "touched", "folder:"
MODE = 0o600  # of a state file
# What reservedMemory follows from; where none of it is asked for, it is as others set it.
SHARED = {"memoryManagerPolicy", "evictionHard", *wanted.RESERVATIONS}


class Kubelet(Subsystem):
    """What the kubelet's managers shall be, as the parameters of module gedge.engine.kubelet ask for it."""

    def __init__(self, params, system, clock=time):
        """clock: has monotonic(), time() and sleep(). Raises ProblemsError for what is wrong on any node."""
        self.system, self.clock = system, clock
        self.asked = wanted.read(params)
        self.absent = params["state"] == "absent"
        self.timeout = params["timeout"]
        self.baseline = Baseline(system, "kubelet")
        self.recorded = []
        self.versions = {}

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node, None where nothing of ours is to be undone: how it runs is not our business then."""
        return None if self.absent and not self.baseline.load() else observe.read(self.system, self._version)

    def plan(self, state):
        """Stop, remove what it would refuse, write, start; refuses before anything is touched."""
        if state is None:
            return []
        files = self._files(state)
        config = state.config(files)
        problems = rules.problems(config, state) if self.asked else []
        if problems:
            raise ProblemsError(problems, where="kubelet")
        return self._steps(state, files, config) + self.baseline.forget_steps(self._past())

    def notes(self, state):
        """What can be expected of the node, and what will not do what one might expect."""
        if state is None:
            return {"configuration": {}, "expected": {}, "kubelet": ""}
        config = state.config(self._files(state))
        try:
            found = reserve.outcome(config, state.machine)
        except (ValueError, EngineError):
            found = {}  # of absent: what others wrote has not been looked at
        asked = {key: value for key, value in sorted(config.items()) if key in wanted.NAMES or key == "reservedMemory"}
        warnings = rules.warnings(config, state) if self.asked else []
        return {"warnings": warnings, "configuration": asked, "expected": found, "kubelet": "1.%d" % state.version}

    def record(self, state):
        """Keep that we were here, and which folders we make."""
        if not self.absent:
            keys = [TOUCHED] + [MADE + folder for folder in state.missing]
            self.recorded = self.baseline.add(dict.fromkeys(keys))

    def apply(self, step):
        """Carry one step out."""
        if step.action == STOP:
            service.stop(self.system)
        elif step.action == DISCARD:
            self.system.remove_file(step.target)
        elif step.action in own_files.ACTIONS:
            own_files.apply(self.system, step)
        elif step.action == RELOAD:
            self.system.run(["systemctl", "daemon-reload"])
        elif step.action == START:
            self._start(self.observe())
        elif step.action == FORGET:
            self._remove_folders(self.baseline.load())
            self.baseline.apply(step)

    def put_back(self, state):
        """Files and state files as they were, and the kubelet as it was: running, and well if it was well before."""
        service.stop(self.system)
        now = self.observe()
        for step in own_files.steps(now.files, state.files):
            own_files.apply(self.system, step)
        for name, text in state.checkpoints.items():
            if text != now.checkpoints[name]:
                self._put_checkpoint("%s/%s" % (state.launch.root(), name), text)
        self.system.run(["systemctl", "daemon-reload"])
        self._remove_folders(self.recorded)
        self.baseline.forget(self.recorded)
        if state.well:
            self._start(self.observe())
        elif state.runs():
            service.restart(self.system)

    def _version(self, binary):
        if binary not in self.versions:
            self.versions[binary] = observe.version(self.system, binary)
        return self.versions[binary]

    def _files(self, state):
        """{path: text} of what shall be there."""
        if not self.asked:  # all is as others set it
            return {}
        patch = document.patch_of(self.asked, state.base)
        config = document.merge(state.base, patch)
        if config.get("memoryManagerPolicy") == "Static" and SHARED & set(self.asked):
            before = document.parse(state.files.get(state.launch.file())).get("reservedMemory") or ()
            try:
                total = reserve.memory(config, state.machine.total)
                patch["reservedMemory"] = reserve.shares(total, state.machine, before)
            except (ValueError, ZeroDivisionError):
                pass  # a fault that the rules tell
        texts = {state.launch.file(): document.text(patch)}
        if "static" in (config.get("cpuManagerPolicy"), str(config.get("memoryManagerPolicy")).lower()):
            texts[launch.BOOT] = state.launch.boot()
        unit = state.launch.unit_drop_in()
        return dict(texts, **{launch.DROP_IN: unit}) if unit else texts

    def _steps(self, state, files, config):
        stale = checkpoint.stale(state.checkpoints, config, state.machine)
        path = state.launch.file()
        drain = DRAIN if stale or state.files.get(path) != files.get(path) else NONE
        changes = [
            Step(
                "%s/%s" % (state.launch.root(), name),
                DISCARD,
                reason,
                drain,
                checkpoint.policy(state.checkpoints[name]),
            )
            for name, reason in sorted(stale.items())
        ]
        written = own_files.steps(_read(state.files), _read(files), drain, "the kubelet must read it when it starts")
        changes += written
        # Of no matter to a kubelet that runs.
        boot = own_files.steps(_boot(state.files), _boot(files), NONE, "a state of before a boot must not be read")
        # Of a run that was killed between a file and what must follow it.
        unread = state.runs() and not self._is_read(state, files)
        if any(step.target == launch.DROP_IN for step in written) or state.unit.get("NeedDaemonReload") == "yes":
            changes.append(Step("systemd", RELOAD, "a unit has changed", drain, before="", after=""))
        crashes = int(state.unit.get("NRestarts") or 0) and state.unit.get("ActiveState") != "active"
        if not (stale or written or unread or crashes or not state.runs()):
            return boot
        reason = "it reads its configuration when it starts"
        first = [Step(launch.UNIT, STOP, reason, drain, "running", "stopped")] if state.runs() else []
        return boot + first + changes + [Step(launch.UNIT, START, reason, drain, "stopped", "running")]

    def _is_read(self, state, files):
        """Whether the process was started with the folder of drop-ins that it shall have."""
        folder = state.launch.folder() if files else state.launch.flags.get(launch.CONFIG_DIR, "").rstrip("/")
        return state.running.get(launch.CONFIG_DIR, "").rstrip("/") == folder

    def _past(self):
        return list(self.baseline.load()) if self.absent else []

    def _start(self, state):
        config = state.config(state.files)
        where = service.address(config, state.launch.flags)
        service.restart(self.system)
        service.wait(self.system, self.clock, self.timeout, where, config, state.launch.root())

    def _put_checkpoint(self, path, text):
        if text is None:
            self.system.remove_file(path)
        else:
            self.system.write_file(path, text, MODE)

    def _remove_folders(self, keys):
        for key in sorted(keys, reverse=True):
            if key.startswith(MADE):
                self.system.remove_folder(key[len(MADE) :])


def _boot(files):
    """The file that is for the next boot."""
    return {path: text for path, text in files.items() if path == launch.BOOT}


def _read(files):
    """The files that the kubelet reads, or systemd for it."""
    return {path: text for path, text in files.items() if path != launch.BOOT}
