# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The network of a node as a subsystem: links, separation and filters, changed under a clock that puts them back."""

from __future__ import annotations

import contextlib
import secrets

from .. import management, own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..ingress import boot as ingress_boot
from ..ingress.subject import Ingress
from . import apply, backends, guard, observe, pending, plan, script, snapshot, wanted
from .model import State

BASELINE = "network"


class Network(Subsystem):
    """All links of a node, as the parameters of module gedge.engine.network ask for them."""

    def __init__(self, params, system):
        """params: the module's parameters; system: System."""
        self.system = system
        self.absent = params["state"] == "absent"
        self.items = [] if self.absent else params["links"] or []
        self.filters = [] if self.absent else params["filters"] or []
        self.separation = params["separation"]
        self.policy = params["policy_routing"]
        self.allowed = params["allow_management"] or []
        self.within = params["confirm_within"]
        self.baseline = Baseline(system, BASELINE, lambda value: value["exists"])
        self.promise = None
        self.backend = None  # known once the node was looked at

    @contextlib.contextmanager
    def lock(self):
        """One run at a time changes a node, and one change at a time waits for its confirmation."""
        while True:
            pending.wait(self.system, self.within)
            with self.system.lock():
                if pending.token(self.system):
                    continue
                if self.system.exists(script.PENDING):
                    pending.disarm(self.system)
                yield
                return

    def observe(self):
        """State of the node."""
        self.backend = self.backend or apply.running(self.system)
        links, files = observe.links(self.system), observe.own(self.system)
        asked = wanted.with_ports(wanted.links(self.items, links))
        return State(
            backend=self.backend.files,
            links=links,
            rules=observe.rules(self.system),
            sysctls=observe.sysctls(self.system, [path for link in asked for path in link.sysctls()]),
            files=files,
            unread=observe.unread(self.system, files),
            others=self.backend.governed(links, asked),
            management=management.interfaces(self.system, own_defaults=backends.defaults(files)),
            ingress=self._ingress(asked).observe(),
        )

    def plan(self, state):
        """Steps of all links; refuses before anything is touched."""
        guard.allowed(self.allowed, state.links)
        asked, dummy = self._asked(state)
        guard.conflicts(asked, state)
        file_steps = plan.files(state, asked, self.separation)
        gone = self._gone(state, asked)
        now = snapshot.take(self.system, gone) if gone else {}
        steps = file_steps + plan.link_steps(state, asked, file_steps) + plan.restore_steps(gone, now, file_steps)
        steps += plan.sysctl_steps(state, asked, self.separation)
        filters = self._ingress(self._links(state))
        filter_steps = filters.plan(state.ingress)
        filtered = [name for one in filters.filters if one.rules is not None for name in one.interfaces]
        guard.management(steps, filtered if filter_steps else (), state, self.allowed)
        return filter_steps + steps + self.baseline.forget_steps(list(gone))

    def notes(self, state):
        """Which filter stands where, and the links that were left to whoever set them up."""
        links = self._links(state)
        left = self._asked(state)[1]
        notes = {"filters": self._ingress(links).report(), "left_alone": [link.name for link in left]}
        waits = None if self.promise else pending.token(self.system)
        if waits:  # in check mode; a run waits for its end first
            notes["warnings"] = ["change %s waits for its confirmation: this plan starts from it" % waits]
        return notes

    def record(self, state):
        """Set the clock that puts everything back, then keep the baseline of each interface that has none yet."""
        asked, dummy = self._asked(state)
        names = {link.name for link in asked} | set(self._gone(state, asked))
        shots = snapshot.take(self.system, snapshot.around(self.system, names))
        token = secrets.token_hex(8)
        pending.arm(self.system, self._script(state, asked, shots), token, self.within)
        self.promise = {"token": token, "within": self.within}
        if asked:
            self.baseline.add({name: shots[name] for name in shots if name in {link.name for link in asked}})

    def apply(self, step):
        """Carry one step out."""
        filters = self._ingress([])
        if filters.acts(step):
            filters.apply(step)
        elif step.action == FORGET:
            self.baseline.apply(step)
        elif step.action in own_files.ACTIONS:
            own_files.apply(self.system, step, backends.mode(step.target))
            self.backend.stale.add(step.target)
        elif step.action == plan.SYSCTL:
            self.system.write_kernel(step.target, step.after)
        elif step.action == plan.CONFIGURE:
            self.backend.configure(step)
        else:
            self.backend.restore(step)

    def put_back(self, state):
        """Have the node's own script bring the state back, as its clock would."""
        self.promise = None
        pending.put_back(self.system)

    # -- what is asked for

    def _links(self, state):
        return wanted.with_ports(wanted.links(self.items, state.links))

    def _asked(self, state):
        """(the links that are ours to set up, those left alone)."""
        links = self._links(state)
        left = guard.left_alone(links, state, self.allowed)  # routes over their routers are their owner's
        ours = [link for link in links if link not in left]
        return wanted.routed(ours, wanted.elsewhere(ours, state.links), self.policy), left

    def _gone(self, state, asked):
        """{interface: snapshot} of the baseline for those that are ours no more."""
        names = {link.name for link in asked}
        shots = {name: shot for name, shot in self.baseline.load().items() if name not in names}
        # VFs that were made since need their port.
        return {name: dict(shot, up=True) if self._has_vfs(name) else shot for name, shot in shots.items()}

    def _has_vfs(self, name):
        return (self.system.read("/sys/class/net/%s/device/sriov_numvfs" % name) or "0") != "0"

    def _ingress(self, links):
        interfaces = {}
        for link in links:
            if link.network:
                interfaces.setdefault(link.network, []).append(link.name)
        return Ingress(self.filters if links else [], self.system, interfaces)

    def _script(self, state, asked, shots):
        files = state.backend.files(asked)
        priorities = backends.priorities(state.files) | backends.priorities(files)
        filters = state.ingress.restore()
        before = dict(own_files.read(self.system, [self.baseline.path]), **dict(state.files, **filters["files"]))
        after = dict(dict.fromkeys([backends.SYSCTL, self.baseline.path] + list(filters["absent"])), **files)
        rules = snapshot.rules(self.system, priorities)
        return script.restore(
            state.backend, before, after, shots, rules, priorities, filters["nft"], ingress_boot.FOLDERS
        )
