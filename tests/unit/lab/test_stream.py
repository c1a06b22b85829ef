# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""QEMU's framing comes in any cut; the same frames come out."""

import socket
import struct

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.lab.vswitch.stream import LONGEST, Stream
from hypothesis import given, strategies


@pytest.fixture(scope="module")
def sock():
    """A socket that nothing is sent through."""
    left, right = socket.socketpair()
    yield left
    left.close()
    right.close()


@given(strategies.lists(strategies.binary(max_size=50), max_size=8), strategies.lists(strategies.integers(0, 400)))
def test_frames_survive_any_cut(sock, frames, cuts):
    wire = b"".join(struct.pack("!I", len(frame)) + frame for frame in frames)
    stream, found, edges = Stream(sock), [], sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    for begin, end in zip(edges, edges[1:]):
        stream.inbox += wire[begin:end]
        found += stream.frames()
    assert found == frames
    assert not stream.inbox


def test_a_length_that_no_frame_has_is_an_error(sock):
    stream = Stream(sock)
    stream.inbox += struct.pack("!I", LONGEST + 1)
    with pytest.raises(ValueError, match="a frame of"):
        stream.frames()


def test_lines_wait_for_their_end(sock):
    stream = Stream(sock)
    stream.inbox += b'{"do": "stats"}\n{"do"'
    assert stream.lines() == [b'{"do": "stats"}']
    stream.inbox += b': "quit"}\n'
    assert stream.lines() == [b'{"do": "quit"}']
