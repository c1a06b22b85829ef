# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Schema of the node profiles: NICs, accelerators, what is kept for the system."""

from __future__ import annotations

from .base import INTERFACE, LABEL, MEDIA, choice, flag, listing, name, number, record, table, text
from .settings import numa, settings
from .vf import vfs

KINDS = ["gpu", "fpga", "accelerator", "nvme"]
MACHINES = ["vm", "container"]
SUITES = ["bookworm", "trixie"]


def profiles():
    """All profiles by name."""
    names = name("a profile name (small letters, digits and '-')", "edge")
    return table("profiles by name", "Kinds of node: what nodes of one build share.", names, _profile())


def lab():
    """How the virtual testbed makes a node."""
    properties = {
        "machine": choice(
            "a kind of machine",
            "A virtual machine (`vm`, the default), or a container on the host's kernel: no devices, but no emulation.",
            MACHINES,
        ),
        "cpus": number(
            "a number of CPUs (2 to 64)", "CPUs of the VM, split over 2 NUMA nodes.", 4, minimum=2, maximum=64
        ),
        "memory": number(
            "an amount of memory in MiB (from 512)", "Memory of the VM in MiB, split alike.", 2048, minimum=512
        ),
        "suite": choice("a Debian suite", "Debian suite of the node.", SUITES),
    }
    return record("lab settings", "How the virtual testbed makes the node.", properties)


def _profile():
    nics = table("NICs by name", "Its NICs by name.", name("a NIC name", "nic0", LABEL), _nic())
    properties = {
        "nics": nics,
        "accelerators": listing("a list of accelerators", "Devices that its nodes are meant to have.", _accelerator()),
        **settings(),
        "lab": lab(),
    }
    return record("a profile", "One kind of node.", properties)


def _nic():
    ports = table("NIC ports by name", "Its ports by name.", name("a port name", "1", LABEL), _port(), minProperties=1)
    properties = {
        "model": text("a model name", "What the NIC is, for people.", "Intel 82599ES"),
        "media": choice("a kind of socket", "Socket of its ports.", MEDIA),
        "numa_node": numa("NUMA node that it hangs on."),
        "ports": ports,
    }
    return record("a NIC", "One network card.", properties, required=["ports"])


def _port():
    properties = {
        "network": text("the name of a network", "The port's own network: that of the PF.", "sriov-a"),
        "media": choice("a kind of socket", "Socket of this port, where it differs from the NIC's.", MEDIA),
        "pci": text(
            "a PCI address",
            "PCI address of the port on the node.",
            "0000:21:00.0",
            pattern="^[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[01][0-9a-fA-F]\\.[0-7]$",
        ),
        "interface": text("an interface name", "Name of the port on the node.", "ens1f1", pattern=INTERFACE),
        "address": flag("Whether the PF gets an address of its network.", default=True),
        "vfs": vfs(),
    }
    return record("a NIC port", "One port of a NIC.", properties, required=["network"])


def _accelerator():
    properties = {
        "kind": choice("a kind of accelerator", "What kind of device it is.", KINDS),
        "numa_node": numa("NUMA node that it hangs on."),
        "count": number("a number from 1", "How many there are on that NUMA node.", 1, minimum=1, default=1),
        "id": text(
            "a PCI id VENDOR:DEVICE",
            "Its PCI vendor and device, where the kind alone does not tell enough.",
            "10de:2330",
            pattern="^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$",
        ),
    }
    return record("an accelerator", "Some like devices.", properties, required=["kind"])
