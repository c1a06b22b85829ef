# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Looks through a topology before it is relied on: one that was edited by hand is told where it is wrong."""

from __future__ import annotations

HIGHEST = 63  # the kubelet keeps NUMA nodes in a word


def check(reader, topology, path):
    """Notes what is wrong with CPUs, NUMA nodes and devices. True: nothing is."""
    before = len(reader.problems)
    for where, cpu in reader.mappings(topology, "cpus", path, needed=True):
        _cpu(reader, cpu, where)
    for where, entry in reader.mappings(topology, "numa_nodes", path, needed=True):
        reader.count(entry, "node", where, most=HIGHEST)
        reader.count(entry, "memory_bytes", where)
        pages = reader.field(entry, "hugepages", dict, where, {})
        for name, pool in pages.items():
            if isinstance(pool, dict) and isinstance(name, str):
                reader.count(pool, "total", "%s.hugepages.%s" % (where, name))
            else:
                reader.fault("%s.hugepages" % where, "is no mapping of sizes to totals", "", name)
    for where, device in reader.mappings(topology, "pci_devices", path, needed=True):
        _device(reader, device, where)
    return len(reader.problems) == before


def _cpu(reader, cpu, where):
    reader.field(cpu, "cpu", int, where, 0, needed=True)
    reader.field(cpu, "online", bool, where, True)
    for name in ("numa_node", "socket", "core", "l3"):
        reader.field(cpu, name, int, where, 0, needed=name != "l3" and cpu.get("online") is not False)
    if not all(isinstance(number, int) for number in reader.field(cpu, "thread_siblings", list, where, [])):
        reader.fault(where + ".thread_siblings", "is no list of CPUs")


def _device(reader, device, where):
    reader.field(device, "kind", str, where, "")
    reader.texts(device, "net", where)
    reader.texts(device, "rdma", where)
    sriov = reader.field(device, "sriov", dict, where, {})
    reader.texts(sriov, "vfs", where + ".sriov")
    reader.count(sriov, "num", where + ".sriov")
