# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A light node as a program: python3 -m lab.light.node FOLDER/light.json

What QEMU is to a virtual machine: the node runs while it runs, and ends when it ends, be it killed. The node is a
container with systemd as its PID 1 in namespaces of its own, on the host's kernel. This program carries its network
devices to the switch, writes its console into FOLDER/console.log, starts it again where it reboots, and powers it off
on SIGTERM. Standard library, util-linux and iproute2 only; it runs without the rest of the collection.
"""

from __future__ import annotations

import array
import functools
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tty

from . import way_in
from .cable import Cable
from .cgroup import Cgroup

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
NAMESPACES = ("--mount", "--net", "--uts", "--ipc", "--cgroup", "--pid")
JOIN = 'echo 0 > "$0" && exec "$@"'  # into the control group before its namespace is made
POWER_OFF = signal.SIGRTMIN + 4  # systemd's own signal for that
AGAIN = 0.5


class Node:
    """One node from power on to power off."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as handle:
            self.spec = json.load(handle)
        self.folder = os.path.dirname(path)
        self.cgroup = Cgroup(self.spec["cgroup"])
        self.selector = selectors.DefaultSelector()
        self.cables, self.child, self.stopping = [], None, False
        # A signal ends the wait for the next frame.
        self.wake, tail = socket.socketpair()
        for end in (self.wake, tail):
            end.setblocking(False)
        self.tail = tail
        signal.set_wakeup_fd(tail.fileno(), warn_on_full_buffer=False)
        self.selector.register(self.wake, READ, lambda events: self.wake.recv(4096))

    # -- power on

    def start(self):
        """Start the container; returns when its own half runs."""
        self.cgroup.make()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            words = ["sh", "-c", JOIN, self.cgroup.processes(), "setpriv", "--pdeathsig", "KILL"]
            words += ["unshare", "--fork", "--kill-child", *NAMESPACES]
            words += [sys.executable, "-m", "lab.light.inside", self.folder, str(theirs.fileno())]
            self.child = subprocess.Popen(words, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
            theirs.close()
            taps = receive_files(ours, len(self.spec["ports"]))
            master, console = self.open_console()
            answer = way_in.connect(self.spec, self.child.pid)
            write_json(os.path.join(self.folder, "network.json"), answer)
            ours.sendall(json.dumps(dict(answer, console=console)).encode())
        self.log = master
        self.cables = [Cable(tap, port["socket"]) for tap, port in zip(taps, self.spec["ports"])]
        for cable in self.cables:
            self.selector.register(cable.tap, READ, lambda events, cable=cable: self.from_node(cable))

    def open_console(self):
        """A pseudo-terminal whose output goes to the log: (our end, path of the node's end)."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self.slave = slave  # kept open: without any user of it, reading would be an error
        self.selector.register(master, READ, lambda events: self.from_console(master))
        return master, os.ttyname(slave)

    # -- while it runs

    def from_console(self, master):
        """Write on what the node says."""
        try:
            said = os.read(master, 1 << 16)
        except OSError:
            return
        with open(os.path.join(self.folder, "console.log"), "ab") as log:
            log.write(said)

    def from_node(self, cable):
        """Frames of the node."""
        if not cable.from_node():
            self.pull(cable)
        self.watch(cable)

    def from_switch(self, cable, events):
        """Frames of the switch, or room for ours."""
        alive = not events & WRITE or cable.drain()
        if not alive or (events & READ and not cable.from_switch()):
            self.pull(cable)
        self.watch(cable)

    def pull(self, cable):
        """The switch has gone; it is looked for again."""
        self.selector.unregister(cable.stream.sock)
        cable.pull()

    def watch(self, cable):
        """Wait for room only while frames wait."""
        if cable.stream is not None:
            key = self.selector.get_key(cable.stream.sock)
            wanted = READ | WRITE if cable.stream.outbox else READ
            if key.events != wanted:
                self.selector.modify(cable.stream.sock, wanted, key.data)

    def plug(self):
        """Connect the cables that have no switch; True where each has one."""
        loose = [cable for cable in self.cables if cable.path and cable.stream is None]
        for cable in loose:
            if cable.plug():
                self.selector.register(cable.stream.sock, READ, functools.partial(self.from_switch, cable))
        return all(cable.stream is not None for cable in loose)

    def serve(self):
        """Carry frames until the container ends; returns the signal that ended it, as the kernel tells it."""
        while self.child.poll() is None:
            plugged = self.plug()
            for key, events in self.selector.select(None if plugged else AGAIN):
                if self.selector.get_map().get(key.fd) is key:
                    key.data(events)
        return -self.child.returncode

    # -- power off

    def stop(self, *unused):
        """Signal handler: ask systemd to power off."""
        self.stopping = True
        for pid in children(self.child.pid) if self.child else []:
            os.kill(pid, POWER_OFF)

    def end(self):
        """Let go of all that the container had."""
        for cable in self.cables:
            if cable.stream is not None:
                self.pull(cable)
            self.selector.unregister(cable.tap)
            os.close(cable.tap)
        self.cables = []
        self.from_console(self.log)
        self.selector.unregister(self.log)
        os.close(self.log)
        os.close(self.slave)
        self.cgroup.remove()

    def run(self):
        """Power on, and on again for each reboot: the kernel ends a PID 1 that reboots with SIGHUP."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGCHLD, lambda *unused: None)
        again = True
        while again:
            self.start()
            again = self.serve() == signal.SIGHUP and not self.stopping
            self.end()


def receive_files(sock, count):
    """So many open files that the inner half sends; RuntimeError where it ended before."""
    room = socket.CMSG_SPACE(max(count, 1) * array.array("i").itemsize)
    data, control, dummy, dummy = sock.recvmsg(64, room)
    if not data:
        raise RuntimeError("the node's own half has ended, see above")
    files = array.array("i")
    for level, kind, content in control:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            files.frombytes(content[: len(content) - len(content) % files.itemsize])
    return list(files)


def children(parent):
    """The pids of the children of a process."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, encoding="utf-8", errors="replace") as handle:
                    fields = handle.read().rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                continue
            if int(fields[1]) == parent:
                found.append(int(name))
    return found


def write_json(path, data):
    """Put a JSON file in place whole."""
    with open(path + ".tmp", "w", encoding="utf-8") as handle:
        json.dump(data, handle)
    os.replace(path + ".tmp", path)


if __name__ == "__main__":
    Node(sys.argv[1]).run()
