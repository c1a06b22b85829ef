# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A whole lab: observe what runs, plan what is missing, apply it. The state is read from processes, not from notes."""

from __future__ import annotations

import json
import os
import shutil

from ..converge import diff
from ..errors import EngineError
from ..steps import Step, worst
from ..system import System
from . import accel, boot, image, process, qemu, spec, sshaccess
from .fabric import Fabric
from .progress import Progress
from .vm import BINARY, DISK, MARK, PROGRAM, Vm, qemu_version

STARTED, STOPPED, ABSENT = "started", "stopped", "absent"
NOTES = "lab.json"
# Steps that only wait: they change nothing.
WAITING = ("await",)


class Lab:
    """One lab: its folder, and for state started what is wanted of it."""

    def __init__(self, system, folder, progress, settings):
        """settings: {"specs": {node: spec}, "table": port table, "images": {suite: folder}, "cache": folder,
        "accel": auto|kvm|tcg, "limits": boot.Limits, "patience": seconds for a guest's power-off}."""
        self.system, self.folder, self.progress = system, folder, progress
        self.specs, self.table = settings.get("specs") or {}, settings.get("table") or {}
        self.images, self.cache = settings.get("images") or {}, settings["cache"]
        self.accel, self.limits = settings.get("accel", "auto"), settings.get("limits") or boot.Limits()
        self.patience = settings.get("patience", 20)
        self.fabric = Fabric(folder)
        self.why = ""

    def locked(self):
        """Only one of us at a time works on a lab. The lock lies in the cache: the lab's folder comes and goes."""
        return image.locked(os.path.join(self.cache, "locks", os.path.basename(self.folder)))

    def vm(self, name):
        """The VM of that name."""
        return Vm(self.system, self.folder, name)

    # -- notes: what cannot be read from the processes

    def notes(self):
        """{"nodes": {name: {"ssh_port", "digest", "image", ...}}, "accel"} of the last start."""
        try:
            with open(os.path.join(self.folder, NOTES), encoding="utf-8") as handle:
                return json.load(handle)
        except (OSError, ValueError):
            return {"nodes": {}}

    def note(self, name, **values):
        """Remember something about a node."""
        notes = self.notes()
        notes["nodes"].setdefault(name, {}).update(values)
        self.save(notes)

    def save(self, notes):
        """Write the notes and the ssh_config that follows from them."""
        self.system.write_file(os.path.join(self.folder, NOTES), json.dumps(notes, indent=1, sort_keys=True) + "\n")
        hosts = [([name, one.get("address")], one["ssh_port"]) for name, one in sorted(notes["nodes"].items())]
        self.system.write_file(sshaccess.config_path(self.folder), sshaccess.config(self.folder, hosts), 0o600)

    def facts(self):
        """What is noted of each node, and where its serial log lies."""
        notes = self.notes()["nodes"]
        return {name: dict(one, serial_log=self.vm(name).file("serial.log")) for name, one in notes.items()}

    # -- observe

    def observe(self):
        """{"switch": bool, "table": ... or None, "nodes": {name: {"running", "answers", "digest", "image"}}}."""
        notes = self.notes()["nodes"]
        names = set(self.specs) | set(notes) | set(self.found())
        running = self.fabric.running()
        return {
            "switch": running and self.fabric.current(),
            "table": self.fabric.table() if running else None,
            "nodes": {name: self.observe_node(name, notes.get(name, {})) for name in sorted(names)},
        }

    def found(self):
        """Nodes that have a disk or a process of this lab, noted or not."""
        on_disk = [name for name in self.system.list(self.folder) if os.path.exists(self.vm(name).file(DISK))]
        marks = process.marks(PROGRAM, self.folder + "/", "/" + MARK)
        return on_disk + [os.path.basename(os.path.dirname(mark)) for mark in marks]

    def observe_node(self, name, noted):
        """One node. A VM that reboots just now does not answer: it is waited for, not restarted."""
        vm = self.vm(name)
        running = vm.running()
        return {
            "running": running,
            "answers": running and vm.answers(noted.get("ssh_port")),
            "digest": noted.get("digest"),
            "image": noted.get("image"),
        }

    # -- plan

    def plan(self, seen, state):
        """[Step] from what was seen to the state."""
        return self.plan_start(seen) if state == STARTED else self.plan_stop(seen, state)

    def plan_start(self, seen):
        """The switch first: the VMs' cables go into it."""
        steps = []
        if not seen["switch"]:
            steps.append(Step("switch", "start-switch", "it does not run", before=None, after=self.table))
        elif seen["table"] != self.table:
            steps.append(
                Step(
                    "switch",
                    "set-ports",
                    changed_ports(seen["table"], self.table),
                    before=seen["table"],
                    after=self.table,
                )
            )
        for name, node in seen["nodes"].items():
            step = self.plan_node(name, node)
            if step:
                steps.append(step)
        return steps

    def plan_node(self, name, node):
        """The step of one node, None where it runs as it should."""
        if name not in self.specs:
            return Step(name, "remove", "the testbed no longer has it")
        wanted = spec.digest(self.specs[name], self.image(name))
        if node["running"] and node["digest"] != wanted:
            return Step(name, "rebuild", "its hardware or its image has changed", before=node["digest"], after=wanted)
        if not node["running"]:
            return Step(name, "start", "it does not run", before="stopped", after="started")
        return None if node["answers"] else Step(name, "await", "it runs but does not answer yet")

    def plan_stop(self, seen, state):
        """VMs, then the switch, then (absent) the files."""
        steps = [Step(name, "stop", "it runs") for name, node in seen["nodes"].items() if node["running"]]
        if self.fabric.running():
            steps.append(Step("switch", "stop-switch", "it runs"))
        if state == ABSENT and os.path.exists(self.folder):
            steps.append(Step(self.folder, "remove-lab", "disks, keys and logs of the lab"))
        return steps

    def image(self, name):
        """The image folder of a node."""
        suite = self.specs[name]["suite"]
        if not image.ready(self.images.get(suite, "")):
            raise EngineError("there is no image of %s" % suite, name, "Build it with the module lab_image (role lab)")
        return self.images[suite]

    # -- apply

    def apply(self, steps):
        """Do the steps; True where something was changed."""
        boots = []
        for step in steps:
            self.apply_one(step, boots)
        boot.watch(boots, self.limits, self.progress)
        for one in boots:
            state = boot.settle(one.vm, self.limits)
            self.note(one.vm.name, boot_seconds=round(one.seconds(), 1), attempts=one.attempt, system=state)
            self.progress.say(one.vm.name, "ready (%s), %d s" % (state, one.seconds()))
        return any(step.action not in WAITING for step in steps) or any(one.attempt > 1 for one in boots)

    def apply_one(self, step, boots):
        """One step; VMs that come up are added to boots."""
        name = step.target
        if step.action in ("start", "rebuild", "await"):
            if step.action == "rebuild":
                self.vm(name).stop(self.patience)
            port = self.notes()["nodes"][name]["ssh_port"] if step.action == "await" else None
            boots.append(boot.Boot(self.vm(name), port, lambda: self.start_vm(name)))
        elif step.action in ("stop", "remove"):
            self.vm(name).stop(self.patience)
            self.progress.say(name, "stopped")
            if step.action == "remove":
                self.forget(name)
        else:
            {
                "start-switch": self.start_switch,
                "set-ports": lambda: self.fabric.set_table(self.table),
                "stop-switch": self.fabric.stop,
                "remove-lab": self.remove,
            }[step.action]()

    def start_switch(self):
        """The lab's folder, its key, its switch."""
        self.prepare()
        self.fabric.start(self.table)
        self.progress.say("switch", "runs, %d ports" % len(self.table))

    def prepare(self):
        """The lab's folder, only for us, and its key."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        sshaccess.make_key(self.system, self.folder)

    def start_vm(self, name):
        """Start one VM; returns its SSH port and its process."""
        self.prepare()
        vm, made, noted = self.vm(name), self.image(name), self.notes()["nodes"].get(name, {})
        version = qemu_version(self.system)
        accel_name = self.choose_accel(version, made)
        vm.make_disks(self.specs[name], made, anew=noted.get("image") not in (None, made))
        port = sshaccess.free_port(noted.get("ssh_port"))
        place = qemu.Place(
            folder=vm.folder,
            switch=self.fabric.folder,
            image=made,
            accel=accel_name,
            version=version,
            public_key=sshaccess.key(self.folder) + ".pub",
            ssh_port=port,
        )
        self.note(
            name,
            ssh_port=port,
            image=made,
            accel=accel_name,
            address=self.specs[name]["address"],
            digest=spec.digest(self.specs[name], made),
        )
        child = vm.start(self.specs[name], place)
        self.progress.say(name, "started (%s, %s)" % (self.specs[name]["suite"], accel_name))
        return port, child

    def choose_accel(self, version, made):
        """kvm or tcg; asked once."""
        if self.accel == "auto":
            self.accel, self.why = accel.choose(self.system, self.cache, BINARY, version, made, self.progress)
        return self.accel

    def forget(self, name):
        """Remove a node's files and what is noted of it."""
        self.vm(name).remove()
        notes = self.notes()
        notes["nodes"].pop(name, None)
        self.save(notes)

    def remove(self):
        """Remove everything of the lab; the images stay in the cache."""
        sshaccess.close_masters(self.folder)
        shutil.rmtree(self.folder)


def changed_ports(before, after):
    """The names of the ports whose line differs, as a reason."""
    names = sorted(name for name in set(before) | set(after) if before.get(name) != after.get(name))
    return "differs from the testbed: %s" % ", ".join(names)


def from_params(params):
    """The Lab of the module's parameters. Raises ProblemsError for what cannot be built."""
    specs = spec.node_specs(params["nodes"], params["defaults"], params["folder"])
    limits = boot.Limits(params["boot_silence"], params["boot_timeout"], params["boot_attempts"])
    settings = dict(params, specs=specs, table=spec.port_table(params["switches"]), limits=limits)
    settings["patience"] = params["stop_patience"]
    return Lab(System(), params["folder"], Progress(params["progress_file"]), settings)


def converge(lab, state, check_mode):
    """Bring a lab to a state. Returns plain data: changed, steps, disruption, diff, nodes, accel."""
    with lab.locked():
        seen = lab.observe()
        steps = lab.plan(seen, state)
        acting = [step for step in steps if step.action not in WAITING]
        changed = bool(acting) if check_mode else lab.apply(steps)
        result = {
            "changed": changed,
            "steps": [step.as_dict() for step in acting],
            "disruption": worst(acting),
            "diff": diff(acting),
            "nodes": lab.facts(),
        }
    if lab.why:
        result["accel"] = {"name": lab.accel, "why": lab.why}
    return result
