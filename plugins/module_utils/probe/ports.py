# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What of TCP and UDP reaches another node's stack, with no listener there: a port that nobody serves is refused by
the stack itself (RST, ICMP port unreachable), and one that a filter drops stays silent."""

from __future__ import annotations

import errno
import selectors
import socket
import time

from ..errors import EngineError

OPEN, REFUSED, SILENT = "open", "refused", "silent"
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
AGAIN_S = 0.5  # UDP is sent again after that; TCP does it itself
LONGEST_S = 4  # by then TCP has sent three times
PAYLOAD = b"gedge"


class Knock:
    """One socket on its way. target: {interface, address, protocol, port, ...}."""

    def __init__(self, target):
        self.target = target
        self.answer = None
        family = socket.AF_INET6 if ":" in target["address"] else socket.AF_INET
        self.socket = socket.socket(family, KINDS[target["protocol"]])
        self.socket.setblocking(False)

    def start(self):
        """Bind to the device and send the first packet."""
        device = self.target["interface"]
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")
        except OSError as error:
            raise EngineError("cannot send from it: %s" % error.strerror, device, "Name a network device") from error
        self._note(self.socket.connect_ex((self.target["address"], self.target["port"])))
        self.send()

    def send(self):
        """Another packet, of UDP only."""
        if self.target["protocol"] == "udp" and self.answer is None:
            try:
                self.socket.send(PAYLOAD)
            except OSError as error:
                self._note(error.errno)

    def read(self):
        """What has come in."""
        if self.target["protocol"] == "tcp":
            code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self.answer = self.answer or (OPEN if code == 0 else None)
            self._note(code)
            return
        try:
            self.socket.recv(2048)
            self.answer = OPEN
        except OSError as error:
            self._note(error.errno)

    def _note(self, code):
        if code == errno.ECONNREFUSED:
            self.answer = REFUSED
        elif code not in (0, errno.EINPROGRESS, errno.EAGAIN, errno.EWOULDBLOCK) and self.answer is None:
            self.answer = SILENT  # no route, nobody answers ARP: nothing came through


def knock(targets, wait):
    """Send to all targets at once and wait at most wait seconds: the targets with "answer", OPEN, REFUSED or SILENT."""
    knocks = []
    try:
        for target in targets:
            knocks.append(Knock(target))
            knocks[-1].start()
        _await(knocks, time.monotonic() + wait)
        return [dict(one.target, answer=one.answer or SILENT) for one in knocks]
    finally:
        for one in knocks:
            one.socket.close()


def _await(knocks, end):
    with selectors.DefaultSelector() as selector:
        for one in knocks:
            way = selectors.EVENT_WRITE if one.target["protocol"] == "tcp" else selectors.EVENT_READ
            selector.register(one.socket, way, one)
        while time.monotonic() < end and any(one.answer is None for one in knocks):
            for key, dummy in selector.select(min(AGAIN_S, max(end - time.monotonic(), 0))):
                key.data.read()
                if key.data.answer is not None:
                    selector.unregister(key.fileobj)
            for one in knocks:
                one.send()
