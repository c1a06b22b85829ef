# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The real switch process, with stand-ins for QEMU on its unix sockets."""

import os
import socket
import struct
import subprocess
import tempfile
import time

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.lab import process
from ansible_collections.gedge.engine.plugins.module_utils.lab.fabric import Fabric, find_port
from ansible_collections.gedge.engine.plugins.module_utils.lab.vswitch import bridge

A, B, ALL = b"\x02\0\0\0\0\x0a", b"\x02\0\0\0\0\x0b", b"\xff" * 6
TABLE = {
    "tor/1": {"vlan": 10, "tagged": [], "lag": None, "peer": "uplink"},
    "tor/2": {"vlan": 30, "tagged": [], "lag": None, "peer": "node1/nic0/1"},
    "tor/3": {"vlan": None, "tagged": [30, 40], "lag": None, "peer": "node2/nic0/1"},
}


class Client:
    """What QEMU is to the switch."""

    def __init__(self, fabric, port):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect(fabric.path(port.replace("/", "-") + ".sock"))

    def send(self, frame):
        """One frame."""
        self.sock.sendall(struct.pack("!I", len(frame)) + frame)

    def receive(self):
        """The next frame, None where none comes."""
        try:
            return self.exactly(struct.unpack("!I", self.exactly(4))[0])
        except socket.timeout:
            return None

    def exactly(self, count):
        """So many bytes."""
        data = b""
        while len(data) < count:
            data += self.sock.recv(count - len(data))
        return data

    def quiet(self):
        """True where nothing comes within a moment."""
        self.sock.settimeout(0.3)
        return self.receive() is None


@pytest.fixture
def fabric():
    """A running switch in a folder with a short path."""
    with tempfile.TemporaryDirectory(prefix="gedge-switch-") as folder:
        made = Fabric(folder)
        made.start(TABLE)
        yield made
        made.stop()


def until(fabric, port, connected=True):
    """Wait until the switch has seen a cable."""
    for dummy in range(100):
        if fabric.ask({"do": "stats"})["stats"][port]["connected"] is connected:
            return
        time.sleep(0.02)
    pytest.fail("%s is not connected=%s" % (port, connected))


@pytest.fixture
def cables(fabric):
    """A client at port 2 (access, VLAN 30) and one at port 3 (trunk)."""
    clients = Client(fabric, "tor/2"), Client(fabric, "tor/3")
    until(fabric, "tor/2")
    until(fabric, "tor/3")
    return clients


def frame(tag=None, dst=ALL, src=A, size=64):
    """A frame with a payload."""
    return bridge.build(dst + src, tag, b"\x08\x00" + b"p" * size)


def test_frames_cross_tagged_and_untagged_and_are_counted(fabric, cables):
    access, trunk = cables
    access.send(frame())
    assert trunk.receive() == frame(tag=30)
    trunk.send(frame(tag=30, dst=A, src=B))
    assert access.receive() == frame(dst=A, src=B)
    stats = fabric.ask({"do": "stats"})["stats"]
    assert (stats["tor/2"]["in"], stats["tor/2"]["out"]) == ({"30": 1}, {"30": 1})
    assert stats["tor/1"] == {"connected": False, "in": {}, "out": {}, "dropped": {}}


def test_the_wrong_vlan_goes_nowhere_and_is_counted(fabric, cables):
    access, trunk = cables
    trunk.send(frame(tag=40))
    trunk.send(frame(tag=99))
    access.send(frame(tag=30))
    assert access.quiet()
    assert trunk.quiet()
    stats = fabric.ask({"do": "stats"})["stats"]
    assert stats["tor/3"]["dropped"] == {"VLAN not in the trunk's list": {"99": 1}}
    assert stats["tor/2"]["dropped"] == {"tagged on an access port": {"30": 1}}


def test_a_port_changes_its_vlan_while_its_cable_stays(fabric, cables):
    access, trunk = cables
    table = fabric.table()
    table["tor/2"]["vlan"] = 40
    fabric.set_table(table)
    access.send(frame())
    assert trunk.receive() == frame(tag=40)
    assert fabric.table() == table


def test_ports_come_and_go_with_the_table(fabric):
    fabric.set_table({"tor/9": {"vlan": 1}, "spine/1": {"vlan": 1}})
    assert sorted(name for name in os.listdir(fabric.folder) if name.endswith(".sock")) == [
        "control.sock",
        "spine-1.sock",
        "tor-9.sock",
    ]


def test_two_switches_are_two(fabric):
    fabric.set_table({"tor/1": {"vlan": 1}, "spine/1": {"vlan": 1}})
    one, other = Client(fabric, "tor/1"), Client(fabric, "spine/1")
    until(fabric, "tor/1")
    until(fabric, "spine/1")
    one.send(frame())
    assert other.quiet()


def test_many_large_frames_arrive_whole_and_in_order(cables):
    access, trunk = cables
    for number in range(500):
        access.send(frame(size=1400 + number))
    for number in range(500):
        assert trunk.receive() == frame(tag=30, size=1400 + number)


def test_a_peer_that_does_not_read_costs_its_own_frames_only(fabric, cables):
    access, trunk = cables
    for dummy in range(200):
        access.send(frame(size=60000))
    stats = fabric.ask({"do": "stats"})["stats"]
    assert stats["tor/2"]["in"]["30"] > 0
    assert trunk.receive() == frame(tag=30, size=60000)


def test_a_peer_that_sends_nonsense_is_cut_off_and_may_come_again(fabric, cables):
    cables[0].sock.sendall(b"\xff" * 64)
    until(fabric, "tor/2", connected=False)
    again = Client(fabric, "tor/2")
    until(fabric, "tor/2")
    again.send(frame())
    assert cables[1].receive() == frame(tag=30)


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b"{}",
        b'{"do": "dance"}',
        b'{"do": "ports", "table": {"tor/1": 1}}',
        b'{"do": "ports", "table": {"tor/1": {"vlan": "x"}}}',
        b"\xff",
    ],
)
def test_a_bad_request_is_refused_and_the_switch_goes_on(fabric, line):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(5)
        sock.connect(fabric.path("control.sock"))
        sock.sendall(line + b"\n")
        assert b'"ok": false' in sock.recv(4096)
    assert fabric.running()
    assert fabric.table() == TABLE


def test_it_is_known_by_its_process_and_leaves_no_socket(fabric):
    assert fabric.running()
    assert fabric.current()
    assert fabric.stop() is True
    assert not fabric.running()
    assert [name for name in os.listdir(fabric.folder) if name.endswith(".sock")] == []
    with pytest.raises(EngineError, match="role lab"):
        fabric.table()


def test_a_killed_switch_starts_again_over_its_old_sockets(fabric):
    process.stop("python", fabric.folder, patience=0)
    assert not fabric.running()
    fabric.start(TABLE)
    assert fabric.running()


def test_idle_it_uses_no_cpu(fabric):
    pid = process.find("python", fabric.folder)[0]

    def ticks():
        with open("/proc/%d/stat" % pid, encoding="ascii") as handle:
            fields = handle.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(2)
    assert ticks() - before <= 2


def test_a_port_is_found_by_its_peer():
    assert find_port(TABLE, "tor/2") == find_port(TABLE, "node1/nic0/1") == "tor/2"
    with pytest.raises(EngineError, match="no such switch port"):
        find_port(TABLE, "tor/77")


def test_the_program_needs_nothing_of_the_collection(fabric):
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        ["python3", "-I", "-c", "import sys; sys.path.insert(0, '.'); import vswitch.server"],
        cwd=fabric.path("program"),
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
