# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What of the asked for a node cannot have all at once: host variables against what the node is. Pure.

Each conflict is {"where": host variable, "what", "advice"}. Rules that need the topology are left out where it is not
known. Huge pages must leave 512 MiB of all memory to the node, and a NUMA node more than nothing.
"""

from __future__ import annotations

import re

from ..module_utils import hugepages
from ..module_utils.cpuset import parse, render
from ..module_utils.errors import EngineError, Problem
from .conflicts_devices import accelerators, conflict, ports
from .conflicts_vfs import vfs


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


def _numbers(variables, name):
    """(set of CPUs, [conflict]) of a host variable."""
    try:
        return set(parse(variables.get(name) or "")), []
    except EngineError as error:
        return set(), [conflict(name, error.what, error.advice)]


def _cpus(variables):
    """Isolated CPUs are none of the reserved ones."""
    isolated, wrong = _numbers(variables, "testbed_isolated_cpus")
    yield from wrong
    reserved, wrong = _numbers(variables, "testbed_reserved_cpus")
    yield from wrong
    both = isolated & reserved
    if both:
        what = "CPU %s is isolated and reserved" % render(both)
        yield conflict("testbed_isolated_cpus", what, "Take it out of isolated_cpus or of reserved_cpus")


def _cpus_of(variables, topology):
    """CPUs that are there, and one of each NUMA node that is left to the system."""
    there = {cpu["cpu"] for cpu in topology.get("cpus") or []}
    if not there:
        return
    for name in ("testbed_isolated_cpus", "testbed_reserved_cpus"):
        missing = _numbers(variables, name)[0] - there
        if missing:
            what = "CPU %s is not there" % render(missing)
            yield conflict(name, what, "The node has CPUs %s" % render(there))
    isolated = _numbers(variables, "testbed_isolated_cpus")[0]
    for node in topology.get("numa_nodes") or []:
        cpus = set(node["cpus"])
        if cpus and cpus <= isolated:
            what = "isolates all CPUs of NUMA node %d (%s)" % (node["node"], render(cpus))
            advice = "Leave at least one to the system: interrupts and kernel threads of its devices run there"
            yield conflict("testbed_isolated_cpus", what, advice)


def _hugepages(variables, topology):
    pages, problems = hugepages.asked(variables.get("testbed_hugepages") or [])
    memory = {node["node"]: (node.get("memory_bytes") or 0) // 1024 for node in topology.get("numa_nodes") or []}
    memory = {node: kib for node, kib in memory.items() if kib}
    problems += _sizes(pages, topology)
    if memory:
        problems += hugepages.shortage(pages, memory)
    for problem in problems:
        place = problem.path if problem.path.startswith("hugepages") else "hugepages"
        yield conflict("testbed_" + place, problem.what, problem.advice)


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
