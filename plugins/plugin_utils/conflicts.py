# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What of the asked for a node cannot have all at once: host variables against what the node is. Pure.

What is asked for is what the roles get: an option of a role goes over what the testbed says. Each conflict is
{"where": host variable, "what", "advice"}. Rules that need the topology are left out where it is not known. Huge pages
must leave 512 MiB of all memory to the node, and a NUMA node more than nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..module_utils import hugepages
from ..module_utils.cpuset import parse, render
from ..module_utils.errors import EngineError, Problem
from .conflicts_devices import accelerators, conflict, ports
from .conflicts_vfs import vfs
from .role_options import one, variable

TESTBED = ("isolated_cpus", "reserved_cpus", "hugepages", "ports", "networks", "accelerators", "rdma")
ISOLATING = ("node_boot", "node_tuning")
OPTION, RESERVED = "hugepages", "testbed_reserved_cpus"
PAGES = {"node_boot": True, "node_tuning": False}  # role: whether it makes the large pages of its list, or the others
OF_ROLES = {
    "node_boot": ("isolated_cpus", "hugepages"),
    "node_tuning": ("isolated_cpus", "hugepages"),
    "node_sriov": ("pfs",),
    "node_network": ("links",),
    "node_rdma": ("rxe",),
}
# The host variables that are looked at.
VARIABLES = tuple("testbed_" + name for name in TESTBED) + tuple(
    variable(role, option) for role, options in OF_ROLES.items() for option in (*options, "state")
)


def of_node(variables, topology=None):
    """All conflicts of one node. variables: its host variables; topology: as topology_facts gives it, or None.

    Raises EngineError for what is neither."""
    try:
        return _found(variables, topology)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = "no host variables of a testbed, or no topology (%s: %s)" % (type(error).__name__, error)
        raise EngineError(what, advice="Give hostvars of a node, and what topology_facts returns") from error


def _found(variables, topology):
    found = list(_cpus(variables))
    found += _networks(variables)
    found += vfs(variables, topology)
    if topology:
        found += _cpus_of(variables, topology)
        found += _hugepages(variables, topology)
        found += ports(variables, topology)
        found += accelerators(variables, topology)
    return found


def _numbers(value, name):
    """(set of CPUs, [conflict]) of the value of a host variable."""
    try:
        return set(parse(value or "")), []
    except EngineError as error:
        return set(), [conflict(name, error.what, error.advice)]


def _isolated(variables):
    """{variable: its value} of the isolated CPUs that the roles get, each once."""
    told = (one(role, "isolated_cpus", variables, "isolated_cpus") for role in ISOLATING)
    return {name: value for value, name in told}


def _cpus(variables):
    """Isolated CPUs are none of the reserved ones."""
    reserved, wrong = _numbers(variables.get(RESERVED), RESERVED)
    yield from wrong
    for name, value in _isolated(variables).items():
        isolated, wrong = _numbers(value, name)
        yield from wrong
        both = isolated & reserved
        if both:
            what = "CPU %s is isolated and reserved" % render(both)
            yield conflict(name, what, "Take it out of isolated_cpus or of reserved_cpus")


def _cpus_of(variables, topology):
    """CPUs that are there, and one of each NUMA node that is left to the system."""
    there = {cpu["cpu"] for cpu in topology.get("cpus") or []}
    if not there:
        return
    isolated = {name: _numbers(value, name)[0] for name, value in _isolated(variables).items()}
    for name, cpus in {**isolated, RESERVED: _numbers(variables.get(RESERVED), RESERVED)[0]}.items():
        if cpus - there:
            what = "CPU %s is not there" % render(cpus - there)
            yield conflict(name, what, "The node has CPUs %s" % render(there))
    for node in topology.get("numa_nodes") or []:
        cpus = set(node["cpus"])
        for name in (name for name, numbers in isolated.items() if cpus and cpus <= numbers):
            what = "isolates all CPUs of NUMA node %d (%s)" % (node["node"], render(cpus))
            advice = "Leave at least one to the system: interrupts and kernel threads of its devices run there"
            yield conflict(name, what, advice)


def _hugepages(variables, topology):
    """The pages of both roles together: node_boot makes the large ones of its list, node_tuning the others of its."""
    pages, problems, names = [], [], []
    for role, large in PAGES.items():
        value, name = one(role, "hugepages", variables, "hugepages")
        listed, wrong = hugepages.asked(value or [])
        pages += [replace(page, path=_placed(page.path, name)) for page in listed if _is_large(page) == large]
        problems += [_moved(problem, name) for problem in wrong if name not in names]
        names += [name] if name not in names else []
    memory = {node["node"]: (node.get("memory_bytes") or 0) // 1024 for node in topology.get("numa_nodes") or []}
    memory = {node: kib for node, kib in memory.items() if kib}
    problems += _sizes(pages, topology)
    if memory:
        problems += [_moved(problem, names[0]) for problem in hugepages.shortage(pages, memory)]
    for problem in problems:
        together = " in %s together" % " and ".join(names) if problem.advice.startswith("Ask for") and names[1:] else ""
        yield conflict(problem.path, problem.what, problem.advice + together)


def _is_large(page):
    return page.size_kib >= hugepages.GIGANTIC_KIB


def _placed(path, name):
    """A path in an option hugepages -> the same in the variable."""
    return name + path[len(OPTION) :] if path.startswith(OPTION) else path


def _moved(problem, name):
    return Problem(_placed(problem.path, name), problem.what, problem.advice, problem.value)


def _sizes(pages, topology):
    """The CPU has pages of these sizes."""
    known = {size for node in topology.get("numa_nodes") or [] for size in node.get("hugepages") or {}}
    wrong = [page for page in pages if known and "%dkB" % page.size_kib not in known]
    there = ", ".join(hugepages.size_text(int(re.sub(r"\D", "", size))) for size in sorted(known))
    return [
        Problem(
            page.path + ".size", "this CPU has no pages of %s" % hugepages.size_text(page.size_kib), "It has %s" % there
        )
        for page in wrong
    ]


def _networks(variables):
    """A network's packets fit the switch port that the node's port is plugged into."""
    networks = variables.get("testbed_networks") or {}
    for number, port in enumerate(variables.get("testbed_ports") or []):
        most = port.get("switch_mtu")
        vlans = [vf.get("network") for vf in (port.get("vfs") or {}).get("config") or []]
        for name in dict.fromkeys([port.get("network"), *vlans]):
            mtu = (networks.get(name) or {}).get("mtu") or 1500
            if name and most and mtu > most:
                place = "switches.%s.ports.%s" % (port.get("switch"), port.get("switch_port"))
                what = "network %s has an MTU of %d, and %s takes %d" % (name, mtu, place, most)
                yield conflict("testbed_ports[%d]" % number, what, "Lower the network's mtu or raise the port's")
