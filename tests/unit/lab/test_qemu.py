# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The command line of a VM."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.lab import qemu, spec

FOLDER = "/var/tmp/gedge-lab-00000000"
HOST = {
    "testbed_ports": [
        {"nic": "nic0", "port": "1", "numa_node": 0, "switch": "tor", "switch_port": "25"},
        {"nic": "nic0", "port": "2", "numa_node": 0, "switch": None, "switch_port": None},
        {"nic": "nic1", "port": "2", "numa_node": 1, "switch": "tor", "switch_port": 3},
    ],
    "testbed_accelerators": [
        {"kind": "nvme", "numa_node": 0},
        {"kind": "gpu", "numa_node": 0},
        {"kind": "fpga", "numa_node": 1},
        {"kind": "accelerator", "numa_node": 1},
    ],
}


def place(**keys):
    """A Place with some of its values changed."""
    values = {
        "folder": FOLDER + "/node1",
        "switch": FOLDER + "/switch",
        "image": "/cache/images/0123",
        "public_key": FOLDER + "/id_ed25519.pub",
        "accel": "tcg",
        "version": (10, 0),
        "ssh_port": 2222,
    }
    return qemu.Place(**dict(values, **keys))


def line(host=None, **keys):
    """The command line as one text, each word between two blanks."""
    defaults = {"cpus": 4, "memory": 2048, "suite": "bookworm"}
    made = spec.node_specs({"node1": HOST if host is None else host}, defaults, FOLDER)["node1"]
    return " %s " % " ".join(qemu.argv(made, place(**keys)))


WORDS = [
    "-accel tcg,thread=single -cpu max -machine q35 ",
    "-smp 4,sockets=2,cores=2,threads=1 -m 2048M",
    "-numa node,nodeid=1,cpus=2-3,memdev=ram1",
    "-numa dist,src=0,dst=1,val=21",
    "-device intel-iommu,intremap=on",
    "-kernel /cache/images/0123/grub.lnx",
    "-fw_cfg name=opt/gedge.engine/hostname,string=node1",
    "-fw_cfg name=opt/gedge.engine/authorized_keys,file=/var/tmp/gedge-lab-00000000/id_ed25519.pub",
    "hostfwd=tcp:127.0.0.1:2222-:22",
    "-device pxb-pcie,id=pxb0,bus_nr=32,numa_node=0,bus=pcie.0",
    "-device pxb-pcie,id=pxb1,bus_nr=128,numa_node=1,bus=pcie.0",
    "-device pcie-root-port,id=rp21,bus=pxb0,chassis=1,slot=1,addr=0.0",
    "-device pcie-root-port,id=rp81,bus=pxb1,chassis=2,slot=2,addr=0.0",
    "-device pcie-root-port,id=rp22,bus=pxb0,chassis=3,slot=3,addr=1.0",
    "addr.path=/var/tmp/gedge-lab-00000000/switch/tor-25.sock,reconnect-ms=500",
    "-device igb,bus=rp21,addr=0.0,multifunction=on,x-pcie-ari-nextfn-1=on,netdev=rp21-0,mac=52:54:",
    "-device igb,bus=rp21,addr=0.1,mac=52:54:",
    # A port that the testbed does not list still is on the card: function 1 needs a function 0.
    "-device igb,bus=rp81,addr=0.0,multifunction=on,x-pcie-ari-nextfn-1=on,mac=52:54:",
    "-device igb,bus=rp81,addr=0.1,netdev=rp81-1,mac=52:54:",
    "-device nvme,id=nvme0-card,serial=LAB-NODE1-nvme0,drive=nvme0,bus=rp22",
    "-device ati-vga,model=rv100,romfile=,bus=rp23",
    "-device edu,bus=rp82",
    "-device pci-testdev,bus=rp83",
    "-serial file:/var/tmp/gedge-lab-00000000/node1/serial.log",
]


@pytest.mark.parametrize("words", WORDS)
def test_the_command_line_has(words):
    assert words in line()


def test_kvm_needs_a_split_interrupt_controller():
    assert "-accel kvm -cpu host -machine q35,kernel-irqchip=split" in line(accel="kvm")


def test_older_qemu_reconnects_in_seconds():
    assert "tor-25.sock,reconnect=1 " in line(version=(8, 2))


def test_a_nic_at_an_address_of_its_own_has_a_bridge_of_its_own():
    ports = [dict(HOST["testbed_ports"][2], pci="0000:b5:00.1")]
    words = line(host=dict(HOST, testbed_ports=ports))
    assert "-device pxb-pcie,id=pxb-rpb5,bus_nr=180,numa_node=1,bus=pcie.0" in words
    assert "-device pcie-root-port,id=rpb5,bus=pxb-rpb5,chassis=1,slot=1,addr=0.0" in words
    assert "-device igb,bus=rpb5,addr=0.1,netdev=rpb5-1" in words


def test_a_node_without_devices_is_a_machine_too():
    assert "igb" not in line(host={})


@pytest.mark.parametrize(("length", "fits"), [(107, True), (108, False)])
def test_a_socket_path_that_no_kernel_takes_is_refused(length, fits):
    folder = "/" + "x" * (length - len("//tor-25.sock"))
    if fits:
        assert folder in line(switch=folder)
    else:
        with pytest.raises(EngineError, match="107 bytes, this one has 108"):
            line(switch=folder)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2+deb13u1~bpo12+1)", (10, 0)),
        ("QEMU emulator version 7.2.17 (Debian 1:7.2+dfsg-7+deb12u16)\nCopyright (c) 2003", (7, 2)),
        ("QEMU emulator version 9.2", (9, 2)),
        ("", None),
        ("what?", None),
    ],
)
def test_version(text, version):
    assert qemu.parse_version(text) == version
