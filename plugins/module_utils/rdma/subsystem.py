# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""RDMA as a subsystem: drivers, soft-RoCE, namespace mode, RoCE's quality of service and limits of a node."""

from __future__ import annotations

from .. import own_files
from ..baseline import FORGET, Baseline
from ..converge import Subsystem
from ..errors import EngineError
from . import apply, boot, observe, plan, qos, users, wanted
from .asked import Asked


class Rdma(Subsystem):
    """The RDMA of a node, as the parameters of module gedge.engine.rdma ask for it."""

    def __init__(self, params, system):
        """params: the module's parameters; system: System. Raises ProblemsError for bad ones."""
        self.system = system
        self.absent = params["state"] == "absent"
        self.wanted = wanted.of({} if self.absent else params)
        self.asked = Asked(system, self.wanted, not self.absent and params["drivers"])
        self.baseline = Baseline(system, "rdma")
        self.recorded = []
        self.changed_files = []

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node. A look after the steps is the moment to tell systemd and udev of changed files."""
        apply.reload(self.system, self.changed_files)
        self.changed_files = []
        state = observe.State(observe.devices(self.system), observe.netns(self.system), set(), {})
        state.loaded = observe.loaded(self.system, self.asked.modules() + self._recorded_modules())
        names = set(self.asked.qos_keys(state)) | set(self._recorded_values())
        state.values, state.reasons = qos.read(self.system, sorted(names))
        state.files = observe.files(self.system, self.asked.files(state))
        return state

    def plan(self, state):
        """Steps; refuses before anything is touched."""
        goal = self._goal(state)
        self._refuse_used(state, goal)
        steps = plan.steps(state, goal, not self._obstacles(state, goal))
        return steps + self.baseline.forget_steps(self._forgotten(state, goal))

    def notes(self, state):
        """devices, skipped and unsupported: what there is, and what of the asked for is not made, with the reason."""
        made, skipped = self.asked.rxe(state)
        reasons = {key: state.reasons[key] for key in self.asked.qos_keys(state) if key in state.reasons}
        return {
            "devices": self._devices(state, made),
            "skipped": skipped,
            "unsupported": qos.unsupported(self.wanted.roce, reasons) if self.wanted.roce else [],
        }

    def reboot_reasons(self, state):
        """The namespace mode, where namespaces exist."""
        goal = self._goal(state)
        obstacles = self._obstacles(state, goal)
        if not obstacles:
            return []
        shown = ", ".join(obstacles[:5]) + (" and %d more" % (len(obstacles) - 5) if len(obstacles) > 5 else "")
        text = (
            "the RDMA namespace mode becomes %s: the kernel changes it only while there is no other network namespace,"
        )
        return [(text + " and there is: %s") % (goal.netns, shown)]

    def record(self, state):
        """Keep what the steps will change."""
        if self.absent:
            return
        goal = self._goal(state)
        found = {"rxe/" + name: netdev for name, netdev in goal.rxe.items() if name not in state.devices}
        found.update({"module/" + name: False for name in goal.modules if name not in state.loaded})
        found.update({step.detail["key"]: step.before for step in plan.values(state.values, goal.values)})
        found.update({"folder/" + name: False for name in self._new_folders(goal)})
        if self.wanted.netns:
            found[plan.NETNS] = state.netns or "shared"
        self.recorded = self.baseline.add(found)

    def apply(self, step):
        """Carry one step out."""
        if step.action == FORGET:
            apply.tidy(self.system, step.before)
            self.baseline.apply(step)
        else:
            apply.step(self.system, step)
        self.changed_files += [step.target] if step.action in own_files.ACTIONS else []

    def put_back(self, state):
        """Bring devices, values and files back to an earlier State."""
        now = self.observe()
        before = {key: value for key, value in state.values.items() if value is not None}
        ours = [name for name in now.devices if name not in state.devices and name.startswith(boot.RXE)]
        lost = {
            name: name[len(boot.RXE) :]
            for name in state.devices
            if name not in now.devices and name.startswith(boot.RXE)
        }
        goal = plan.Goal([], lost, ours, state.netns, before, state.files, sorted(now.loaded - state.loaded))
        for step in plan.steps(now, goal, True):
            self.apply(step)
        apply.reload(self.system, self.changed_files)
        apply.tidy(self.system, self.recorded)
        self.baseline.forget(self.recorded)

    def _devices(self, state, made):
        rows = [(name, dev.netdevs[0] if dev.netdevs else None, dev.soft) for name, dev in state.devices.items()]
        rows = [row for row in rows if "rxe/" + row[0] not in self.baseline.load() or row[0] in made]
        rows += [(name, netdev, True) for name, netdev in made.items() if name not in state.devices]
        return [{"device": name, "interface": netdev, "soft": soft} for name, netdev, soft in sorted(rows)]

    # -- what was

    def _recorded_values(self):
        kinds = ("pfc", "ets", "dscp", "trust", "ecn", "tos")
        return {key: value for key, value in self.baseline.load().items() if key.split("/")[0] in kinds}

    def _recorded_modules(self):
        return [key.split("/", 1)[1] for key in self.baseline.load() if key.startswith("module/")]

    # -- the goal

    def _goal(self, state):
        records, made = self.baseline.load(), self.asked.rxe(state)[0]
        keys = self.asked.qos_keys(state)
        goal = plan.Goal(self.asked.modules(), made, netns=self.wanted.netns or records.get(plan.NETNS))
        ours = [key.split("/", 1)[1] for key in records if key.startswith("rxe/")]
        goal.gone = sorted(name for name in ours if name not in made)
        goal.values = plan.wanted_values(self.wanted.roce, keys, state.values, self._recorded_values())
        goal.values = {key: value for key, value in goal.values.items() if not self._vanishes(key, goal)}
        goal.files = self.asked.files(state)
        goal.unload = self._recorded_modules() if self.absent else []
        return goal

    @staticmethod
    def _vanishes(key, goal):
        """What is set of a device that goes goes with it."""
        return key.startswith("tos/") and key.split("/")[1] in goal.gone

    def _new_folders(self, goal):
        folders = {path.rsplit("/", 1)[0] for path in goal.files}
        return sorted(folder for folder in folders if not self.system.exists(folder))

    def _forgotten(self, state, goal):
        """Keys of the baseline that nothing needs any longer."""
        records = self.baseline.load()
        if self.absent:
            return list(records)
        gone = {"rxe/" + name for name in goal.gone} | (set() if self.wanted.netns else {plan.NETNS})
        gone |= set(self._recorded_values()) - set(self.asked.qos_keys(state))
        return [key for key in records if key in gone]

    # -- refusals

    def _obstacles(self, state, goal):
        """Who keeps the namespace mode as it is; [] where it is right, or can be set."""
        if not plan.differs(state, goal):
            return []
        if self.system.exists(apply.BUSY):
            return ["one that nobody can be named for"] + users.other_namespaces(self.system)
        return users.other_namespaces(self.system)

    def _refuse_used(self, state, goal):
        lines = [
            "%s by %s" % (name, ", ".join(who))
            for name, who in ((name, users.of_device(self.system, name)) for name in goal.gone if name in state.devices)
            if who
        ]
        if lines:
            raise EngineError(
                "soft-RoCE devices in use would be lost: %s" % "; ".join(lines), "rdma", "End those first"
            )
