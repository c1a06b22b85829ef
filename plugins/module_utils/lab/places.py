# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Where each device of a virtual node sits: NUMA node, PCI address, slot number.

A host bridge per NUMA node (node 0: bus 0x20, node 1: bus 0x80); on it one root port per device, NICs first,
then nvme, gpu, fpga, accelerator. So the first device of node 0 is 0000:21:00.0, the next 0000:22:00.0, and
node 1 begins at 0000:81:00.0. A NIC whose `pci` in the testbed is another gets that one, as in the racks.
Slot numbers count over the whole machine, NICs first: systemd names their ports ens1f0, ens1f1, ens2f0, ens2f1.
"""

from __future__ import annotations

from ..errors import Problem, ProblemsError
from . import bridges
from .bridges import BRIDGE_BUS

KINDS = ("nvme", "gpu", "fpga", "accelerator")
PORTS_PER_NIC = 2


def place(node, ports, accelerators):
    """[device] of a node: {"kind", "name", "numa_node", "index", "bus", "slot", "pci", "ports"}.

    A device's ports: [{"function", "name", "pci", "link"}].
    ports: testbed_ports; accelerators: testbed_accelerators. Raises ProblemsError for what the lab cannot build."""
    problems = []
    wanted = nics(node, ports, problems) + others(node, accelerators, problems)
    used = [0] * len(BRIDGE_BUS)
    for slot, device in enumerate(wanted, start=1):
        device["slot"] = slot
        bridges.seat(device, used)
    problems += bridges.faults(node, wanted, used)
    if problems:
        raise ProblemsError(problems, where="the virtual testbed")
    for device in wanted:
        for port in device["ports"]:
            del port["wanted_pci"]
    return wanted


def nics(node, ports, problems):
    """The NICs in the testbed's order, each with its listed ports."""
    by_name = {}
    for port in ports:
        by_name.setdefault(str(port["nic"]), []).append(port)
    return [nic(node, name, listed, problems) for name, listed in by_name.items()]


def nic(node, name, listed, problems):
    """One dual-port NIC. Ports named 1 and 2 are functions 0 and 1, others count in their order."""
    path = "%s/%s" % (node, name)
    if len(listed) > PORTS_PER_NIC:
        problems.append(
            Problem(path, "a virtual NIC has %d ports" % PORTS_PER_NIC, "Split it into two NICs", len(listed))
        )
    numbered = all(str(port["port"]) in ("1", "2") for port in listed)
    functions = [int(port["port"]) - 1 if numbered else index for index, port in enumerate(listed)]
    made = [
        {"function": function, "name": str(port["port"]), "link": link(port), "wanted_pci": port.get("pci")}
        for function, port in zip(functions, listed)
    ]
    return {
        "kind": "nic",
        "name": name,
        "numa_node": numa_node(path, listed[0].get("numa_node"), problems),
        "ports": made,
    }


def link(port):
    """SWITCH/NUMBER of the switch port that a NIC port is cabled to, None where it is not cabled."""
    if not port.get("switch") or not port.get("switch_port"):
        return None
    return "%s/%s" % (port["switch"], port["switch_port"])


def others(node, accelerators, problems):
    """The other devices in the order of KINDS, as often as `count` says."""
    made = []
    for index, wanted in enumerate(accelerators or []):
        path = "%s/accelerators[%d]" % (node, index)
        if wanted.get("kind") not in KINDS:
            problems.append(
                Problem(
                    path + ".kind", "the lab has no such device", "Use one of: " + ", ".join(KINDS), wanted.get("kind")
                )
            )
            continue
        on_node = numa_node(path, wanted.get("numa_node"), problems)
        for dummy in range(int(wanted.get("count") or 1)):
            made.append({"kind": wanted["kind"], "name": "", "numa_node": on_node, "ports": []})
    made.sort(key=lambda device: KINDS.index(device["kind"]))
    for number, device in enumerate(made):
        device["name"] = "%s%d" % (device["kind"], number)
    return made


def numa_node(path, value, problems):
    """The NUMA node as a number; not given or -1 is node 0."""
    if value is None or int(value) < 0:
        return 0
    if int(value) >= len(BRIDGE_BUS):
        problems.append(Problem(path + ".numa_node", "a virtual node has NUMA nodes 0 and 1", "Use 0 or 1", value))
        return 0
    return int(value)
