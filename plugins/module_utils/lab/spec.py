# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From the testbed's host variables to what the lab builds: a spec per node, and the switch's port table."""

from __future__ import annotations

import hashlib
import json
import re

from ..errors import Problem, ProblemsError
from . import light_spec, names, places

MACHINES = ("vm", "container")
SUITES = ("bookworm", "trixie")
RESERVED = ("switch", "cp")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}$")
HOST_VARS = ("ansible_host", "testbed_ports", "testbed_accelerators", "testbed_lab", *light_spec.KERNEL)


def pick(hostvars, nodes):
    """{node: its HOST_VARS} of all host variables: what the module `lab` needs of them."""
    return {node: {key: hostvars[node][key] for key in HOST_VARS if key in hostvars[node]} for node in nodes}


def node_specs(nodes, defaults, folder):
    """{node: spec} for {node: host variables}; raises ProblemsError with all faults of all nodes.

    defaults: {"cpus", "memory" (MiB), "suite"} where a node's testbed_lab says nothing."""
    specs, problems = {}, []
    for node, host in nodes.items():
        try:
            specs[node] = node_spec(node, host, defaults, folder)
        except ProblemsError as error:
            problems.extend(error.problems)
    if problems:
        raise ProblemsError(problems, where="the virtual testbed")
    return specs


def node_spec(node, host, defaults, folder):
    """{"name", "address", "cpus", "memory", "suite", "uuid", "mac", "devices"} of one VM; or its light_spec."""
    size = dict(defaults, **(host.get("testbed_lab") or {}))
    light = size.get("machine", MACHINES[0]) == "container"
    problems = check_name(node) + check_machine(node, size) + ([] if light else check_size(node, size))
    if problems:
        raise ProblemsError(problems, where="the virtual testbed")
    if light:
        return light_spec.light_spec(node, host, size["suite"], folder)
    devices = places.place(node, host.get("testbed_ports") or [], host.get("testbed_accelerators") or [])
    for index, nic in enumerate(device for device in devices if device["kind"] == "nic"):
        give_macs(nic, [names.mac(folder, node, 16 * index + function) for function in range(places.PORTS_PER_NIC)])
    return {
        "name": node,
        "address": host.get("ansible_host"),
        "cpus": int(size["cpus"]),
        "memory": int(size["memory"]),
        "suite": size["suite"],
        "uuid": names.machine_uuid(folder, node),
        "mac": names.mac(folder, node, 255),
        "devices": devices,
    }


def give_macs(nic, macs):
    """Each function has its own MAC address, also one that the testbed does not list."""
    for port in nic["ports"]:
        port["mac"] = macs[port["function"]]
    listed = {port["function"] for port in nic["ports"]}
    spare = {str(function): mac for function, mac in enumerate(macs) if function not in listed}
    if spare:
        nic["spare_macs"] = spare


def check_name(node):
    """A node's name is that of its folder, beside the lab's own."""
    if node in RESERVED or not NAME.match(node):
        advice = "Use letters, digits and '-', but not the lab's own names: %s" % ", ".join(RESERVED)
        return [Problem("nodes." + node, "the lab cannot name a node so", advice, node)]
    return []


def check_size(node, size):
    """The faults of a virtual machine's size."""
    problems = []
    for key, least in (("cpus", 2), ("memory", 1024)):
        value = size[key]
        if isinstance(value, bool) or not str(value).isdigit() or int(value) < least or int(value) % 2:
            advice = "Write an even number of at least %d: it is split over two NUMA nodes" % least
            problems.append(Problem("%s.lab.%s" % (node, key), "cannot be built", advice, value))
    return problems


def check_machine(node, size):
    """The faults of what a node is made of, and of which guest."""
    problems = []
    for key, allowed, what in (("machine", MACHINES, "no such machine"), ("suite", SUITES, "no such guest")):
        value = size.get(key, allowed[0])
        if value not in allowed:
            advice = "Use one of: %s" % ", ".join(allowed)
            problems.append(Problem("%s.lab.%s" % (node, key), what, advice, value))
    return problems


def digest(spec, image):
    """Changes when a VM has to be made anew: other hardware or another image. The address is only ours."""
    built = {key: value for key, value in spec.items() if key != "address"}
    text = json.dumps([built, image], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def port_table(switches):
    """{"SWITCH/NUMBER": {"vlan", "tagged", "lag", "peer"}} of testbed_switches."""
    table = {}
    for switch, settings in (switches or {}).items():
        for number, port in settings["ports"].items():
            table["%s/%s" % (switch, number)] = {
                "vlan": port.get("vlan"),
                "tagged": sorted(port.get("tagged") or []),
                "lag": port.get("lag"),
                "peer": port.get("peer"),
            }
    return table
