# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the kubelet can give to pods now and what they have, asked at its own socket: pod-resources v1.

The kubelet's checkpoint file is no answer: where several plugins register within milliseconds, an older list is written
over a newer one and stays until the next change (seen: 3 resources of 5, kubelet 1.37.2). One unary gRPC call needs so
little of HTTP/2 (RFC 9113) that it is written out here: a node has no gRPC library. The server waits for nothing else
from us, so all of it is sent at once.
Source: https://github.com/kubernetes/kubelet/blob/master/pkg/apis/podresources/v1/api.proto
"""

from __future__ import annotations

import struct

SOCKET = "/var/lib/kubelet/pod-resources/kubelet.sock"
SERVICE = "/v1.PodResourcesLister/"
ALLOCATABLE, LIST = SERVICE + "GetAllocatableResources", SERVICE + "List"
TIMEOUT_S = 5
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 7, 8
END_STREAM, END_HEADERS = 1, 4
WINDOW = 2**30  # so that no answer waits for us to make room
LENGTH_DELIMITED = 2


def devices(system):
    """{resource: [id of a healthy device]}; None where no kubelet answers."""
    message = _ask(system, ALLOCATABLE)
    if message is None:
        return None
    found = {}
    for number, value in fields(message):
        if number == 1:
            name, ids = _device(value)
            found.setdefault(name, []).extend(ids)
    return {name: sorted(ids) for name, ids in found.items()}


def held(system):
    """{resource: {id: "namespace/pod"}} of the pods that are here; None where no kubelet answers."""
    message = _ask(system, LIST)
    if message is None:
        return None
    found = {}
    for pod in (value for number, value in fields(message) if number == 1):
        parts = list(fields(pod))
        words = {key: text.decode() for key, text in parts if key in (1, 2)}
        for container in (value for number, value in parts if number == 3):
            for name, ids in (_device(value) for number, value in fields(container) if number == 2):
                who = "%s/%s" % (words.get(2, ""), words.get(1, ""))
                found.setdefault(name, {}).update(dict.fromkeys(ids, who))
    return found


def _device(message):
    """(resource, [id]) of a message ContainerDevices."""
    parts = list(fields(message))
    name = next((text.decode() for key, text in parts if key == 1), "")
    return name, [text.decode() for key, text in parts if key == 2]


def _ask(system, method):
    """The message that the kubelet answers with, None where none comes."""
    answer = system.ask_socket(SOCKET, request(method), ended, TIMEOUT_S)
    data = b"".join(body for kind, dummy, body in frames(answer or b"") if kind == DATA)
    # Nothing, or compressed, for which we did not ask.
    return None if len(data) < 5 or data[0] else data[5:]


def request(method, message=b""):
    """All that the client says: preface, settings, room, headers and a message."""
    headers = b"".join(
        b"\x00" + _text(name) + _text(value)  # a literal that no table remembers, not compressed
        for name, value in (
            (":method", "POST"),
            (":scheme", "http"),
            (":path", method),
            (":authority", "localhost"),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
        )
    )
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"".join(
        (
            _frame(SETTINGS, 0, 0, struct.pack(">HI", 4, WINDOW)),
            _frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", WINDOW)),
            _frame(HEADERS, END_HEADERS, 1, headers),
            _frame(DATA, END_STREAM, 1, struct.pack(">BI", 0, len(message)) + message),
        )
    )


def frames(received):
    """(type, flags, body) of each frame that is complete."""
    while len(received) >= 9:
        size = int.from_bytes(received[:3], "big")
        if len(received) < 9 + size:
            return
        yield received[3], received[4], received[9 : 9 + size]
        received = received[9 + size :]


def ended(received):
    """Whether the server has said all."""
    return any(
        kind in (RST_STREAM, GOAWAY) or (kind in (DATA, HEADERS) and flags & END_STREAM)
        for kind, flags, dummy in frames(received)
    )


def fields(message):
    """(number, value) of the length-delimited fields of a protobuf message; numbers are passed over."""
    position = 0
    while position < len(message):
        key, position = _number(message, position)
        size, position = _number(message, position)
        if key & 7 == LENGTH_DELIMITED:
            yield key >> 3, message[position : position + size]
            position += size
        elif key & 7:  # fixed widths, of which this interface has none
            return


def _number(message, position):
    """(a varint, the position after it); what breaks off counts as far as it goes."""
    value = shift = 0
    while position < len(message):
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return value, position


def _text(text):
    return bytes((len(text),)) + text.encode("ascii")  # shorter than 127, so the length is one byte


def _frame(kind, flags, stream, body):
    return len(body).to_bytes(3, "big") + struct.pack(">BBI", kind, flags, stream) + body
