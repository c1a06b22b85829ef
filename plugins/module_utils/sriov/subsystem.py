# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""SR-IOV as a subsystem: brings observe, plan, apply, baseline and the files for boot together."""

from __future__ import annotations

import re

from .. import own_files
from ..baseline import FORGET
from ..converge import Subsystem
from ..errors import EngineError
from . import apply, baseline, boot, files, guard, observe, plan, select, wanted
from .model import NO_MAC


class State:
    """What was found: the PFs, and our files {path: text}."""

    def __init__(self, pfs, files):
        self.pfs = pfs
        self.files = files


class Sriov(Subsystem):
    """All PFs of a node, as the parameters of module gedge.engine.sriov ask for them."""

    def __init__(self, params, system):
        """params: the module's parameters; system: System. Raises ProblemsError for bad ones."""
        self.system = system
        self.absent = params["state"] == "absent"
        self.allowed = params["allow_vf_loss"] or []
        self.iommu_at_boot = params["iommu_at_boot"]
        self.entries = wanted.entries(params)
        self.baseline = baseline.of(system)
        self.recorded = []

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node."""
        pfs = observe.pfs(self.system)
        return State(pfs, files.found(self.system, pfs))

    def plan(self, state):
        """Steps of all PFs; refuses before anything is touched."""
        guard.names(self.allowed, state.pfs)
        asked = self._asked(state)
        if not self.absent:
            guard.management_connection(self.system, self.entries, state.pfs, asked)
        guard.users(self.system, state.pfs, asked, self.allowed)
        return self._steps(state, asked, self._wanted_files(state, asked)) + self._forget(asked)

    def notes(self, state):
        """What the node lacks for the settings to come back at boot."""
        found = re.match(r"systemd (\d+)", self.system.run(["systemctl", "--version"], check=False).out)
        made = self._wanted_files(state, self._asked(state))
        return boot.shortcomings(made, int(found.group(1)) if found else 0, self.system.exists("/usr/sbin/driverctl"))

    def reboot_reasons(self, state):
        """VFs that get vfio-pci only when the IOMMU is on."""
        asked = {} if self.absent else self._asked(state)
        return [
            "VFs %s of %s get vfio-pci when the IOMMU is on" % (", ".join(map(str, late)), pf.name or pf.address)
            for pf, late in (
                (pf, select.without_iommu(pf, asked[pf.address])) for pf in state.pfs if pf.address in asked
            )
            if late
        ]

    def record(self, state):
        """Keep the baseline of each PF that has none yet."""
        if self.absent:
            return
        asked = self._asked(state)
        self.recorded = self.baseline.add(
            {
                pf.address: dict(pf.as_dict(), files=files.of_pf(pf, state.files))
                for pf in state.pfs
                if pf.address in asked
            }
        )

    def apply(self, step):
        """Carry one step out."""
        if step.action in own_files.ACTIONS:
            self._change_file(step)
        elif step.action == FORGET:
            self.baseline.apply(step)
        else:
            apply.ACTIONS[step.action](self.system, step)

    def put_back(self, state):
        """Bring PFs and files back to an earlier State: plan towards it from what is there now."""
        asked = {pf.address: baseline.wanted_of(pf.as_dict()) for pf in state.pfs}
        now = self.observe()
        for step in self._steps(now, asked, state.files):
            self.apply(step)
        left = [step for step in self._steps(self.observe(), asked, state.files) if not _is_made_up(step)]
        if left:
            raise EngineError("%s is not as before" % left[0].action, left[0].target)
        if self.recorded:
            self.baseline.forget(self.recorded)

    # -- what is asked for

    def _asked(self, state):
        """{PF address: WantedPf}."""
        if not self.absent:
            return select.resolve(self.entries, state.pfs, self.iommu_at_boot)
        records = self.baseline.load()
        chosen = select.resolve(self.entries, state.pfs) if self.entries else {pf.address: None for pf in state.pfs}
        return {address: baseline.wanted_of(records[address]) for address in chosen if address in records}

    def _wanted_files(self, state, asked):
        records = self.baseline.load() if self.absent else {}
        made = dict(state.files)
        for pf in (pf for pf in state.pfs if pf.address in asked):
            for path in files.of_pf(pf, state.files):
                del made[path]
            if self.absent:
                made.update(baseline.files_of(records[pf.address]))
            else:
                made.update(files.wanted(self.system, pf, asked[pf.address], state.files))
        return made

    # -- steps

    def _steps(self, state, asked, made):
        steps = own_files.steps(state.files, made)
        for pf in state.pfs:
            if pf.address in asked:
                steps += plan.pf_steps(pf, select.possible_now(pf, asked[pf.address]))
        return steps

    def _forget(self, asked):
        return self.baseline.forget_steps(asked) if self.absent else []

    def _change_file(self, step):
        unit = step.target.startswith(boot.UNITS) and not step.target.startswith(boot.WANTS)
        if unit and step.action == own_files.REMOVE:  # else it stays loaded until the next boot
            self.system.run(["systemctl", "stop", step.target.rsplit("/", 1)[1]], check=False)
        own_files.apply(self.system, step)
        if unit:
            self.system.run(["systemctl", "daemon-reload"])  # so that 'systemctl status' tells the truth


def _is_made_up(step):
    """True where only a MAC differs that nobody set before: a new VF's driver makes up its own."""
    return step.action == "set-vf" and step.after == {"mac": NO_MAC}
