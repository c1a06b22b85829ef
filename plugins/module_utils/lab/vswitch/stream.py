# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A connected peer of the switch: QEMU's framing, and lines of the control socket."""

from __future__ import annotations

import struct

LONGEST = 1 << 17


class Stream:
    """A connected peer: what it sent and was not read yet, and what waits to be sent to it."""

    def __init__(self, sock):
        sock.setblocking(False)
        self.sock = sock
        self.inbox, self.outbox = bytearray(), bytearray()

    def frames(self):
        """Take the complete frames out of the inbox. ValueError on a length that no frame has."""
        offset, found, view = 0, [], bytes(self.inbox)
        while len(view) - offset >= 4:
            length = struct.unpack_from("!I", view, offset)[0]
            if length > LONGEST:
                raise ValueError("a frame of %d bytes" % length)
            if len(view) - offset - 4 < length:
                break
            found.append(view[offset + 4 : offset + 4 + length])
            offset += 4 + length
        del self.inbox[:offset]
        return found

    def lines(self):
        """Take the complete lines out of the inbox."""
        head, sep, tail = bytes(self.inbox).rpartition(b"\n")
        self.inbox[:] = tail
        return head.split(b"\n") if sep else []

    def fill(self):
        """Read what is there; False where the peer has gone."""
        try:
            data = self.sock.recv(1 << 18)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.inbox += data
        return bool(data)
