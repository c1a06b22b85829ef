# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The CPUs of a machine: threads of one core, socket, L3, NUMA node, isolated, online."""

from __future__ import annotations

import re

from .reading import cpu_list, number, numbered

BASE = "/sys/devices/system/cpu"


def gather(system, numa_nodes):
    """List of dicts {cpu, online, socket, core, numa_node, thread_siblings, l3, isolated}, by CPU number.

    numa_nodes: what numa.gather gave. socket, core and l3 are None where the kernel does not say (an offline
    CPU); l3 is the kernel's id of the cache, else the lowest CPU that shares it.
    """
    present = _present(system)
    online = _online(system, present)
    isolated = _isolated(system)
    node_of = {cpu: node["node"] for node in numa_nodes for cpu in node["cpus"]}
    cores, caches = {}, {}
    found = []
    for cpu in present:
        core = cores.get(cpu) or _core(system, cpu, cores)
        found.append(
            {
                "cpu": cpu,
                "online": cpu in online,
                "socket": core["socket"],
                "core": core["core"],
                "numa_node": node_of[cpu] if cpu in node_of else _node_by_link(system, cpu),
                "thread_siblings": core["thread_siblings"],
                "l3": caches[cpu] if cpu in caches else _l3(system, cpu, caches),
                "isolated": cpu in isolated,
            }
        )
    return found


def _present(system):
    """CPUs that are in the machine, offline ones too; from procfs where sysfs has none."""
    listed = cpu_list(system, BASE + "/present")
    if listed is None:
        listed = numbered(system.list(BASE), "cpu")
    if not listed:
        listed = sorted({int(cpu) for cpu in re.findall(r"(?m)^processor\s*: ([0-9]{1,6})$", _cpuinfo(system))})
    return listed


def _cpuinfo(system):
    return system.read("/proc/cpuinfo") or ""


def _online(system, present):
    """Set of the CPUs that run. Without a list each CPU's own file says; CPU 0 often has none and runs."""
    listed = cpu_list(system, BASE + "/online")
    if listed is not None:
        return set(listed)
    return {cpu for cpu in present if number(system, "%s/cpu%d/online" % (BASE, cpu), 1)}


def _isolated(system):
    """Set of the CPUs kept from the scheduler; the kernel command line tells where sysfs does not."""
    listed = cpu_list(system, BASE + "/isolated")
    if listed is not None:
        return set(listed)
    argument = re.search(r"(?:^|\s)isolcpus=(\S+)", system.read("/proc/cmdline") or "")
    runs = re.findall(r"(?:^|,)([0-9]{1,6})(?:-([0-9]{1,6}))?(?=,|$)", argument.group(1)) if argument else []
    return {cpu for low, high in runs for cpu in range(int(low), int(high or low) + 1)}


def _core(system, cpu, cores):
    """socket, core and thread_siblings of a CPU, noted for all threads of the core: they read the same."""
    folder = "%s/cpu%d/topology" % (BASE, cpu)
    siblings = cpu_list(system, folder + "/thread_siblings_list", folder + "/thread_siblings")
    core = {
        "socket": number(system, folder + "/physical_package_id"),
        "core": number(system, folder + "/core_id"),
        "thread_siblings": siblings or [cpu],
    }
    cores.update(dict.fromkeys(core["thread_siblings"], core))
    return core


def _l3(system, cpu, caches):
    """The id of the CPU's level 3 cache or None, noted for all CPUs that share it."""
    for index in (3, 2, 4):
        folder = "%s/cpu%d/cache/index%d" % (BASE, cpu, index)
        if number(system, folder + "/level") == 3:
            shared = cpu_list(system, folder + "/shared_cpu_list", folder + "/shared_cpu_map") or [cpu]
            cache = number(system, folder + "/id", shared[0])
            caches.update(dict.fromkeys(shared, cache))
            return cache
    return None


def _node_by_link(system, cpu):
    """The NUMA node of an offline CPU (node folders list only those online), -1 where nothing tells."""
    nodes = numbered(system.list("%s/cpu%d" % (BASE, cpu)), "node")
    return nodes[0] if nodes else -1


def all_present(system):
    """Sorted numbers of the CPUs in the machine."""
    return _present(system)
