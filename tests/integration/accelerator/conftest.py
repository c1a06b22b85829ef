"""A VM with cards of any identity: PCI devices that tests/helpers/pci_device.py serves."""

from __future__ import annotations

import json
import os
import pathlib
import socket
import subprocess
import sys
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab import qemu, spec
from helpers import pci_device
from helpers.lab import AS_JSON, read_play, tool

QEMU = os.environ.get("GEDGE_QEMU", "qemu-system-x86_64")
BOOT_S = 900  # on two busy cores under emulation
# Who sits at which bus of the VM: identity as vendor, device, class.
CARDS = {
    0x21: ("10de", "20b0", "030200"),  # NVIDIA A100
    0x22: ("8086", "0b2b", "120000"),  # Intel PAC D5005
    0x81: ("1f56", "0001", "120000"),  # SAPEON, with a device id that is made up for the test
}


def free_port():
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Machine:
    """A VM of the lab's image with CARDS."""

    def __init__(self, lab_folder, folder):
        self.folder, self.key, self.port = folder, lab_folder / "id_ed25519", free_port()
        info = json.loads(_output("qemu-img", "info", "-U", "--output=json", str(lab_folder / "node1" / "root.qcow2")))
        self.disk = pathlib.Path(info["backing-filename"])
        self.processes = []

    def start(self):
        """QEMU and a server for each card."""
        size = {"cpus": 2, "memory": 1024, "suite": "bookworm"}
        made = spec.node_spec("cards", {}, size, str(self.folder))
        overlay = str(self.folder / "root.qcow2")
        subprocess.run(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(self.disk), "-F", "raw", overlay], check=True
        )
        key = str(self.key) + ".pub"
        place = qemu.Place(str(self.folder), "", str(self.disk.parent), key, "tcg", (11, 0), self.port, QEMU)
        words = qemu.argv(made, place)
        for number, (bus, identity) in enumerate(CARDS.items()):
            path = str(self.folder / f"{bus:x}.sock")
            self._run([sys.executable, pci_device.__file__, path, *identity])
            bridge = "pxb0" if bus < 0x80 else "pxb1"
            port = (
                f"pcie-root-port,id=rp{bus:x},bus={bridge},chassis={number + 1},slot={number + 1},addr={bus % 16 - 1}.0"
            )
            device = {"driver": "vfio-user-pci", "bus": f"rp{bus:x}", "socket": {"type": "unix", "path": path}}
            words += ["-device", port, "-device", json.dumps(device)]
        time.sleep(1)
        self._run(words)

    def _run(self, words):
        with open(self.folder / "out.log", "ab") as log:
            self.processes.append(subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL))

    def run(self, command, check=True):
        """A command in the VM: its output."""
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=20"]
        words = [word for option in options for word in ("-o", option)]
        argv = ["ssh", *words, "-i", str(self.key), "-p", str(self.port), "root@127.0.0.1", command]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout if done.returncode == 0 else ""

    def wait(self):
        """Until SSH answers."""
        end = time.monotonic() + BOOT_S
        while "up" not in self.run("echo up", check=False):
            assert self.processes[-1].poll() is None, (self.folder / "out.log").read_text()
            assert time.monotonic() < end, (self.folder / "serial.log").read_text()[-2000:]
            time.sleep(5)

    def module(self, name, args, *options):
        """The result of one module in the VM."""
        variables = {"ansible_host": "127.0.0.1", "ansible_port": self.port, "ansible_user": "root"}
        variables["ansible_ssh_private_key_file"] = str(self.key)
        variables["ansible_ssh_common_args"] = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        words = ["-i", "cards,", "cards", "-e", json.dumps(variables), "-m", name, "-a", json.dumps(args), *options]
        return read_play(tool("ansible", *words, env=AS_JSON)).tasks[0][2]

    def stop(self):
        """End what was started, the VM first."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()


def _output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def lab_folder(request):
    """The folder of a lab: of its image and its key only, so another one will do, whatever its nodes."""
    named = os.environ.get("GEDGE_LAB_DIR")
    return pathlib.Path(named) if named else request.getfixturevalue("lab").folder


@pytest.fixture(scope="session")
def cards(lab_folder, tmp_path_factory):
    """A running Machine."""
    try:
        known = subprocess.run(
            [QEMU, "-M", "none", "-device", "vfio-user-pci,help"], capture_output=True, text=True, check=False
        )
    except OSError as error:
        pytest.skip(f"{QEMU}: {error}")
    if "options" not in known.stdout:
        pytest.skip(f"{QEMU} has no vfio-user-pci: it needs QEMU >= 10.1 (name another one in GEDGE_QEMU)")
    machine = Machine(lab_folder, tmp_path_factory.mktemp("cards"))
    try:
        machine.start()
        machine.wait()
        yield machine
    finally:
        machine.stop()
