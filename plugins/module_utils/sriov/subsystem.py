# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""SR-IOV as a subsystem: brings observe, plan, apply, baseline and the files for boot together."""

from __future__ import annotations

import re
from dataclasses import replace

from .. import management
from ..converge import Subsystem
from ..errors import EngineError, Problem, ProblemsError
from ..steps import Step
from ..system import DRAFT
from . import apply, baseline, boot, observe, plan, select, wanted
from .model import NO_MAC
from .users import Users


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
        self.entries = wanted.entries(params)
        self.recorded = []

    def observe(self):
        """State of the node."""
        pfs = observe.pfs(self.system)
        return State(pfs, self._files_of(pfs))

    def plan(self, state):
        """Steps of all PFs; refuses before anything is touched."""
        unknown = select.unknown_names(self.allowed, state.pfs)
        if unknown:
            raise ProblemsError(unknown, where="sriov")
        asked = self._asked(state)
        if not self.absent:
            self._protect_management(state, asked)
        self._protect_users(state, asked)
        return self._steps(state, asked, self._wanted_files(state, asked)) + self._forget(asked)

    def notes(self, state):
        """What the node lacks for the settings to come back at boot."""
        found = re.match(r"systemd (\d+)", self.system.run(["systemctl", "--version"], check=False).out)
        files = self._wanted_files(state, self._asked(state))
        return boot.shortcomings(files, int(found.group(1)) if found else 0, self.system.exists("/usr/sbin/driverctl"))

    def record(self, state):
        """Keep the baseline of each PF that has none yet."""
        records = baseline.load(self.system)
        asked = self._asked(state)
        new = {pf.address: pf.as_dict() for pf in state.pfs if pf.address in asked and pf.address not in records}
        if new and not self.absent:
            baseline.save(self.system, dict(records, **new))
            self.recorded = list(new)

    def apply(self, step):
        """Carry one step out."""
        if step.action in ("write-file", "remove-file"):
            self._change_file(step)
        elif step.action == "forget-baseline":
            baseline.forget(self.system, step.before)
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
            baseline.forget(self.system, self.recorded)

    # -- what is asked for

    def _asked(self, state):
        """{PF address: WantedPf}."""
        if not self.absent:
            return select.resolve(self.entries, state.pfs)
        records = baseline.load(self.system)
        chosen = select.resolve(self.entries, state.pfs) if self.entries else {pf.address: None for pf in state.pfs}
        return {address: baseline.wanted_of(records[address]) for address in chosen if address in records}

    def _wanted_files(self, state, asked):
        files = dict(state.files)
        for pf in state.pfs:
            if pf.address not in asked:
                continue
            for path in set(_owned(pf, state.files)) - _left_alone(pf, asked[pf.address], state.files):
                del files[path]
            if not self.absent:
                default = self.system.read(boot.DEFAULT_LINK)
                files.update(boot.files(pf, _with_present_count(pf, asked), self._base(pf, state.files), default))
        return files

    def _base(self, pf, files):
        """(path, text) of the .link file that holds for the PF without ours."""
        path = boot.base_of(files.get(boot.prefix(pf.address) + ".link"))
        if path is None:
            index = self.system.read("/sys/class/net/%s/ifindex" % pf.name)
            found = re.search(r"^E:ID_NET_LINK_FILE=(.+)$", self.system.read("/run/udev/data/n%s" % index) or "", re.M)
            path = found.group(1) if found else boot.DEFAULT_LINK
        if not self.system.exists(path):
            path = boot.DEFAULT_LINK
        return path, self.system.read(path)

    def _files_of(self, pfs):
        """{path: text} of our files that exist; a symbolic link's text is boot.LINK and its target."""
        names = self.system.list(boot.NETWORK)
        texts = {path: self._text(path) for pf in pfs for path in _candidates(pf, names)}
        return {path: text for path, text in texts.items() if text is not None}

    def _text(self, path):
        target = self.system.link_target(path)
        if target is not None:
            return boot.LINK + target
        text = self.system.read(path)
        return None if text is None else text + "\n"

    # -- what is refused

    def _protect_management(self, state, asked):
        by_name = [entry for entry in self.entries if {"name", "address", "ports"} & set(entry.select)]
        named = {pf.address for entry in by_name for pf in state.pfs if select.matches(entry.select, pf)}
        carriers = management.interfaces(self.system)
        problems = [
            Problem(
                asked[pf.address].where + ".select",
                "%s carries the management connection" % pf.name,
                "Select it by name if you mean it",
            )
            for pf in state.pfs
            if pf.address in asked and pf.name in carriers and pf.address not in named
        ]
        if problems:
            raise ProblemsError(problems, where="sriov")

    def _protect_users(self, state, asked):
        users = Users(self.system)
        lines = []
        for pf in state.pfs:
            if pf.address in asked and not {pf.name, pf.address} & set(self.allowed):
                lines += _losses(pf, asked[pf.address], users)
        if lines:
            raise EngineError(
                "VFs in use would be lost: %s" % "; ".join(lines),
                "sriov",
                "Free them, or name the PF in allow_vf_loss",
            )

    # -- steps

    def _steps(self, state, asked, files):
        steps = plan.file_steps(state.files, files)
        for pf in state.pfs:
            if pf.address in asked:
                steps += plan.pf_steps(pf, asked[pf.address])
        return steps

    def _forget(self, asked):
        gone = sorted(set(asked) & set(baseline.load(self.system))) if self.absent else []
        return [Step(baseline.PATH, "forget-baseline", "it is restored", before=gone)] if gone else []

    def _change_file(self, step):
        if step.action == "remove-file":
            self.system.remove_file(step.target)
        elif step.after.startswith(boot.LINK):
            self.system.write_link(step.target, step.after[len(boot.LINK) :])
        else:
            self.system.write_file(step.target, step.after)
        if step.target.startswith(boot.UNITS) and not step.target.startswith(boot.WANTS):
            self.system.run(["systemctl", "daemon-reload"])  # so that 'systemctl status' tells the truth


def _is_made_up(step):
    """True where only a MAC differs that nobody set before: a new VF's driver makes up its own."""
    return step.action == "set-vf" and step.after == {"mac": NO_MAC}


def _with_present_count(pf, asked):
    target = asked[pf.address]
    if target.count is None and (pf.vfs and (target.vfs or target.mtu)):
        return replace(target, count=len(pf.vfs))  # attributes at boot need the VFs at boot
    return target


def _candidates(pf, names):
    """Paths that may be ours for one PF. names: what is in the folder of .link files."""
    links = ["%s/%s" % (boot.NETWORK, name) for name in names if name.endswith((".link", DRAFT))]
    unit = boot.unit_name(pf.address)
    others = ["%s/pci-%s" % (boot.DRIVERCTL, boot.vf_address(pf, index)) for index in range(pf.total)]
    others += ["%s/%s" % (folder, unit) for folder in (boot.UNITS, boot.WANTS)]
    ours = [path for path in links if path.startswith(boot.prefix(pf.address))]
    return ours + others + [path + DRAFT for path in others]


def _owned(pf, files):
    names = [path.rsplit("/", 1)[1] for path in files if path.startswith(boot.NETWORK)]
    return [path for path in _candidates(pf, names) if path in files]


def _left_alone(pf, target, files):
    """driverctl's files that say what a VF is bound to, where its driver is not asked for."""
    if pf.unstarted or target.count not in (None, len(pf.vfs)):
        return set()
    free = [vf for vf in pf.vfs if "driver" not in target.vfs.get(vf.index, {})]
    paths = {"%s/pci-%s" % (boot.DRIVERCTL, vf.address): vf.driver for vf in free}
    return {path for path, driver in paths.items() if files.get(path, "").strip() == driver}


def _losses(pf, target, users):
    if target.count is not None and target.count != len(pf.vfs):
        return _lines(pf, [(vf, users.of(vf)) for vf in pf.vfs])
    changing = [
        pf.vfs[i]
        for i, keys in sorted(target.vfs.items())
        if keys.get("driver") not in (None, pf.vfs[i].value("driver"))
    ]
    return _lines(pf, [(vf, users.of(vf, but_bound=True)) for vf in changing])


def _lines(pf, found):
    return ["%s VF %d (%s) %s" % (pf.name, vf.index, vf.address, " and ".join(who)) for vf, who in found if who]
