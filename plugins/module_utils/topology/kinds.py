# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a PCI device is for: its class decides, a small table refines. No vendor is a special case in code."""

from __future__ import annotations

from ..errors import EngineError
from ..suggest import advice

NIC, GPU, FPGA, ACCELERATOR, NVME = "nic", "gpu", "fpga", "accelerator", "nvme"
KINDS = (NIC, GPU, FPGA, ACCELERATOR, NVME)

# Longest prefix of the six class digits wins (PCI Code and ID Assignment Specification).
BY_CLASS = {"02": NIC, "03": GPU, "12": ACCELERATOR, "0b40": ACCELERATOR, "0108": NVME}

# Devices whose class says too little. FPGA ids: Linux drivers/fpga/dfl-pci.c.
BY_DEVICE = {
    ("8086", "09c4"): FPGA,  # PAC Arria 10 GX, PF and VF
    ("8086", "09c5"): FPGA,
    ("8086", "0b2b"): FPGA,  # PAC D5005 (Stratix 10 SX), PF and VF
    ("8086", "0b2c"): FPGA,
    ("8086", "0b30"): FPGA,  # PAC N3000
    ("8086", "bcbd"): FPGA,  # Xeon with FPGA, first generation, PF and VF
    ("8086", "bcbf"): FPGA,
    ("8086", "bcc0"): FPGA,  # Xeon with FPGA, second generation, PF and VF
    ("8086", "bcc1"): FPGA,
    ("8086", "bcce"): FPGA,  # any Device Feature List card, PF and VF
    ("8086", "bccf"): FPGA,
    ("1c2c", "1000"): FPGA,  # Silicom PAC N5010, N5011
    ("1c2c", "1001"): FPGA,
    ("1234", "11e8"): FPGA,  # QEMU's teaching device: the lab's stand-in for an FPGA
    (
        "1234",
        "1111",
    ): None,  # a picture for a virtual machine, no compute: bochs, QXL, virtio, VMware, VirtualBox, Hyper-V
    ("1b36", "0100"): None,
    ("1af4", "1050"): None,
    ("15ad", "0405"): None,
    ("80ee", "beef"): None,
    ("1414", "5353"): None,
    ("1414", "5354"): None,
}

# Makers of FPGAs: what they sell is one unless its class says network or NVMe.
FPGA_VENDORS = ("1172", "10ee")  # Altera, Xilinx

# The picture of a server's management controller: ASPEED, Matrox, Cirrus Logic, XGI, Huawei HiSilicon.
CONSOLE_VENDORS = ("1a03", "102b", "1013", "18ca", "19e5")


def classify(pci_class, vendor, device):
    """The kind of a device, or None for one that does not matter.

    pci_class: six hex digits ("020000"); vendor, device: four ("8086", "1521"), all lower case.
    """
    if (vendor, device) in BY_DEVICE:
        return BY_DEVICE[vendor, device]
    kind = BY_CLASS.get(pci_class[:4], BY_CLASS.get(pci_class[:2]))
    if vendor in FPGA_VENDORS and kind not in (NIC, NVME) and pci_class[:2] != "06":
        return FPGA
    if kind == GPU and vendor in CONSOLE_VENDORS and pci_class.startswith("03"):
        return None
    return kind


def wanted(kinds, where="kinds"):
    """The set of kinds that a caller asked for; None or [] means all. Raises EngineError for an unknown one."""
    if not kinds:
        return set(KINDS)
    if isinstance(kinds, str):
        kinds = [part.strip() for part in kinds.split(",") if part.strip()]
    if not isinstance(kinds, (list, tuple, set)):
        raise EngineError("%r is not a list of kinds" % (kinds,), where, "Write for example [nic, gpu]")
    for kind in kinds:
        if kind not in KINDS:
            raise EngineError('there is no kind "%s"' % (kind,), where, advice(kind, KINDS))
    return set(kinds)
