# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The lab's switch as seen from outside: start, ask, set, stop it. The program itself is the package vswitch."""

from __future__ import annotations

import json
import os
import socket
import sys
import time

from ..errors import EngineError
from . import process, vswitch
from .program import put, read, texts, write
from .vswitch import bridge, server, stream


class Fabric:
    """All switches of one lab, in one process, in lab_dir/switch."""

    def __init__(self, lab_folder):
        self.folder = os.path.join(lab_folder, "switch")

    def path(self, *names):
        """A file in the switch's folder."""
        return os.path.join(self.folder, *names)

    def present(self):
        """True where the process is there, be it deaf."""
        return bool(process.find("python", self.folder))

    def running(self):
        """True where the process is there and answers."""
        return self.present() and self.ask({"do": "ports"}, quiet=True) is not None

    def current(self):
        """True where the program on disk is the one that we have (not one of an older checkout)."""
        return all(read(self.path("program", "vswitch", name)) == text for name, text in program().items())

    def start(self, table):
        """Start the program with a port table and wait until it answers."""
        process.stop("python", self.folder)
        put(self.path("program", "vswitch"), program())
        write(self.path("table.json"), json.dumps(table))
        argv = [sys.executable, "-m", "vswitch.server", self.folder]
        child = process.start(argv, self.path("log"), cwd=self.path("program"))
        end = time.monotonic() + 10
        while self.ask({"do": "ports"}, quiet=True) is None:
            if child.poll() is not None or time.monotonic() > end:
                said = read(self.path("log")) or ""
                raise EngineError("the switch did not start:\n%s" % said[-2000:], self.path("log"))
            time.sleep(0.05)

    def stop(self):
        """End the program; it removes its sockets."""
        return process.stop("python", self.folder)

    def ask(self, request, quiet=False):
        """The answer to a request; None (quiet) or an EngineError where the switch does not answer or refuses."""
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(5)
                sock.connect(self.path("control.sock"))
                with sock.makefile("rwb") as channel:
                    channel.write(json.dumps(request).encode() + b"\n")
                    channel.flush()
                    answer = json.loads(channel.readline())
        except (OSError, ValueError) as error:
            if quiet:
                return None
            raise EngineError(
                "the lab's switch does not answer: %s" % error,
                self.path("control.sock"),
                "Start the lab (role lab)",
            ) from error
        if not answer.get("ok") and not quiet:
            raise EngineError("the switch refused: %s" % answer.get("error"), self.path("control.sock"))
        return answer

    def table(self):
        """The port table as it is."""
        return self.ask({"do": "ports"})["ports"]

    def set_table(self, table):
        """Set the whole port table; cables stay in."""
        self.ask({"do": "ports", "table": table})


def program():
    """{file name: source text} of the switch program."""
    return texts(vswitch, (bridge, server, stream))


def find_port(table, name):
    """The key of a port given as SWITCH/NUMBER or as the NODE/NIC/PORT that is cabled to it."""
    if name in table:
        return name
    for key, row in table.items():
        if row.get("peer") == name:
            return key
    raise EngineError(
        "no such switch port, and nothing of that name is cabled to one",
        name,
        "Write SWITCH/NUMBER or NODE/NIC/PORT, one of: %s" % ", ".join(sorted(table)),
    )
