# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A made-up topology of a server like those of the regions, to plan on before a real one was discovered.

Two sockets of 20 cores with two threads, 251 GiB, an Intel X722 (eno1, eno2) and an Intel 82599 (ens2f0, ens2f1; 63 VFs
each) on NUMA node 0. It is a sample: it says so, and nothing but its figures was ever seen on a real machine.
"""

from __future__ import annotations

LABEL = "a generated sample, no real machine"
SOCKETS, CORES, THREADS = 2, 20, 2
MEMORY_BYTES = 251 * 2**30
# address, device, driver, name, VFs, speed in GT/s, lanes
PORTS = (
    ("0000:3d:00.0", "37d2", "i40e", "eno1", 32, 2.5, 1),
    ("0000:3d:00.1", "37d2", "i40e", "eno2", 32, 2.5, 1),
    ("0000:18:00.0", "10fb", "ixgbe", "ens2f0", 63, 5.0, 8),
    ("0000:18:00.1", "10fb", "ixgbe", "ens2f1", 63, 5.0, 8),
)


def server():
    """The topology, in the form of module topology_facts with volatile: false."""
    return {
        "sample": True,
        "root": LABEL,
        "cpus": [_cpu(number) for number in range(SOCKETS * CORES * THREADS)],
        "numa_nodes": [_node(socket) for socket in range(SOCKETS)],
        "pcie_roots": [{"root": name, "numa_node": 0} for name in ("pci0000:17", "pci0000:3a")],
        "pci_devices": [_nic(*port) for port in sorted(PORTS)],
    }


def is_sample(topology):
    """True for a topology that no machine has given."""
    return bool(topology.get("sample"))


def _cpu(number):
    """Linux numbers the first threads of all cores, socket by socket, then the second ones."""
    place = number % (SOCKETS * CORES)
    socket = place // CORES
    return {
        "cpu": number,
        "online": True,
        "socket": socket,
        "core": place % CORES,
        "numa_node": socket,
        "thread_siblings": [place + thread * SOCKETS * CORES for thread in range(THREADS)],
        "l3": socket,
        "isolated": False,
    }


def _node(socket):
    return {
        "node": socket,
        "cpus": [cpu for cpu in range(SOCKETS * CORES * THREADS) if cpu % (SOCKETS * CORES) // CORES == socket],
        "memory_bytes": MEMORY_BYTES // SOCKETS,
        "hugepages": {"2048kB": {"total": 0}, "1048576kB": {"total": 0}},
        "distances": [10 if socket == other else 21 for other in range(SOCKETS)],
    }


def _nic(address, device, driver, name, vfs, speed, width):
    path = ["pci0000:17", "0000:17:00.0"] if address.startswith("0000:18") else ["pci0000:3a", "0000:3a:00.0"]
    return {
        "address": address,
        "kind": "nic",
        "vendor": "8086",
        "device": device,
        "subsystem_vendor": "8086",
        "subsystem_device": "0000",
        "class": "020000",
        "numa_node": 0,
        "pcie_path": path,
        "driver": driver,
        "link": {"max_speed_gts": speed, "max_width": width},
        "sriov": {"role": "pf", "total": vfs, "num": 0, "vfs": [], "offset": 128, "stride": 2},
        "net": [name],
        "rdma": [],
    }
