# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""One VM: its files, its process."""

from __future__ import annotations

import os

from ..errors import EngineError
from . import process, qemu, qmp, sshaccess
from .machine import Machine

PROGRAM = "qemu-system"
BINARY = "qemu-system-x86_64"
DISK = "root.qcow2"
MARK = "pid"


class Vm(Machine):
    """A VM of a lab, by its name; the spec is needed to start it only."""

    kind, program, mark_name = "vm", PROGRAM, MARK
    console, output = ("serial.log", "serial line"), ("qemu.log", "QEMU")

    def make_disks(self, spec, image, anew):
        """The root disk as an overlay of the image (kept unless anew), the NVMe disks empty and sparse."""
        os.makedirs(self.folder, exist_ok=True)
        disk = self.file(DISK)
        if anew or not os.path.exists(disk):
            self.system.remove_file(disk)
            base = os.path.join(image, "root.ext4")
            self.system.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", disk + ".new"])
            os.replace(disk + ".new", disk)
        for device in spec["devices"]:
            if device["kind"] == "nvme" and not os.path.exists(self.file(device["name"] + ".img")):
                with open(self.file(device["name"] + ".img"), "wb") as handle:
                    handle.truncate(1 << 30)

    def start(self, spec, place):
        """Start QEMU. The serial log of the start before is kept as serial.log.1."""
        if os.path.exists(self.log):
            os.replace(self.log, self.log + ".1")
        self.system.remove_file(self.file("qemu.log"))
        return process.start(qemu.argv(spec, place), self.file("qemu.log"))

    def stop(self, patience):
        """Ask the guest to power off, end QEMU after `patience` seconds (0: at once). True if it ran."""
        if not self.running():
            return False
        if patience > 0 and qmp.execute(self.file("qmp.sock"), "system_powerdown") is not None:
            process.gone(PROGRAM, self.mark, patience)
        process.stop(PROGRAM, self.mark)
        for name in (MARK, "qmp.sock"):
            self.system.remove_file(self.file(name))
        return True

    def kill(self):
        """End QEMU without a word to the guest: it hangs, and may be stopped or deaf."""
        process.stop(PROGRAM, self.mark, patience=0)

    def answers(self, port, wait=5.0):
        """True where its SSH server answers."""
        return bool(port) and sshaccess.answers(port, wait)


def qemu_version(system):
    """(major, minor) of the installed QEMU; EngineError where it is absent or too old."""
    version = qemu.parse_version(system.run([BINARY, "--version"]).out)
    if version is None or version < qemu.OLDEST:
        raise EngineError(
            "QEMU %s has no igb NIC" % ".".join(str(part) for part in version or ("?",)),
            BINARY,
            "Install QEMU 8 or newer; on Debian 12 from bookworm-backports (role lab does it)",
        )
    return version
