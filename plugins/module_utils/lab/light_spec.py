# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From the testbed's host variables to a light node: its ports, and what a container cannot have. Pure."""

from __future__ import annotations

from ..errors import Problem, ProblemsError
from . import names, places

# Linux takes 15 characters; mgmt0 is the way in.
RESERVED = ("lo", "mgmt0")
# What the kernel would have to do for one node alone, by testbed variable.
KERNEL = {
    "testbed_isolated_cpus": "isolated_cpus",
    "testbed_hugepages": "hugepages",
    "testbed_kernel_arguments": "kernel_arguments",
    "testbed_rdma": "rdma",
    "testbed_tuning": "tuning",
}
VM = "Leave it out, or let the node be a virtual machine (lab: {machine: vm})"


def light_spec(node, host, suite, folder):
    """{"name", "machine", "address", "suite", "mac", "ports": [{"interface", "mac", "link"}]} of one light node."""
    ports = host.get("testbed_ports") or []
    problems = faults(node, host, ports)
    if problems:
        raise ProblemsError(problems, where="the virtual testbed")
    return {
        "name": node,
        "machine": "container",
        "address": host.get("ansible_host"),
        "suite": suite,
        "mac": names.mac(folder, node, 255),
        "ports": [
            {"interface": interface, "mac": names.mac(folder, node, index), "link": places.link(port)}
            for index, (interface, port) in enumerate(zip(interfaces(ports), ports))
        ],
    }


def interfaces(ports):
    """The device name of each port: the testbed's `interface`, else eth0, eth1, ... by its place among the ports."""
    return [port.get("interface") or "eth%d" % index for index, port in enumerate(ports)]


def faults(node, host, ports):
    """[Problem] of what a container has no hardware and no kernel for."""
    found = []
    seen = set(RESERVED)
    for port, interface in zip(ports, interfaces(ports)):
        path = "%s/%s/%s" % (node, port["nic"], port["port"])
        if interface in seen:
            advice = "Give the port another interface; the lab's own are %s" % ", ".join(RESERVED)
            found.append(Problem(path + ".interface", "is the name of another device", advice, interface))
        seen.add(interface)
        if port.get("pci"):
            found.append(Problem(path + ".pci", "a container has no PCI devices", VM, port["pci"]))
        if (port.get("vfs") or {}).get("count"):
            found.append(Problem(path + ".vfs", "a container has no SR-IOV", VM, port["vfs"]["count"]))
    for index, wanted in enumerate(host.get("testbed_accelerators") or []):
        path = "%s/accelerators[%d]" % (node, index)
        found.append(Problem(path, "a container has no devices", VM, wanted.get("kind")))
    for variable, key in KERNEL.items():
        if host.get(variable) and host[variable] != "none":
            found.append(Problem("%s.%s" % (node, key), "a container has the host's kernel", VM, host[variable]))
    return found
