# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Boot arguments and modules as a subsystem: three files of our own, grub.cfg made of them, modules loaded now."""

from __future__ import annotations

from .. import own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..errors import EngineError, ProblemsError
from ..steps import NONE, REBOOT, Step
from . import check, cmdline, grub, modules, observe, wanted

UPDATE, RESTORE, LOAD, UNLOAD, SET = "update-grub", "restore-grub", "load-module", "unload-module", "set-module-option"
# Keys of the baseline: an argument that was ever ours, a module that we loaded, an option that we changed, and a
# grub.cfg that was written by hand.
ARGUMENT, MODULE, OPTION, HANDMADE = "argument:", "module:", "option:", "handmade:grub.cfg"


class Boot(Subsystem):
    """What a node boots with, as the parameters of module gedge.engine.boot ask for it."""

    def __init__(self, params, system):
        """Raises ProblemsError for parameters that are wrong on any node."""
        self.system = system
        self.wanted = wanted.read(params)
        self.absent = params["state"] == "absent"
        self.baseline = Baseline(system, "boot")
        self.recorded = []

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node."""
        return observe.read(self.system, sorted(set(self.wanted.modules) | set(self.wanted.options) | self._ours()))

    def plan(self, state):
        """Files first, then grub.cfg, then what can be had now; refuses before anything is touched."""
        self._refuse(state)
        records = self.baseline.load()
        reboot = REBOOT if self.reboot_reasons(state) else NONE
        steps = self._file_steps(state, reboot) + self._grub_steps(state, records, reboot)
        return steps + self._module_steps(state, records) + self.baseline.forget_steps(self._past(state, records))

    def notes(self, state):
        """What will not hold as one might expect, and the arguments that are asked for."""
        pairs = self.wanted.pairs(state.iommu_kind)
        return {"warnings": check.warnings(self.wanted, state), "arguments": [cmdline.render([pair]) for pair in pairs]}

    def reboot_reasons(self, state):
        """What the running kernel or a loaded module lacks, or still has."""
        asked = self.wanted.pairs(state.iommu_kind)
        missing, left = cmdline.missing(asked, state.running), self._left(state, state.running)
        reasons = ["the running kernel was started without %s" % cmdline.render(missing)] if missing else []
        reasons += ["the running kernel was started with %s" % cmdline.render(left)] if left else []
        return reasons + [
            "module %s runs with %s=%s, asked for is %s; it reads it only when it is loaded" % row
            for row in self._fixed(state)
        ]

    def record(self, state):
        """Keep which arguments are ours, and what the steps to come change at run time."""
        new = {ARGUMENT + cmdline.render([pair]): None for pair in self._own(state)}
        if new and grub.is_handmade(state.grub.text):
            new[HANDMADE] = state.grub.text
        for step in self._module_steps(state, self.baseline.load()):
            if step.action == LOAD:
                new[MODULE + step.target] = None
            elif step.action == SET:
                new[OPTION + step.target] = step.before
        self.recorded = [] if self.absent else self.baseline.add(new)

    def apply(self, step):
        """Carry one step out."""
        if step.action in own_files.ACTIONS:
            own_files.apply(self.system, step)
        elif step.action == FORGET:
            self.baseline.apply(step)
        elif step.action == UPDATE:
            grub.update(self.system, step.detail["ours"])
        elif step.action == RESTORE:
            grub.put_back(self.system, self.baseline.load()[HANDMADE])
        elif step.action == SET:
            self.system.write_kernel(step.target, step.after)
        else:
            self.system.run(["modprobe"] + (["-r"] if step.action == UNLOAD else []) + [step.target])

    def put_back(self, state):
        """Files and grub.cfg as they were, modules that this run loaded unloaded, options as they were."""
        now = self.observe()
        for step in own_files.steps(now.files, state.files):
            own_files.apply(self.system, step)
        grub.put_back(self.system, state.grub.text)
        for name, module in state.modules.items():
            self._put_module_back(module, now.modules[name])
        self.baseline.forget(self.recorded)

    # -- arguments

    def _refuse(self, state):
        problems = check.problems(self.wanted, state)
        if problems:
            raise ProblemsError(problems, where="boot")
        missing = cmdline.missing(self.wanted.pairs(state.iommu_kind), state.running)
        if missing and state.grub.obstacle:
            raise EngineError(
                "%s, so these kernel arguments cannot be set: %s" % (state.grub.obstacle, cmdline.render(missing)),
                "boot",
                "Give them to what starts this node (its boot entry, the hypervisor), then run again",
            )

    def _own(self, state):
        """The pairs that our drop-in has to add: what is asked for, but for what others set already."""
        if state.grub.obstacle:
            return []
        return cmdline.missing(self.wanted.pairs(state.iommu_kind), state.grub.before())

    def _left(self, state, found):
        """The pairs of found that were ours once and that nothing asks for now."""
        once = {key[len(ARGUMENT) :] for key in self.baseline.load() if key.startswith(ARGUMENT)}
        once |= {cmdline.render([pair]) for pair in grub.of_drop_in(state.files.get(grub.DROP_IN))}
        allowed = state.grub.before() + state.grub.after() + self.wanted.pairs(state.iommu_kind)
        return [pair for pair in found if pair not in allowed and cmdline.render([pair]) in once]

    def _files(self, state):
        texts = {
            grub.DROP_IN: grub.drop_in(self._own(state)),
            modules.LOAD: modules.load_file(self.wanted.modules),
            modules.OPTIONS: modules.options_file(self.wanted.options),
        }
        return {path: text for path, text in texts.items() if text is not None}

    def _file_steps(self, state, reboot):
        steps = own_files.steps(state.files, self._files(state))
        for step in steps:
            step.disruption = reboot if step.target == grub.DROP_IN else NONE
        return steps

    def _grub_steps(self, state, records, reboot):
        if state.grub.obstacle:
            return []
        ours = self._own(state)
        stale = [pair for entry in state.grub.entries for pair in self._left(state, entry)]
        touched = ours or stale or any(key.startswith(ARGUMENT) for key in records)
        handmade = records.get(HANDMADE)
        if not ours and handmade and grub.can_start(self.system, handmade):
            reason = "it was written by hand before"
            same = handmade == state.grub.text
            return [] if same else [Step(grub.CONFIG, RESTORE, reason, reboot, "made by update-grub", "as before")]
        if not touched or grub.is_current(state.grub, ours, stale):
            return []
        after = cmdline.render(ours)
        before = cmdline.render(grub.of_drop_in(state.files.get(grub.DROP_IN)))
        reason = "the entries differ from what is asked for"
        return [Step(grub.CONFIG, UPDATE, reason, reboot, before, after, {"ours": ours})]

    # -- modules

    def _ours(self):
        """Names of the modules that the baseline speaks of."""
        records = self.baseline.load()
        names = {key[len(MODULE) :] for key in records if key.startswith(MODULE)}
        return names | {_split(key)[0] for key in records if key.startswith(OPTION)}

    def _module_steps(self, state, records):
        steps = []
        for name in self.wanted.modules:
            module = state.modules[name]
            if not module.loaded and not module.builtin:
                steps.append(Step(name, LOAD, "not loaded", before=False, after=True))
        for name, key, found, value in self._changeable(state, records):
            path = "%s/parameters/%s" % (modules.folder(name), key)
            steps.append(Step(path, SET, "differs from what is asked for", before=found, after=value))
        return steps + [
            Step(name, UNLOAD, "loaded by this collection and not used", before=True, after=False)
            for name in self._surplus(state, records)
            if not state.modules[name].users
        ]

    def _surplus(self, state, records):
        named = [key[len(MODULE) :] for key in records if key.startswith(MODULE)]
        return sorted(name for name in named if name not in self.wanted.modules and state.modules[name].loaded)

    def _differing(self, state):
        """(module, option, found, asked, whether it can be changed now) of all that are loaded with other options."""
        for name, options in self.wanted.options.items():
            module = state.modules[name]
            for key, value in options.items():
                found, writable = module.values.get(key, (value, False))
                if module.loaded and not modules.same(found, value):
                    yield name, key, found, value, writable

    def _fixed(self, state):
        return [row[:4] for row in self._differing(state) if not row[4]]

    def _changeable(self, state, records):
        """(module, option, found, value) of what is changed now: to what is asked for, or back to the baseline."""
        rows = [row[:4] for row in self._differing(state) if row[4]]
        for name, key, value in self._returning(records):
            found, writable = state.modules[name].values.get(key, (value, False))
            if writable and not modules.same(found, value):
                rows.append((name, key, found, value))
        return rows

    def _returning(self, records):
        """(module, option, value) of the baseline that nothing asks for now."""
        for record, value in records.items():
            if record.startswith(OPTION):
                name, key = _split(record)
                if key not in self.wanted.options.get(name, {}):
                    yield name, key, value

    def _past(self, state, records):
        """The keys of the baseline that this run settles."""
        asked = {ARGUMENT + cmdline.render([pair]) for pair in self.wanted.pairs(state.iommu_kind)}
        arguments = [] if self._own(state) else [key for key in records if key.startswith((ARGUMENT, HANDMADE))]
        gone = [key for key in records if key.startswith(MODULE) and key[len(MODULE) :] not in self.wanted.modules]
        gone += ["%s%s/parameters/%s" % (OPTION, modules.folder(n), k) for n, k, dummy in self._returning(records)]
        return [key for key in arguments if key not in asked] + gone

    def _put_module_back(self, before, now):
        for key, (value, writable) in before.values.items():
            if writable and now.values.get(key, (value, True))[0] != value and now.loaded and before.loaded:
                self.system.write_kernel("%s/parameters/%s" % (modules.folder(before.name), key), value)
        if now.loaded != before.loaded:
            self.system.run(["modprobe"] + (["-r"] if now.loaded else []) + [before.name])


def _split(record):
    """ "option:/sys/module/X/parameters/Y" -> ("X", "Y")."""
    parts = record.split("/")
    return parts[3], parts[5]
