# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A whole lab: observe what runs, plan what is missing, apply it. The state is read from processes, not from notes."""

from __future__ import annotations

import os
import shutil

from ..converge import diff
from ..errors import EngineError
from ..locked import locked
from ..progress import Progress
from ..steps import worst
from ..system import System
from . import accel, boot, image, planning, process, qemu, spec, sshaccess
from .fabric import Fabric
from .notes import Notes
from .vm import BINARY, DISK, MARK, PROGRAM, Vm, qemu_version


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
        self.fabric, self.notes = Fabric(folder), Notes(system, folder)
        self.why = ""

    def locked(self):
        """Only one of us at a time works on a lab. The lock lies in the cache: the lab's folder comes and goes."""
        return locked(os.path.join(self.cache, "locks", os.path.basename(self.folder)), image.LOCK_ADVICE)

    def vm(self, name):
        """The VM of that name."""
        return Vm(self.system, self.folder, name)

    def facts(self):
        """What is noted of each node, and where its serial log lies."""
        return {
            name: dict(one, serial_log=self.vm(name).file("serial.log")) for name, one in self.notes.nodes().items()
        }

    # -- observe

    def observe(self):
        """What runs, as planning wants it."""
        notes = self.notes.nodes()
        names = set(self.specs) | set(notes) | set(self.found())
        running = self.fabric.running()
        return {
            "folder": self.folder if os.path.exists(self.folder) else None,
            "process": self.fabric.present(),
            "switch": running,
            "program": self.fabric.current(),
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
            "address": noted.get("address"),
        }

    # -- plan

    def plan(self, seen, state):
        """[Step] from what was seen to the state."""
        wanted = {name: self.wanted(name) for name in self.specs}
        return planning.plan(seen, state, wanted, self.table)

    def wanted(self, name):
        """What is wanted of a node. In check mode its image may have to be built first: then no digest is right."""
        path = self.images.get(self.specs[name]["suite"], "")
        digest = spec.digest(self.specs[name], image.identity(path)) if image.ready(path) else None
        return {"digest": digest, "address": self.specs[name]["address"]}

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
        self.check_memory([step.target for step in steps if step.action == "start"])
        # What is removed need not power off.
        patience = 0 if any(step.action == "remove-lab" for step in steps) else self.patience
        for step in steps:
            self.apply_one(step, boots, patience)
        boot.watch(boots, self.limits, self.progress)
        for one in boots:
            state = boot.settle(one.vm, self.limits)
            self.notes.note(one.vm.name, boot_seconds=round(one.seconds(), 1), attempts=one.attempt, system=state)
            self.progress.say(one.vm.name, "ready (%s), %d s" % (state, one.seconds()))
        return bool(planning.acting(steps)) or any(one.attempt > 1 for one in boots)

    def check_memory(self, names):
        """Refuse to start VMs that this machine has no memory for: the kernel would kill one of them, later."""
        needed = sum(self.specs[name]["memory"] for name in names)
        free = available_memory(self.system)
        if free is not None and free < needed:
            what = "%s need %d MiB of memory, %d are available" % (", ".join(names), needed, free)
            raise EngineError(what, "the virtual testbed", "Give the nodes less in their lab: block, or free some")

    def apply_one(self, step, boots, patience):
        """One step; VMs that come up are added to boots."""
        name = step.target
        if step.action in ("stop", "rebuild", "remove"):
            self.vm(name).stop(patience)
            self.progress.say(name, "stopped")
        if step.action in ("start", "rebuild", planning.AWAIT):
            port = self.notes.of(name)["ssh_port"] if step.action == planning.AWAIT else None
            boots.append(boot.Boot(self.vm(name), port, lambda: self.start_vm(name)))
        others = {
            "remove": lambda: self.forget(name),
            "set-address": lambda: self.notes.note(name, address=step.after),
            "start-switch": self.start_switch,
            "set-ports": lambda: self.fabric.set_table(self.table),
            "stop-switch": self.fabric.stop,
            "remove-lab": self.remove,
        }
        if step.action in others:
            others[step.action]()

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
        vm, made, noted, wanted = self.vm(name), self.image(name), self.notes.of(name), self.wanted(name)
        identity = image.identity(made)
        vm.make_disks(self.specs[name], made, anew=noted.get("image") != identity)
        place = self.place(vm, made, sshaccess.free_port(noted.get("ssh_port")))
        self.notes.note(name, ssh_port=place.ssh_port, image=identity, accel=place.accel, **wanted)
        child = vm.start(self.specs[name], place)
        self.progress.say(name, "started (%s, %s)" % (self.specs[name]["suite"], place.accel))
        return place.ssh_port, child

    def place(self, vm, made, ssh_port):
        """Where the VM's files lie, and how it runs."""
        version = qemu_version(self.system)
        return qemu.Place(
            folder=vm.folder,
            switch=self.fabric.folder,
            image=made,
            accel=self.choose_accel(version, made),
            version=version,
            public_key=sshaccess.key(self.folder) + ".pub",
            ssh_port=ssh_port,
        )

    def choose_accel(self, version, made):
        """kvm or tcg; asked once."""
        if self.accel == "auto":
            self.accel, self.why = accel.choose(self.system, self.cache, BINARY, version, made, self.progress)
        return self.accel

    def forget(self, name):
        """Remove a node's files and what is noted of it."""
        self.vm(name).remove()
        self.notes.forget(name)

    def remove(self):
        """Remove everything of the lab; the images stay in the cache."""
        sshaccess.close_masters(self.folder)
        shutil.rmtree(self.folder)


def available_memory(system):
    """MiB that the kernel says are available, None where it does not say."""
    for line in (system.read("/proc/meminfo") or "").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) >> 10
    return None


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
        acting = planning.acting(steps)
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
