# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Light nodes: what is made of the testbed's variables, which address they get, what their program says in an error."""

import errno
import ipaddress
import os
import socket

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.lab import container, lifecycle, notes, spec
from ansible_collections.gedge.engine.plugins.module_utils.lab.light import cable, cgroup, node, way_in
from ansible_collections.gedge.engine.plugins.module_utils.progress import Progress
from ansible_collections.gedge.engine.plugins.module_utils.system import System

DEFAULTS = {"cpus": 4, "memory": 2048, "suite": "bookworm"}
FOLDER = "/var/tmp/gedge-lab-00000000"


def port(number, **keys):
    """A line of testbed_ports."""
    return dict({"nic": "nic0", "port": number, "switch": "tor", "switch_port": "9"}, **keys)


def host(*ports, **keys):
    """The variables of a light node."""
    return dict({"testbed_lab": {"machine": "container"}, "testbed_ports": list(ports)}, **keys)


def made(*ports, **keys):
    """The spec of a light node."""
    return spec.node_specs({"master": host(*ports, **keys)}, DEFAULTS, FOLDER)["master"]


def test_a_light_node_has_its_ports_with_stable_names_and_addresses():
    ports = made(port("1", interface="mgmt"), port("2"), port("3", switch=None), ansible_host="192.168.10.102")["ports"]
    assert [(one["interface"], one["link"]) for one in ports] == [("mgmt", "tor/9"), ("eth1", "tor/9"), ("eth2", None)]
    assert len({one["mac"] for one in ports}) == 3
    assert ports == made(port("1", interface="mgmt"), port("2"), port("3", switch=None))["ports"]


def test_a_size_of_a_vm_says_nothing_of_a_container():
    lab = {"machine": "container", "cpus": 1, "memory": 1}
    assert made(testbed_lab=lab)["suite"] == "bookworm"


VF = {"count": 4, "config": []}
FAULTS = [
    ("SR-IOV", host(port("1", vfs=VF)), {"master/nic0/1.vfs"}),
    ("a PCI address", host(port("1", pci="0000:21:00.0")), {"master/nic0/1.pci"}),
    ("two devices of one name", host(port("1", interface="a"), port("2", interface="a")), {"master/nic0/2.interface"}),
    ("the name of the way in", host(port("1", interface="mgmt0")), {"master/nic0/1.interface"}),
    ("a GPU", host(testbed_accelerators=[{"kind": "gpu"}]), {"master/accelerators[0]"}),
    ("huge pages", host(testbed_hugepages=[{"size": "2M"}]), {"master.hugepages"}),
    ("all at once", host(testbed_isolated_cpus="1", testbed_kernel_arguments=["nosmt"], testbed_rdma={"netns": "x"},
                         testbed_tuning="edge-accelerated"),
     {"master.isolated_cpus", "master.kernel_arguments", "master.rdma", "master.tuning"}),
    ("no such machine", host(testbed_lab={"machine": "pod"}), {"master.lab.machine"}),
    ("no such guest", host(testbed_lab={"machine": "container", "suite": "sid"}), {"master.lab.suite"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "variables", "paths"), FAULTS, ids=[case[0] for case in FAULTS])
def test_what_a_container_cannot_have_is_refused_with_what_to_do(name, variables, paths):
    with pytest.raises(ProblemsError) as caught:
        spec.node_specs({"master": variables}, DEFAULTS, FOLDER)
    assert {problem.path for problem in caught.value.problems} == paths
    assert all(problem.advice for problem in caught.value.problems)


def test_what_is_not_asked_for_is_no_fault():
    asked = {"testbed_hugepages": [], "testbed_rdma": {}, "testbed_tuning": "none"}
    assert made(port("1", vfs=None, pci=None), **asked)["machine"] == "container"


def nets(*words):
    """IP networks."""
    return [ipaddress.ip_network(word) for word in words]


@pytest.mark.parametrize(
    ("start", "used", "chosen"),
    [
        (0, [], "198.18.0.0/30"),
        (1, ["10.0.0.0/8"], "198.18.0.4/30"),
        (1, ["198.18.0.4/32"], "198.18.0.8/30"),
        (32767, ["198.19.255.252/30"], "198.18.0.0/30"),
        (5, ["198.18.0.0/16"], "198.19.0.0/30"),
        (1 << 31, [], "198.18.0.0/30"),
    ],
)
def test_the_way_in_is_a_network_that_nobody_has(start, used, chosen):
    assert way_in.choose(start, nets(*used)) == ipaddress.ip_network(chosen)


def test_a_host_without_a_free_network_is_told_so():
    with pytest.raises(RuntimeError, match=r"all over 198\.18\.0\.0/15"):
        way_in.choose(3, nets("198.18.0.0/15"))


def test_addresses_and_routes_of_the_host_are_in_use_but_its_default_route_is_not():
    addresses = [{"addr_info": [{"local": "10.1.2.3", "prefixlen": 24}]}, {"ifname": "bare"}]
    routes = [{"dst": "default"}, {"dst": "172.16.0.0/12"}, {"dst": "10.9.9.9"}]
    assert way_in.taken(addresses, routes) == nets("10.1.2.0/24", "172.16.0.0/12", "10.9.9.9/32")


FIRST = "29 28 0:25 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
HYBRID = FIRST + "30 28 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
UNIFIED = "25 24 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"


@pytest.mark.parametrize(
    ("text", "place"), [(HYBRID, "/sys/fs/cgroup/unified"), (UNIFIED, "/sys/fs/cgroup"), (FIRST, None)]
)
def test_the_cgroup2_hierarchy_is_found_where_it_is(text, place):
    assert cgroup.mounted(text) == place


def test_the_ways_in_stand_in_ssh_config(tmp_path):
    (tmp_path / "lab").mkdir()
    book = notes.Notes(System(), str(tmp_path / "lab"))
    book.note("node1", ssh_port=2222, address="192.168.10.100")
    book.note("master", ssh_port=22, ssh_host="198.18.0.2", address="192.168.10.102")
    text = (tmp_path / "lab" / "ssh_config").read_text()
    assert "Host master 192.168.10.102\n  HostName 198.18.0.2\n  Port 22\n" in text
    assert "Host node1 192.168.10.100\n  HostName 127.0.0.1\n  Port 2222\n" in text


def test_who_is_not_root_is_refused_before_anything_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr(container.os, "geteuid", lambda: 1000)
    one = container.Container(System(), str(tmp_path), "master")
    with pytest.raises(EngineError, match=r"needs root.*machine: vm"):
        one.start(made(port("1")), str(tmp_path), anew=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("kind", "log"), [("container", "console.log"), ("vm", "serial.log")])
def test_a_node_is_made_of_what_the_testbed_says(tmp_path, kind, log):
    settings = {"cache": str(tmp_path), "specs": {"a": {"machine": kind}}}
    lab = lifecycle.Lab(System(), str(tmp_path), Progress(), settings)
    assert lab.machine("a").log == str(tmp_path / "a" / log)
    assert lab.machine("never-heard-of").kind == "vm"


def test_the_program_is_whole_and_has_a_digest():
    assert set(container.programs()["lab/light"]) == {
        "__init__.py", "cable.py", "cgroup.py", "inside.py", "node.py", "way_in.py",
    }  # fmt: skip
    assert container.program_digest() == container.program_digest()


def test_before_there_is_a_child_nobody_is_asked_to_power_off(monkeypatch):
    monkeypatch.setattr(node, "children", lambda parent: pytest.fail("asked for the children of %r" % parent))
    one = node.Node.__new__(node.Node)
    one.child = None
    one.stop()
    assert one.stopping


def test_the_children_of_a_process_are_found():
    child = os.fork()
    if child == 0:
        os.read(os.pipe()[0], 1)
        os._exit(0)
    try:
        assert child in node.children(os.getpid())
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


class Ports:
    """A cable whose device is one end of a socket pair, each packet a frame, and a switch on a unix socket."""

    def __init__(self, tmp_path):
        self.node, tap = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        tap.setblocking(False)
        self.listener = socket.socket(socket.AF_UNIX)
        self.path = str(tmp_path / "tor-9.sock")
        self.tap = tap
        self.cable = cable.Cable(tap.fileno(), self.path)

    def listen(self):
        """The switch comes up."""
        self.listener.bind(self.path)
        self.listener.listen(1)

    def accept(self):
        """The switch's end."""
        peer = self.listener.accept()[0]
        peer.settimeout(5)
        return peer


@pytest.fixture
def ports(tmp_path):
    """A cable with stand-ins at both ends."""
    return Ports(tmp_path)


def test_frames_go_both_ways_in_the_switchs_framing(ports):
    assert ports.cable.plug() is False
    ports.listen()
    assert ports.cable.plug() is True
    switch = ports.accept()
    ports.node.send(b"f" * 60)
    assert ports.cable.from_node() is True
    assert switch.recv(4096) == b"\0\0\0\x3c" + b"f" * 60
    switch.sendall(b"\0\0\0\x0egggggggggggggg")
    assert ports.cable.from_switch() is True
    assert ports.node.recv(4096) == b"g" * 14


def test_a_switch_that_goes_away_or_talks_nonsense_is_let_go(ports):
    ports.listen()
    for last in (b"", b"\xff" * 64):
        assert ports.cable.plug() is True
        switch = ports.accept()
        switch.sendall(last)
        switch.close()
        assert ports.cable.from_switch() is False
        ports.cable.pull()
        assert ports.cable.stream is None
    ports.node.send(b"x" * 60)
    assert ports.cable.from_node() is True


def test_a_device_that_is_down_costs_its_own_frames_only(ports, monkeypatch):
    ports.listen()
    ports.cable.plug()
    switch = ports.accept()

    def down(fd, data):
        raise OSError(errno.EIO, "down")

    monkeypatch.setattr(cable.os, "write", down)
    switch.sendall(b"\0\0\0\x0egggggggggggggg")
    assert ports.cable.from_switch() is True
