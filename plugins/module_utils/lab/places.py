# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Where each device of a virtual node sits: NUMA node, PCI address, slot number.

A host bridge per NUMA node (node 0: bus 0x20, node 1: bus 0x80); on it one root port per device, NICs first,
then nvme, gpu, fpga, accelerator. So the first device of node 0 is 0000:21:00.0, the next 0000:22:00.0, and
node 1 begins at 0000:81:00.0. Slot numbers count over the whole machine, NICs first: systemd names their ports
ens1f0, ens1f1, ens2f0, ens2f1.
"""

from __future__ import annotations

from ..errors import Problem, ProblemsError

BRIDGE_BUS = (0x20, 0x80)
KINDS = ("nvme", "gpu", "fpga", "accelerator")
PORTS_PER_NIC = 2
SLOTS_PER_BRIDGE = 32


def place(node, ports, accelerators):
    """[device] of a node: {"kind", "name", "numa_node", "index", "bus", "slot", "pci", "ports"}.

    A device's ports: [{"function", "name", "pci", "link"}].
    ports: testbed_ports; accelerators: testbed_accelerators. Raises ProblemsError for what the lab cannot build."""
    problems = []
    wanted = nics(node, ports, problems) + others(node, accelerators, problems)
    used = [0] * len(BRIDGE_BUS)
    for slot, device in enumerate(wanted, start=1):
        index = used[device["numa_node"]]
        used[device["numa_node"]] += 1
        device.update(index=index, slot=slot, bus=BRIDGE_BUS[device["numa_node"]] + 1 + index)
        device["pci"] = address(device["bus"], 0)
        for port in device["ports"]:
            port["pci"] = address(device["bus"], port["function"])
            check_pci(node, device, port, problems)
    if max(used) > SLOTS_PER_BRIDGE:
        problems.append(Problem(node, "%d devices on one NUMA node" % max(used), "At most %d" % SLOTS_PER_BRIDGE))
    if problems:
        raise ProblemsError(problems, where="the virtual testbed")
    return wanted


def address(bus, function):
    """The PCI address of a function on a root port's bus."""
    return "0000:%02x:00.%d" % (bus, function)


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


def check_pci(node, device, port, problems):
    """A `pci` in the testbed must be where the lab puts the port."""
    wanted = port.pop("wanted_pci")
    if wanted and str(wanted).lower() != port["pci"]:
        path = "%s/%s/%s.pci" % (node, device["name"], port["name"])
        problems.append(
            Problem(path, "the virtual testbed puts this port elsewhere", 'Write pci: "%s"' % port["pci"], wanted)
        )
