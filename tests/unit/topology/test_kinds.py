"""Kinds of PCI devices by class, refined by the small table."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.topology.address import complete, sort_key
from ansible_collections.gedge.engine.plugins.module_utils.topology.kinds import classify

DEVICES = [
    # class, vendor, device, kind, what it is
    ("020000", "8086", "1521", "nic", "Ethernet"),
    ("020700", "15b3", "101b", "nic", "InfiniBand"),
    ("028000", "15b3", "1003", "nic", "other network controller"),
    ("030200", "10de", "2330", "gpu", "NVIDIA 3D controller"),
    ("038000", "1002", "74a1", "gpu", "AMD display controller"),
    ("030000", "8086", "56a0", "gpu", "Intel VGA"),
    ("030000", "1a03", "2000", None, "ASPEED, a server's console"),
    ("030000", "102b", "0538", None, "Matrox, a server's console"),
    ("030000", "1013", "00b8", None, "Cirrus Logic"),
    ("030000", "1234", "1111", None, "bochs"),
    ("038000", "1af4", "1050", None, "virtio"),
    ("120000", "1da3", "1000", "accelerator", "Habana"),
    ("120000", "19e5", "d802", "accelerator", "Huawei, whose VGA is a console"),
    ("0b4000", "8086", "225c", "accelerator", "Xeon Phi"),
    ("010802", "144d", "a808", "nvme", "NVMe"),
    ("120000", "8086", "bcce", "fpga", "Intel, Device Feature List"),
    ("120000", "8086", "0b2b", "fpga", "Intel D5005"),
    ("120000", "8086", "09c5", "fpga", "Intel Arria 10, VF"),
    ("ff0000", "1172", "e003", "fpga", "Altera"),
    ("058000", "10ee", "903f", "fpga", "Xilinx with a memory class"),
    ("120000", "10ee", "5000", "fpga", "Xilinx Alveo"),
    ("020000", "10ee", "5084", "nic", "a NIC that Xilinx makes"),
    ("00ff00", "1234", "11e8", "fpga", "QEMU edu"),
    ("060400", "10ee", "9134", None, "a bridge"),
    ("010601", "8086", "1d02", None, "SATA"),
    ("040300", "10de", "22ba", None, "a GPU's sound"),
    ("0c0330", "8086", "1d26", None, "USB"),
]


@pytest.mark.parametrize(("pci_class", "vendor", "device", "kind", "what"), DEVICES)
def test_classify(pci_class, vendor, device, kind, what):
    assert classify(pci_class, vendor, device) == kind, what


def test_addresses_sort_as_numbers():
    ordered = ["0000:02:00.0", "0000:02:0a.0", "0000:10:00.0", "7870:00:00.0", "10000:01:00.0", "abcd1234:00:00.0"]
    assert sorted(set(ordered), key=sort_key) == ordered


@pytest.mark.parametrize(("text", "whole"), [("21:00.0", "0000:21:00.0"), ("10000:E1:00.0", "10000:e1:00.0")])
def test_complete(text, whole):
    assert complete(text) == whole
