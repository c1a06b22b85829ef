"""Calls of a gRPC server on a Unix socket, with the few words of HTTP/2 that the node's own module speaks."""

from __future__ import annotations

import socket

from ansible_collections.gedge.engine.plugins.module_utils.device_plugin import pod_resources

TIMEOUT_S = 20


class Call:
    """One call; "with" closes it. messages() may be a stream without an end."""

    def __init__(self, path, method, message=b""):
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.settimeout(TIMEOUT_S)
        self.stream.connect(str(path))
        self.stream.sendall(pod_resources.request(method, message))

    def __enter__(self):
        return self

    def __exit__(self, *dummy):
        self.stream.close()

    def messages(self):
        """Each message as it comes; ends with the call."""
        received, data, ended = b"", b"", False
        while not ended:
            chunk = self.stream.recv(65536)
            received, ended = received + chunk, not chunk
            for kind, flags, body in list(pod_resources.frames(received)):
                received = received[9 + len(body) :]
                data += body if kind == pod_resources.DATA else b""
                ended |= kind in (pod_resources.DATA, pod_resources.HEADERS) and bool(flags & pod_resources.END_STREAM)
            while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[1:5], "big"):
                size = int.from_bytes(data[1:5], "big")
                yield data[5 : 5 + size]
                data = data[5 + size :]


def ask(path, method, message=b""):
    """The one message of an answer, None where the call was refused."""
    with Call(path, method, message) as call:
        return next(call.messages(), None)


def field(number, value):
    """A text or message as a field of a message; shorter than 128 bytes."""
    data = value if isinstance(value, bytes) else value.encode()
    return bytes((number << 3 | pod_resources.LENGTH_DELIMITED, len(data))) + data
