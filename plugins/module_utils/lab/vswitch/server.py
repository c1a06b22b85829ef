# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The rack switch as a program: python3 -m vswitch.server FOLDER

FOLDER/table.json holds the port table {"SWITCH/NUMBER": {"vlan", "tagged", "lag", "peer"}}; each port listens on
FOLDER/SWITCH-NUMBER.sock for QEMU's `-netdev stream` (each frame after its length, 4 bytes, big endian).
FOLDER/control.sock takes JSON lines: {"do": "stats" | "ports" | "quit"}; "ports" with a "table" sets it.
Standard library only; it runs without the rest of the collection.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import struct
import sys

from .bridge import Bridge
from .stream import Stream

QUEUE_LIMIT = 4 << 20
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


def socket_name(port):
    """The file name of a port's socket."""
    return port.replace("/", "-") + ".sock"


class Server:
    """All switches of one lab: a Bridge per switch, a listening socket per port, one control socket."""

    def __init__(self, folder):
        self.folder = folder
        self.bridges, self.listeners, self.streams = {}, {}, {}
        self.selector = selectors.DefaultSelector()
        self.running = True
        self.listen("control.sock", self.accept_control)

    # -- ports

    def set_table(self, table):
        """Take a whole port table; sockets of new ports open, those of removed ports close."""
        check_table(table)
        rows = {}
        for name, row in table.items():
            rows.setdefault(name.split("/")[0], {})[name] = row
        for switch in set(self.bridges) | set(rows):
            self.bridges.setdefault(switch, Bridge()).set_table(rows.get(switch, {}))
        for name in [name for name in self.listeners if name not in table]:
            self.close_port(name)
        for name in table:
            if name not in self.listeners:
                self.listeners[name] = self.listen(socket_name(name), self.accept_port, name)
        write_json(os.path.join(self.folder, "table.json"), self.table())

    def port(self, name):
        """The Port of that name."""
        return self.bridges[name.split("/")[0]].ports[name]

    def ports(self):
        """{name: Port} over all switches."""
        return {name: port for bridge in self.bridges.values() for name, port in bridge.ports.items()}

    def table(self):
        """The port table as it is now."""
        return {name: port.table() for name, port in self.ports().items()}

    def listen(self, file_name, accept, *args):
        """A listening unix socket in the folder."""
        path = os.path.join(self.folder, file_name)
        if os.path.exists(path):
            os.unlink(path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(8)
        listener.setblocking(False)
        self.selector.register(listener, READ, lambda events: accept(listener, *args))
        return listener

    def close_port(self, name):
        """Stop listening for a port and cut its cable."""
        listener = self.listeners.pop(name)
        self.selector.unregister(listener)
        listener.close()
        os.unlink(os.path.join(self.folder, socket_name(name)))
        self.disconnect(name)

    def accept_port(self, listener, name):
        """A VM plugs its cable in; one that was there before is pulled."""
        sock = listener.accept()[0]
        self.disconnect(name)
        stream = self.streams[name] = Stream(sock)
        self.selector.register(sock, READ, lambda events: self.port_ready(name, stream, events))
        self.port(name).connected = True

    def disconnect(self, name):
        """Cut a port's cable, if there is one."""
        stream = self.streams.pop(name, None)
        if stream is None:
            return
        self.selector.unregister(stream.sock)
        stream.sock.close()
        port = self.ports().get(name)
        if port is not None:
            port.connected = False
            self.bridges[name.split("/")[0]].forget(port)

    def port_ready(self, name, stream, events):
        """Read and switch what came in; send on what waits."""
        if self.streams.get(name) is not stream:
            return
        if events & WRITE:
            self.flush(name)
        if not events & READ or self.streams.get(name) is not stream:
            return
        try:
            if not stream.fill():
                raise ValueError("the peer has gone")
            self.switch(name, stream.frames())
        except ValueError:
            self.disconnect(name)

    def switch(self, name, frames):
        """Pass frames of one port on, then send to each port once."""
        bridge, port, touched = self.bridges[name.split("/")[0]], self.port(name), set()
        for frame in frames:
            for out, wire in bridge.receive(port, frame):
                stream = self.streams[out.name]
                if len(stream.outbox) > QUEUE_LIMIT:
                    out.drop("queue full", 0)
                    continue
                stream.outbox += struct.pack("!I", len(wire)) + wire
                touched.add(out.name)
        for out in touched:
            self.flush(out)

    def flush(self, name):
        """Send what waits for a port, as far as its peer takes it."""
        stream = self.streams.get(name)
        if stream is not None and not self.drain(stream):
            self.disconnect(name)

    def drain(self, stream):
        """Send a stream's outbox; False where the peer has gone. Asks for WRITE events while bytes wait."""
        try:
            while stream.outbox:
                del stream.outbox[: stream.sock.send(stream.outbox[: 1 << 18])]
        except BlockingIOError:
            pass
        except OSError:
            return False
        key = self.selector.get_key(stream.sock)
        wanted = READ | WRITE if stream.outbox else READ
        if key.events != wanted:
            self.selector.modify(stream.sock, wanted, key.data)
        return True

    # -- control

    def accept_control(self, listener):
        """Someone asks something."""
        stream = Stream(listener.accept()[0])
        self.selector.register(stream.sock, READ, lambda events: self.control_ready(stream))

    def control_ready(self, stream):
        """Answer each complete line; close where the asker has gone."""
        alive = stream.fill()
        for line in stream.lines():
            stream.outbox += json.dumps(self.answer(line)).encode() + b"\n"
        if not self.drain(stream) or not alive:
            self.selector.unregister(stream.sock)
            stream.sock.close()

    def answer(self, line):
        """The answer to one JSON line: {"ok": true, ...} or {"ok": false, "error"}."""
        try:
            request = json.loads(line)
            if request["do"] == "quit":
                self.running = False
                return {"ok": True}
            if request["do"] == "ports" and "table" in request:
                self.set_table(request["table"])
            if request["do"] in ("ports", "stats"):
                stats = {name: port.stats() for name, port in self.ports().items()}
                return {"ok": True, "ports": self.table(), "stats": stats}
            return {"ok": False, "error": "unknown request %r" % request["do"]}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return {"ok": False, "error": "not a request: %s" % error}

    # -- life

    def run(self):
        """Serve until told to quit, then leave no socket behind."""
        while self.running:
            for key, events in self.selector.select():
                if key.fileobj.fileno() >= 0:
                    key.data(events)
        for file_name in ["control.sock"] + [socket_name(name) for name in self.listeners]:
            os.unlink(os.path.join(self.folder, file_name))

    def stop(self, *unused):
        """Signal handler: leave the loop. The signal's own wake-up ends a select that waits."""
        self.running = False
        wake = socket.socket(socket.AF_UNIX)
        wake.connect(os.path.join(self.folder, "control.sock"))


def check_table(table):
    """ValueError for what is no port table, before anything is touched."""
    for name, row in table.items():
        if "/" not in name or not isinstance(row, dict):
            raise ValueError("port %r: write SWITCH/NUMBER and its settings" % name)
        vlans = [vlan for vlan in [row.get("vlan")] + list(row.get("tagged") or ()) if vlan is not None]
        if not all(isinstance(vlan, int) and 1 <= vlan <= 4094 for vlan in vlans):
            raise ValueError("port %s: a VLAN is a number from 1 to 4094" % name)


def write_json(path, data):
    """Put a JSON file in place whole."""
    with open(path + ".tmp", "w", encoding="utf-8") as handle:
        json.dump(data, handle)
    os.replace(path + ".tmp", path)


def main(argv):
    """Run the switch of one folder."""
    folder = argv[1]
    with open(os.path.join(folder, "table.json"), encoding="utf-8") as handle:
        table = json.load(handle)
    server = Server(folder)
    server.set_table(table)
    signal.signal(signal.SIGTERM, server.stop)
    signal.signal(signal.SIGINT, server.stop)
    server.run()


if __name__ == "__main__":
    main(sys.argv)
