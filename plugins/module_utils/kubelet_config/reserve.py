# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is reserved on a node, memory by NUMA node, and what it leaves: allocatable, and CPUs that can be pinned.

All functions take config, the kubelet's whole configuration, of which the rules have found no fault; they raise
ValueError or EngineError where there is one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .. import cpuset, quantities
from ..kubelet import cpu_static
from ..kubelet.memory_static import MEMORY

MIB = 1 << 20
EVICTION = "memory.available"


@dataclass(frozen=True)
class Machine:
    """cpus: kubelet.cpu_topology.CpuTopology; memory: {NUMA id: {"memory": bytes, "hugepages-2Mi": bytes}}; distances:
    {NUMA id: tuple}; total: bytes of the whole machine."""

    cpus: object
    memory: dict
    distances: dict
    total: int

    def hugepages(self):
        """{resource: bytes} on all NUMA nodes."""
        found = {}
        for sizes in self.memory.values():
            for name, size in sizes.items():
                if name != MEMORY:
                    found[name] = found.get(name, 0) + size
        return found

    def rooms(self):
        """{NUMA id: bytes of memory beside its hugepages}."""
        return {node: 2 * sizes[MEMORY] - sum(sizes.values()) for node, sizes in sorted(self.memory.items())}


def cpu(config):
    """Thousandths of a CPU that are reserved."""
    listed = cpuset.parse(config.get("reservedSystemCPUs") or "")
    if listed:
        return len(listed) * 1000
    return sum(quantities.millicores(_of(config, field, "cpu")) for field in ("kubeReserved", "systemReserved"))


def memory(config, total):
    """Bytes that are reserved: kubeReserved, systemReserved and what evictionHard keeps free."""
    named = sum(quantities.number_of_bytes(_of(config, field, MEMORY)) for field in ("kubeReserved", "systemReserved"))
    return named + eviction((config.get("evictionHard") or {}).get(EVICTION), total)


def eviction(text, total):
    """Bytes of a threshold. A percentage is a 32 bit number in the kubelet; 0% and 100% are no threshold there."""
    text = "0%" if text is None else str(text)
    if text in ("0%", "100%"):
        return 0
    if not text.endswith("%"):
        return quantities.number_of_bytes(text)
    return int(float(total) * _single(_single(float(text[:-1])) / 100))


def _single(number):
    return struct.unpack("f", struct.pack("f", number))[0]


def _of(config, field, name):
    return str((config.get(field) or {}).get(name, "0"))


def shares(total, machine, before=()):
    """reservedMemory whose sum is total: each NUMA node's share follows its memory, in whole MiB, the rest on the first
    that has room. before: an earlier reservedMemory, kept as it is where it still will do, since a kernel that counts
    a little less memory after a boot is no reason to drain a node. The caller has seen to it that all fits."""
    rooms = machine.rooms()
    if _will_do(before, total, rooms):
        return [{"numaNode": item["numaNode"], "limits": dict(item["limits"])} for item in before]
    whole = sum(sizes[MEMORY] for sizes in machine.memory.values())
    found = {}
    for node, room in rooms.items():
        found[node] = min(total * machine.memory[node][MEMORY] // whole, max(0, room)) // MIB * MIB
    left = total - sum(found.values())
    for node, room in rooms.items():
        more = max(0, min(left, room - found[node]))
        found[node] += more
        left -= more
    rows = [(node, size) for node, size in found.items() if size]
    return [{"numaNode": node, "limits": {MEMORY: quantities.bytes_text(size)}} for node, size in rows]


def _will_do(rows, total, rooms):
    try:
        sizes = {row["numaNode"]: quantities.number_of_bytes(row["limits"][MEMORY]) for row in rows}
        plain = all(set(row["limits"]) == {MEMORY} for row in rows) and len(sizes) == len(rows)
    except (ValueError, KeyError, TypeError):
        return False
    fits = all(0 < size <= rooms.get(node, 0) for node, size in sizes.items())
    return bool(rows) and plain and fits and sum(sizes.values()) == total


def by_node(config):
    """{NUMA id: {resource: bytes}} of reservedMemory."""
    found = {}
    for row in config.get("reservedMemory") or []:
        for name, size in row["limits"].items():
            found.setdefault(row["numaNode"], {})[name] = quantities.number_of_bytes(size)
    return found


def static_policy(config, machine):
    """The static CPU manager with this configuration. Raises EngineError where it would not start."""
    listed = cpuset.parse(config.get("reservedSystemCPUs") or "")
    policy = config.get("topologyManagerPolicy") or ""
    options = config.get("cpuManagerPolicyOptions") or {}
    return cpu_static.StaticPolicy(machine.cpus, listed or -(-cpu(config) // 1000), options, True, policy)


def outcome(config, machine):
    """What a person wants to know of it: capacity, allocatable, reserved_cpus, pinnable_cpus, and a sentence."""
    cpus = len(machine.cpus.cpus)
    huge = machine.hugepages()
    left = machine.total - memory(config, machine.total) - sum(huge.values())
    sizes = {name: quantities.bytes_text(size) for name, size in sorted(huge.items())}
    shown = quantities.cpu_text(max(0, cpus * 1000 - cpu(config)))
    found = {
        "capacity": dict(sizes, cpu=str(cpus), memory=quantities.bytes_text(machine.total)),
        "allocatable": dict(sizes, cpu=shown, memory=quantities.bytes_text(max(0, left))),
        "reserved_cpus": "",
        "pinnable_cpus": 0,
    }
    if config.get("cpuManagerPolicy") == "static":
        policy = static_policy(config, machine)
        kept = policy.reserved_cores if policy.options.full_cores else policy.reserved
        found.update(reserved_cpus=cpuset.render(policy.reserved), pinnable_cpus=cpus - len(kept))
    text = "Reserving %s of %d CPUs shows %s allocatable, of which %d can be pinned"
    found["sentence"] = text % (quantities.cpu_text(cpu(config)), cpus, shown, found["pinnable_cpus"])
    return found
