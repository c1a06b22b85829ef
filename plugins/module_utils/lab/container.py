# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A light node: a container with systemd on the host's kernel. Its files, its process; package light is its program."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time

from ..errors import EngineError
from . import light, process, program, sshaccess, vswitch
from .light import cable, cgroup, inside, node, way_in
from .machine import Machine
from .vswitch import stream
from .vswitch.server import socket_name

PROGRAM = "python"
MARK = "light.json"
FILES = "files"
SSH_PORT = 22
PATIENCE = 120  # it is there in a moment, unless the machine is very busy
# The devices that a kernel needs for it, and what to do where one is missing.
NEEDS = (("/dev/net/tun", "modprobe tun"), ("/dev/loop-control", "modprobe loop"))


def programs():
    """{folder: {file name: source text}} of the program, as packages below lab."""
    return {
        "lab": {"__init__.py": ""},
        os.path.join("lab", "vswitch"): program.texts(vswitch, (stream,)),
        os.path.join("lab", "light"): program.texts(light, (cable, cgroup, inside, node, way_in)),
    }


def program_digest():
    """Changes when the program does: a node is started again then."""
    return hashlib.sha256(json.dumps(programs(), sort_keys=True).encode()).hexdigest()[:16]


def short(folder, name):
    """8 hex digits for one node of one lab."""
    return hashlib.sha1(("%s:%s" % (folder, name)).encode()).hexdigest()[:8]


class Container(Machine):
    """A light node of a lab, by its name; the same words as a Vm."""

    kind, program, mark_name = "container", PROGRAM, MARK
    console, output = ("console.log", "console"), ("node.log", "its program")

    def start(self, spec, image, anew):
        """Start it on an image's folder; its own files are kept unless anew. Returns its process, a Popen."""
        check_host()
        self.clear()
        for name in (FILES, "work") if anew else ():
            shutil.rmtree(self.file(name), ignore_errors=True)
        for name in (FILES, "work", "image", "root"):
            os.makedirs(self.file(name), exist_ok=True)
        os.chmod(self.file(FILES), 0o755)  # it is the node's own root folder
        for folder, files in programs().items():
            program.put(self.file(os.path.join("program", folder)), files)
        if os.path.exists(self.log):
            os.replace(self.log, self.log + ".1")
        for name in ("network.json", "node.log"):
            self.system.remove_file(self.file(name))
        self.system.write_file(self.mark, json.dumps(self.settings(spec, image), indent=1), 0o600)
        argv = [sys.executable, "-m", "lab.light.node", self.mark]
        child = process.start(argv, self.file("node.log"), cwd=self.file("program"))
        self.await_network(child)
        return child

    def settings(self, spec, image):
        """What the program needs to know."""
        switch = os.path.join(self.lab_folder, "switch")
        return {
            "name": self.name,
            "image": os.path.join(image, "root.ext4"),
            "public_key": self.system.read(sshaccess.key(self.lab_folder) + ".pub"),
            "cgroup": "gedge-lab-%s" % short(self.lab_folder, self.name),
            "link": "gedge%s" % short(self.lab_folder, self.name),
            "start": int(short(self.lab_folder, self.name), 16),
            "mac": spec["mac"],
            "ports": [
                dict(port, socket=os.path.join(switch, socket_name(port["link"])) if port["link"] else None)
                for port in spec["ports"]
            ],
        }

    def await_network(self, child):
        """Return when it has its address; EngineError where it ends before."""
        end = time.monotonic() + PATIENCE
        while self.address() is None:
            if child.poll() is not None or time.monotonic() > end:
                child.kill()
                child.wait()
                raise EngineError("the container did not start:\n%s" % self.last_words(), self.name)
            time.sleep(0.05)

    def address(self):
        """Its own address on the way in, None where it has none (yet)."""
        try:
            return json.loads(program.read(self.file("network.json")) or "")["node"].split("/")[0]
        except ValueError:
            return None

    def stop(self, patience):
        """Ask it to power off, end it after `patience` seconds (0: at once). True if it ran."""
        ran = process.stop(PROGRAM, self.mark, patience=patience)
        self.clear()
        self.system.remove_file(self.mark)
        return ran

    def kill(self):
        """End it without a word."""
        process.stop(PROGRAM, self.mark, patience=0)
        self.clear()

    def clear(self):
        """Take away what a node leaves that was killed: its control group. All else ends with its last process."""
        settings = self.system.read(self.mark)
        if settings and not self.running():
            cgroup.Cgroup(json.loads(settings)["cgroup"]).remove()

    def remove(self):
        """Remove its files."""
        self.clear()
        super().remove()

    def answers(self, port, wait=5.0):
        """True where its SSH server answers."""
        address = self.address()
        return bool(address) and sshaccess.answers(port, wait, host=address)


def check_host():
    """Refuse before anything is made where this machine or this user cannot have a light node."""
    if os.geteuid() != 0:
        advice = "Run the lab as root, or let the node be a virtual machine (lab: {machine: vm})"
        raise EngineError("a light node needs root: it is made of mounts and namespaces", "the virtual testbed", advice)
    for device, advice in NEEDS:
        if not os.path.exists(device):
            raise EngineError("a light node needs %s" % device, "the virtual testbed", "Load it: " + advice)
    try:
        cgroup.hierarchy()
    except RuntimeError as error:
        raise EngineError(str(error), "the virtual testbed") from error
