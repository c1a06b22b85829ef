# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Schema of what a profile says of the system of its nodes, and what a node may say otherwise."""

from __future__ import annotations

from .base import INTERFACE, choice, listing, number, record, text

CPUS = "^[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*$"
# Every huge page size that Linux has on x86-64, arm64, POWER, RISC-V and s390.
SIZES = ["64k", "1M", "2M", "16M", "32M", "512M", "1G", "2G", "16G"]
TUNINGS = ["none", "edge-accelerated"]
NETNS = ["shared", "exclusive"]
# ASCII without blanks, and without what is special inside quotes for the shell that reads grub.d or for GRUB; the rest
# is quoted by module boot.
ARGUMENT = "^[A-Za-z0-9_.-]+(=[!#%&(-\\[\\]^_a-~]*)?$"


def settings():
    """The properties that profiles and nodes share, by key."""
    return {
        "reserved_cpus": _cpus("CPUs kept for the system.", "0-1,40"),
        "isolated_cpus": _cpus("CPUs that the kernel leaves to pinned work; none of the reserved ones.", "2-19"),
        "hugepages": listing("a list of huge page pools", "Huge pages by size and NUMA node.", _hugepages()),
        "kernel_arguments": listing(
            "a list of kernel arguments",
            "Further kernel arguments, beside those that the other keys bring along.",
            text(
                "a kernel argument in ASCII without blanks and quotes", "An argument.", "pci=realloc", pattern=ARGUMENT
            ),
            uniqueItems=True,
        ),
        "tuning": choice("a tuning profile", "Tuning profile of the system.", TUNINGS),
        "rdma": _rdma(),
    }


def numa(description):
    """The schema of a NUMA node number."""
    return number("a NUMA node number (0 to 1023)", description, 0, minimum=0, maximum=1023)


def _cpus(description, example):
    return {
        "type": ["string", "integer"],
        "title": 'a CPU list, such as "0-1,40"',
        "description": description,
        "pattern": CPUS,
        "minimum": 0,
        "maximum": 9999,
        "examples": [example],
    }


def _hugepages():
    properties = {
        "size": choice("a huge page size", "Size of a page.", SIZES),
        "count": number("a number from 0", "How many pages.", 64, minimum=0),
        "numa_node": numa("NUMA node whose memory they take; default: spread over all."),
    }
    return record("a huge page pool", "Some huge pages.", properties, required=["size", "count"])


def _rdma():
    properties = {
        "netns": choice(
            "an RDMA namespace mode", "Whether all network namespaces see an RDMA device, or one only.", NETNS
        ),
        "rxe": listing("a list of soft-RoCE devices", "Soft-RoCE over these, where no NIC has RDMA.", _rxe()),
        "roce": _roce(),
    }
    return record("RDMA settings", "RDMA: namespaces, soft-RoCE, and quality of service of RoCE.", properties)


def _rxe():
    properties = {
        "network": text("the name of a network", "Over the node's interface in that network.", "sriov-a"),
        "interface": text(
            "an interface name",
            "Over this one: a port, a VF of it (ens1f0v0), or a VLAN on it (ens1f0.30).",
            "ens1f0v0",
            pattern=INTERFACE,
        ),
    }
    return record("a soft-RoCE device", "Over either a network or an interface.", properties)


def _roce():
    properties = {
        "networks": listing(
            "a list of network names",
            "Networks whose NIC ports get the settings.",
            text("the name of a network", "A network.", "sriov-a"),
            minItems=1,
            uniqueItems=True,
        ),
        "priority": number("a priority (0 to 7)", "802.1p priority of RoCE.", 3, minimum=0, maximum=7, default=3),
        "dscp": number("a DSCP (0 to 63)", "DSCP of RoCE.", 26, minimum=0, maximum=63, default=26),
        "pfc": {
            "type": "boolean",
            "title": "true or false",
            "description": "Whether RoCE's priority is lossless (PFC).",
            "default": True,
        },
        "bandwidth": number(
            "a percentage (1 to 99)", "Share of the link that RoCE has for sure (ETS).", 50, minimum=1, maximum=99
        ),
        "ecn": {
            "type": "boolean",
            "title": "true or false",
            "description": "Whether RoCE slows down where a switch marks its packets (ECN).",
            "default": True,
        },
    }
    return record(
        "RoCE settings", "Quality of service of RoCE, as far as the NIC can.", properties, required=["networks"]
    )
