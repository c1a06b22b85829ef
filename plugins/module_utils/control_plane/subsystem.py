# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The control plane of a node as a subsystem: papers, units, etcd's membership, what those who join read."""

from __future__ import annotations

import contextlib
import os
import time

from .. import own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..errors import EngineError
from . import cluster, config, etcd, observe, planning, service, told, units, wanted
from .flags import PKI

FOLDERS = (PKI + "/etcd", PKI, config.FOLDER)


@contextlib.contextmanager
def secret():
    """Files that are made meanwhile are nobody else's from the first moment."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


class ControlPlane(Subsystem):
    """What a node shall have of a control plane, as the parameters of module gedge.engine.control_plane ask for it.

    planning: plans it; programs: what must be on the node."""

    planning = planning
    programs = wanted.COMPONENTS + wanted.TOOLS

    def __init__(self, params, system, clock=time):
        """clock: has monotonic(), time() and sleep(). Raises ProblemsError for what is wrong on any node."""
        self.system, self.clock = system, clock
        self.wanted = wanted.read(params)
        self.absent = params["state"] == "absent"
        self.baseline = Baseline(system, "control_plane")
        self.recorded = []
        self.outdated = []

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node, None where nothing of ours is to be undone."""
        records = self.baseline.load()
        if self.absent and not records and not self.wanted.remove_data:
            return None
        return observe.read(self.system, self.wanted, records, self.clock)

    def plan(self, state):
        """Steps; refuses before anything is touched."""
        if state is None:
            return []
        if self.absent:
            steps = self.planning.absent(state, self.wanted, state.records)
            return steps + self.baseline.forget_steps(state.records)
        steps = self.planning.present(state, self.wanted)
        made = (planning.CERTIFICATE, planning.KEYS)
        self.outdated = [step.target for step in steps if step.action in made]
        return steps

    def notes(self, state):
        """What outlives the loss of a node, when certificates end, and what a person should know."""
        if state is None or self.absent:
            return {"certificates": {}, "highly_available": []}
        return told.notes(state, self.wanted)

    def record(self, state):
        """Keep which files are of our making: those that are not there yet."""
        self._need_programs()
        if not self.absent:
            made = set(observe.made_files(self.wanted)) - state.keys
            made |= {"%s/%s" % (wanted.BIN, name) for name, target in state.links.items() if target is None}
            self.recorded = self.baseline.add(dict.fromkeys(sorted(made | {config.PATH})))

    def apply(self, step):
        """Carry one step out."""
        if step.action in own_files.ACTIONS:
            own_files.apply(self.system, step)
        elif step.action == FORGET:
            self._remove_folders()
            self.baseline.apply(step)
        else:
            getattr(self, "_" + step.action.replace("-", "_"))(step)

    def put_back(self, state):
        """Files as they were, and the units as they were: running ones run, the others do not."""
        now = observe.read(self.system, self.wanted, {}, Hurry())
        for component in reversed(wanted.COMPONENTS):
            if now.units[component].active:
                self.system.run(["systemctl", "stop", component + ".service"], check=False)
                self.system.run(["systemctl", "reset-failed", component + ".service"], check=False)
        if now.data and not state.data:
            if not self.wanted.first:
                etcd.leave(self.system, self.wanted)
            etcd.set_aside(self.system, self.wanted, self.clock)
        for step in own_files.steps(now.files, state.files):
            own_files.apply(self.system, step)
        self._put_files_back(now, state)
        self._remove_folders()
        self.system.remove_file(units.FIRST_START)
        self.baseline.forget(self.recorded)
        self.system.run(["systemctl", "daemon-reload"])
        for component in wanted.COMPONENTS:
            if state.units[component].active:
                service.restart(self.system, component)
                if state.units[component].well:
                    service.wait(self.system, component, self.wanted, self.clock)

    def _remove_folders(self):
        """Those that kubeadm made, where nothing is in them."""
        for folder in FOLDERS:
            self.system.remove_folder(folder)

    def _put_files_back(self, now, state):
        for path in now.keys - state.keys:
            self.system.remove_file(path)
        for path, (data, mode) in state.kept.items():
            if now.kept.get(path) != (data, mode):
                self._write_secret(path, data.decode("utf-8"), mode)
        for name, target in state.links.items():
            if now.links[name] != target:
                self._link("%s/%s" % (wanted.BIN, name), target)

    # -- the steps, by the names of their actions

    def _set_link(self, step):
        self._link(step.target, step.after)

    def _take_shared(self, step):
        name = step.target[len(PKI) + 1 :]
        text = self.wanted.shared.get(name)
        if not text:
            advice = "Have the role bring it: shared.%s" % name
            raise EngineError("the first control-plane node's has not come along", step.target, advice)
        self._write_secret(step.target, text.strip() + "\n", 0o644 if name.endswith((".crt", ".pub")) else 0o600)

    def _make_certificate(self, step):
        """kubeadm makes all that is missing in one run, so the first of these steps does the work of all."""
        if step.target not in self.outdated:
            return
        for path in self.outdated:
            for end in (".crt", ".key", ".pub"):
                self.system.remove_file(path.rsplit(".", 1)[0] + end)
        self._phase("certs", "all")
        self.outdated = []

    _make_keys = _make_certificate

    def _make_kubeconfig(self, step):
        self.system.remove_file(step.target)
        self._phase("kubeconfig", step.detail["name"])

    def _reload_units(self, step):
        self.system.run(["systemctl", "daemon-reload"])

    def _begin_etcd(self, step):
        etcd.begin(self.system, self.wanted)

    def _join_etcd(self, step):
        etcd.join(self.system, self.wanted)

    def _leave_etcd(self, step):
        etcd.leave(self.system, self.wanted)

    def _stop_unit(self, step):
        service.stop(self.system, step.target.rsplit(".", 1)[0])

    def _start_unit(self, step):
        component = step.target.rsplit(".", 1)[0]
        joins = component == "etcd" and not self.wanted.first
        nudge = (lambda: etcd.promote(self.system, self.wanted)) if joins else (lambda: None)
        service.restart(self.system, component)
        service.wait(self.system, component, self.wanted, self.clock, nudge)
        if component == "etcd":
            self.system.remove_file(units.FIRST_START)

    def _upload_configuration(self, step):
        cluster.upload(self.system, self.wanted)

    def _remove_made(self, step):
        self.system.remove_file(step.target)

    def _remove_etcd_data(self, step):
        self.system.run(["rm", "-r", "-f", "--one-file-system", step.target])

    def _link(self, path, target):
        if target is None:
            self.system.remove_file(path)
        else:
            self.system.write_link(path, target)

    def _write_secret(self, path, text, mode):
        with secret():
            self.system.write_file(path, text, mode)

    def _phase(self, *words, **more):
        """A phase of kubeadm; it reads what it is told (more["text"], by default what is asked for) from a file that
        may not be in its place yet."""
        text = more.get("text") or config.text(self.wanted, waits=True)
        with secret():
            self.system.write_file(cluster.DOCUMENTS, text, 0o600)
            try:
                self.system.run([cluster.KUBEADM, "init", "phase"] + list(words) + ["--config", cluster.DOCUMENTS])
            finally:
                self.system.remove_file(cluster.DOCUMENTS)

    def _need_programs(self):
        for name in () if self.absent else self.programs:
            path = self.wanted.binary(name)
            if not self.system.exists(path):
                advice = "Bring it to the node first, as role cluster_control_plane does"
                raise EngineError("there is no program %s" % name, path, advice)


class Hurry:
    """A clock for which the time is over: nobody waits for units that are to be stopped."""

    time = staticmethod(time.time)
    sleep = staticmethod(lambda seconds: None)

    def __init__(self):
        self.ticks = 0

    def monotonic(self):
        """Later by far each time."""
        self.ticks += 3600
        return self.ticks
