# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""NFS storage of a node as a subsystem: the provisioner of volumes as a unit, and the export of a server."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .. import own_files, programs, systemd, token_kubeconfig
from ..converge import Subsystem
from ..errors import EngineError, Problem, ProblemsError
from ..steps import Step
from . import files

STOP, RESTART, FOLDER = "stop-unit", "restart-unit", "make-folder"
EXPORTFS = "/usr/sbin/exportfs"
PROPERTIES = ("ActiveState", "MainPID", "NRestarts")
NAME = "nfs-provisioner"
SETTLE_S = 3  # a program that cannot start ends within this
LINES = 3


@dataclass
class State(systemd.Runs):
    """files: {path: text}, of the kubeconfig what may be told; unit: {property: text}; digest: what its process
    was started with; program: path of its binary; folder: whether the export's is there; server: the kubelet's."""

    files: dict
    unit: dict
    digest: str
    program: str
    folder: bool
    server: str


class NfsStorage(Subsystem):
    """What module gedge.engine.nfs_storage asks for."""

    def __init__(self, params, system, clock=time):
        """clock: has sleep(). Raises ProblemsError for what is wrong on any node."""
        self.system, self.clock = system, clock
        self.absent = params["state"] == "absent"
        self.provisioner = None if self.absent else params["provisioner"]
        self.export = None if self.absent else params["export"]
        self.brought = params["brought"]
        self.secret = ""  # the text of the kubeconfig that shall be
        self.replaced = None  # what programs.running says of the provisioner that ran before
        problems = list(files.problems(self.provisioner, self.export))
        if problems:
            raise ProblemsError(problems, where="nfs_storage")

    def lock(self):
        """One run at a time changes a node."""
        return self.system.lock()

    def observe(self):
        """State of the node."""
        unit = systemd.show(self.system, files.UNIT, PROPERTIES)
        pid = unit.get("MainPID", "0")
        found = own_files.read(self.system, [files.UNIT_PATH, files.WANTS_PATH, files.EXPORTS])
        found.update(token_kubeconfig.read(self.system, files.KUBECONFIG))
        kubelet = self.system.read(self.provisioner["kubelet_kubeconfig"]) if self.provisioner else ""
        return State(
            found,
            unit,
            systemd.started_with(self.system, pid, files.DIGEST),
            self.system.link("/proc/%s/exe" % pid) or "",
            bool(self.export) and self.system.exists(self.export["folder"]),
            token_kubeconfig.server_of(kubelet),
        )

    def plan(self, state):
        """What goes, the folder, files, then one start; refuses before anything is touched."""
        self._refuse()
        made = self._made(state)
        steps = [] if self.provisioner or not state.is_there() else [Step(files.UNIT, STOP, "it is not asked for here")]
        if self.export and not state.folder:
            steps.append(Step(self.export["folder"], FOLDER, "it is to be exported", before="", after="a folder"))
        steps += own_files.steps(state.files, made, reason="it is asked for")
        why = self._reason(state, made) if self.provisioner else ""
        return steps + ([Step(files.UNIT, RESTART, why, before="", after="running")] if why else [])

    def notes(self, state):
        """The folder that the node exports, where that was asked for once: it stays until state absent."""
        text = files.exports(self.export) if self.export else "" if self.absent else state.files.get(files.EXPORTS)
        return {"exported": files.folder_of(text)}

    def record(self, state):
        """Nothing on the disk: a program that was replaced is to be had only as long as its process runs."""
        self.replaced = programs.running(self.system, state.unit.get("MainPID", "0"))

    def apply(self, step):
        """Carry one step out."""
        if step.action == STOP:
            self.system.run(["systemctl", "stop", files.UNIT], check=False)
        elif step.action == RESTART:
            self._start()
            self._settle()
        elif step.action == FOLDER:
            self.system.run(["mkdir", "-p", step.target])
        else:
            self._change_file(step)

    def put_back(self, state):
        """Files, program and unit as they were; a kubeconfig that was replaced does no harm, and a folder stays."""
        runs = files.UNIT_PATH in state.files and state.is_there()
        if not runs:
            self.system.run(["systemctl", "stop", files.UNIT], check=False)
        sides = [
            {path: text for path, text in one.items() if path != files.KUBECONFIG}
            for one in (self.observe().files, state.files)
        ]
        for step in own_files.steps(*sides):
            self._change_file(step)
        if files.KUBECONFIG not in state.files:
            self.system.remove_file(files.KUBECONFIG)
        if self.replaced:
            self.system.write_stream(*self.replaced, programs.MODE)
        if runs:
            self._start()
            self._settle()

    def _refuse(self):
        found = []
        if self.provisioner and not (self.brought or self.system.exists(self.provisioner["program"])):
            advice = "Copy it there first: role cluster_storage does"
            found.append(Problem("provisioner.program", "is not on this node", advice, self.provisioner["program"]))
        if self.export and not (self.brought or self.system.exists(EXPORTFS)):
            found.append(Problem("export", "this node has no %s" % EXPORTFS, "Install package nfs-kernel-server"))
        if found:
            raise ProblemsError(found, where="nfs_storage")

    def _made(self, state):
        """{path: text} of what shall be there. An export stays until state absent: its volumes may be in use."""
        made = {}
        if self.export:
            made[files.EXPORTS] = files.exports(self.export)
        elif not self.absent and files.EXPORTS in state.files:
            made[files.EXPORTS] = state.files[files.EXPORTS]
        if self.provisioner:
            server = self.provisioner["server"] or state.server
            if not server:
                path = self.provisioner["kubelet_kubeconfig"]
                raise EngineError("tells no API server", path, "Join the node first, or give provisioner.server")
            self.secret = token_kubeconfig.text(NAME, server, self.provisioner["ca"], self.provisioner["token"])
            made[files.KUBECONFIG] = token_kubeconfig.shown(self.secret)
            made.update(files.unit(self.provisioner, self.secret))
        return made

    def _reason(self, state, made):
        """Why it must start anew, "" where it need not."""
        if not state.runs():
            return "it does not run"
        if state.files.get(files.UNIT_PATH) != made[files.UNIT_PATH] or state.digest != files.digest(self.secret):
            return "it reads its configuration when it starts"
        return "its program was replaced" if state.program.endswith(" (deleted)") else ""

    def _start(self):
        self.system.run(["systemctl", "reset-failed", files.UNIT], check=False)
        self.system.run(["systemctl", "restart", files.UNIT])

    def _settle(self):
        """Raises EngineError with its last words where it does not stay."""
        before = systemd.show(self.system, files.UNIT, PROPERTIES)
        self.clock.sleep(SETTLE_S)
        after = systemd.show(self.system, files.UNIT, PROPERTIES)
        if after.get("ActiveState") != "active" or before.get("MainPID") != after.get("MainPID"):
            said = " | ".join(systemd.log(self.system, files.UNIT, LINES)) or "nothing"
            what = "does not stay; the program says: %s" % said[:900]
            raise EngineError(what, files.UNIT, "journalctl -u %s has the rest" % files.UNIT)

    def _change_file(self, step):
        if step.target == files.KUBECONFIG and step.action == own_files.WRITE:
            self.system.write_file(step.target, self.secret, token_kubeconfig.MODE)
            return
        own_files.apply(self.system, step)
        if step.target == files.UNIT_PATH:
            self.system.run(["systemctl", "daemon-reload"])
            if step.action == own_files.REMOVE:  # one that failed would stay known without a file
                self.system.run(["systemctl", "reset-failed", files.UNIT], check=False)
        elif step.target == files.EXPORTS:
            gone = step.action == own_files.REMOVE  # then the server may be gone, too
            self.system.run(["exportfs", "-r"], check=not gone)
            if gone:
                self.system.remove_folder(files.EXPORTS.rsplit("/", 1)[0])
