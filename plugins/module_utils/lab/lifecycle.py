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
from . import accel, boot, container, image, machines, memory, planning, qemu, spec, sshaccess
from .container import Container
from .fabric import Fabric
from .notes import Notes
from .vm import BINARY, Vm, qemu_version


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

    def machines(self, name):
        """What the node of that name may be, by kind."""
        return machines.of(self.system, self.folder, name)

    def machine(self, name):
        """What the node of that name shall be; where that is not said, what it was."""
        noted = self.specs[name] if name in self.specs else self.notes.of(name)
        return self.machines(name)[noted.get("machine", Vm.kind)]

    def facts(self):
        """What is noted of each node, and where its serial line or console is logged."""
        return {name: dict(one, serial_log=self.machine(name).log) for name, one in self.notes.nodes().items()}

    # -- observe

    def observe(self):
        """What runs, as planning wants it."""
        notes = self.notes.nodes()
        names = set(self.specs) | set(notes) | set(machines.found(self.system, self.folder))
        running = self.fabric.running()
        return {
            "folder": self.folder if os.path.exists(self.folder) else None,
            "process": self.fabric.present(),
            "switch": running,
            "program": self.fabric.current(),
            "table": self.fabric.table() if running else None,
            "nodes": {name: self.observe_node(name, notes.get(name, {})) for name in sorted(names)},
        }

    def observe_node(self, name, noted):
        """One node. One that reboots just now does not answer: it is waited for, not restarted."""
        running = [one for one in self.machines(name).values() if one.running()]
        return {
            "running": bool(running),
            "answers": any(one.answers(noted.get("ssh_port")) for one in running),
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
        made = self.specs[name]
        if self.machine(name).kind == Container.kind:
            made = dict(made, program=container.program_digest())
        digest = spec.digest(made, image.identity(path)) if image.ready(path) else None
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
        """Refuse to start VMs that this machine has no memory for. A container takes what it uses."""
        needs = {name: self.specs[name]["memory"] for name in names if "memory" in self.specs[name]}
        memory.check(self.system, needs)

    def apply_one(self, step, boots, patience):
        """One step; VMs that come up are added to boots."""
        name = step.target
        if step.action in ("stop", "rebuild", "remove"):
            for one in self.machines(name).values():
                one.stop(patience)
            self.progress.say(name, "stopped")
        if step.action in ("start", "rebuild", planning.AWAIT):
            port = self.notes.of(name)["ssh_port"] if step.action == planning.AWAIT else None
            boots.append(boot.Boot(self.machine(name), port, lambda: self.start_node(name)))
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

    def start_node(self, name):
        """Start one node; returns its SSH port and its process."""
        self.prepare()
        made, noted, wanted = self.image(name), self.notes.of(name), self.wanted(name)
        identity = image.identity(made)
        begin = self.start_container if self.machine(name).kind == Container.kind else self.start_vm
        return begin(self.machine(name), made, noted, dict(wanted, image=identity))

    def start_vm(self, vm, made, noted, wanted):
        """Start one VM on an image."""
        vm.make_disks(self.specs[vm.name], made, anew=noted.get("image") != wanted["image"])
        place = self.place(vm, made, sshaccess.free_port(noted.get("ssh_port")))
        way_in = {"ssh_host": sshaccess.LOOPBACK, "ssh_port": place.ssh_port}
        self.notes.note(vm.name, machine=vm.kind, accel=place.accel, **dict(wanted, **way_in))
        child = vm.start(self.specs[vm.name], place)
        self.progress.say(vm.name, "started (%s, %s)" % (self.specs[vm.name]["suite"], place.accel))
        return place.ssh_port, child

    def start_container(self, node, made, noted, wanted):
        """Start one light node on an image. It is noted before it has its address: so it is known, should we die."""
        anew = noted.get("image") != wanted["image"]
        self.notes.note(node.name, machine=node.kind, accel=None, ssh_port=container.SSH_PORT, **wanted)
        child = node.start(self.specs[node.name], made, anew)
        self.notes.note(node.name, ssh_host=node.address())
        self.progress.say(node.name, "started (%s, container)" % self.specs[node.name]["suite"])
        return container.SSH_PORT, child

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
        self.machine(name).remove()
        self.notes.forget(name)

    def remove(self):
        """Remove everything of the lab; the images stay in the cache."""
        sshaccess.close_masters(self.folder)
        for name in machines.found(self.system, self.folder):
            self.machine(name).remove()
        shutil.rmtree(self.folder)


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
