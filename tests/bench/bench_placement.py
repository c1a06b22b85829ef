# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""CPU time of placement on made-up sites: services on as many nodes, heuristic. Prints a table.

    python tests/bench/bench_placement.py [SIZE...]

Each node is of one of four makes and has its topology to itself: 80 CPUs on two NUMA nodes, 251 GiB, 10 kinds of
devices with 16 of each (VFs of ports in six networks, two of them with RDMA; GPUs, FPGAs, ASICs, NVMe). One service in
two talks to another. time.process_time(), in one process that has imported all: read is what making the model of nodes
and services takes, place is the rest, with the result as plain data and the reasons of what was not placed.
"""

from __future__ import annotations

import copy
import gc
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "collections"), str(ROOT / "tests")]

from ansible_collections.gedge.engine.plugins.module_utils.placement import place  # noqa: E402
from ansible_collections.gedge.engine.plugins.plugin_utils.render.text_table import text_table  # noqa: E402
from unit.placement import sites  # noqa: E402

SIZES = (10, 30, 100, 300, 1000, 2000)
NETWORKS = ("sriov-a", "sriov-b", "sriov-c", "sriov-d", "rdma-a", "rdma-b")
EACH = 16


def make(number):
    """A server of one of four makes: they differ in where their devices hang."""
    machine = sites.Machine(2, 20, 2, 125 * sites.GIB, 1024)
    for place_, network in enumerate(NETWORKS):
        numa = (place_ + number) % 2
        path = machine.path(numa, place_ % 3, place_, (1,) if place_ < number else ())
        machine.add_port(path, numa, network, EACH, rdma=network.startswith("rdma"))
    for kind in ("gpu", "fpga", "accelerator", "nvme"):
        for card in range(EACH // 4):
            numa = card % 2
            machine.add(kind, machine.path(numa, card // 2, number % 3 + card, (2,)), numa, 4)
    return machine.record("", policy="single-numa-node", memory=sites.GIB)


def site(count):
    """Records of so many nodes."""
    makes = [make(number) for number in range(4)]
    return [dict(copy.deepcopy(makes[number % 4]), name="node%04d" % number) for number in range(count)]


def services(count):
    """So many services, each unlike the one before."""
    rng, found = random.Random(count), []
    for number in range(count):
        devices = {"sriov": rng.choice([0, 1, 1, 2])}
        devices["rdma"] = rng.choice([0, devices["sriov"]])
        for kind in ("gpu", "fpga", "asic"):
            devices[kind] = rng.choice([0, 0, 1, 2 if kind == "gpu" else 1])
        name = "s%04d" % number
        cpu = rng.choice([1, 2, 4, 8])
        made = sites.service(name, [sites.container(name, cpu, rng.choice(["1Gi", "4Gi", "16Gi"]), **devices)])
        if number and rng.random() < 0.5:
            made["traffic"] = [{"to": "s%04d" % rng.randrange(number), "weight": rng.choice([1, 5, 10])}]
        found.append(made)
    return {"services": found}


def measure(count):
    """One row of the table."""
    nodes, asked = site(count), services(count)
    gc.collect()
    started = time.process_time()
    place.prepare(nodes, asked)
    read = time.process_time() - started
    gc.collect()
    started = time.process_time()
    outcome = place.place(nodes, asked, method="heuristic").result()
    both = time.process_time() - started
    left = [count, count, sum(len(node["topology"]["pci_devices"]) for node in nodes), len(outcome["failed"])]
    return left + [round(both, 2), round(read, 2), round((both - read) * 1e6 / count), round(both * 1e6 / count)]


def main():
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    measure(10)
    heads = ["services", "nodes", "devices", "not placed", "seconds", "of that read", "us per service, place", "in all"]
    print(text_table(heads, [measure(size) for size in sizes]))


if __name__ == "__main__":
    main()
