# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A light node's cable: frames between a TAP device in the container and a port of the lab's switch."""

from __future__ import annotations

import fcntl
import os
import socket
import struct

from ..vswitch.stream import Stream

TUNSETIFF, TUNSETCARRIER = 0x400454CA, 0x400454E2
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
LONGEST = 1 << 16
BATCH = 64
QUEUE_LIMIT = 4 << 20


def open_tap(name):
    """A TAP device of that name in the caller's network namespace: its file, from which frames are read."""
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


class Cable:
    """One cable. Its device has a carrier only while the switch is there."""

    def __init__(self, tap, path):
        """tap: open_tap(); path: the unix socket of the switch port, None for a port that is not cabled."""
        self.tap, self.path, self.stream = tap, path, None
        self.carrier(False)

    def carrier(self, on):
        """Link up or down, as the node sees it. Older kernels cannot, and their link is up."""
        try:
            fcntl.ioctl(self.tap, TUNSETCARRIER, struct.pack("i", 1 if on else 0))
        except OSError:
            pass

    def plug(self):
        """Try to connect to the switch; True where that worked."""
        peer = socket.socket(socket.AF_UNIX)
        try:
            peer.connect(self.path)
        except OSError:
            peer.close()
            return False
        self.stream = Stream(peer)
        self.carrier(True)
        return True

    def pull(self):
        """The switch has gone."""
        self.stream.sock.close()
        self.stream = None
        self.carrier(False)

    def from_node(self):
        """Take frames of the node to the switch; what nobody takes is dropped. False where the switch has gone."""
        for dummy in range(BATCH):
            try:
                frame = os.read(self.tap, LONGEST)
            except OSError:  # nothing more, or the device is down
                break
            if self.stream is not None and len(self.stream.outbox) < QUEUE_LIMIT:
                self.stream.outbox += struct.pack("!I", len(frame)) + frame
        return self.stream is None or self.drain()

    def drain(self):
        """Send what waits, as far as the switch takes it; False where it has gone."""
        outbox = self.stream.outbox
        try:
            while outbox:
                del outbox[: self.stream.sock.send(outbox[: 1 << 18])]
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True

    def from_switch(self):
        """Take frames of the switch to the node; False where the switch has gone."""
        try:
            alive = self.stream.fill()
            frames = self.stream.frames()
        except ValueError:
            return False
        for frame in frames:
            try:
                os.write(self.tap, frame)
            except OSError:  # the device is down, or its queue is full
                pass
        return alive
