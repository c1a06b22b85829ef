"""What is promised is what the kubelet gives: each node's pods are put, one after the other, to the model of its
kubelet (module_utils/kubelet/node.py, which remembers CPUs, cells and devices by itself); placement does not use it.
"""

import random

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import cpu_topology, memory_static, node, pods
from ansible_collections.gedge.engine.plugins.module_utils.kubelet.cpu_static import StaticPolicy
from ansible_collections.gedge.engine.plugins.module_utils.kubelet.providers import (
    CpuProvider,
    DeviceProvider,
    MemoryProvider,
)
from ansible_collections.gedge.engine.plugins.module_utils.kubelet.topology_manager import manager
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from helpers.seeds import seeds
from unit.placement import sites

RESOURCES = {"gpu": "gpu", "fpga": "fpga", "accelerator": "asic"}


def at(device):
    return () if device["numa_node"] < 0 else (device["numa_node"],)


class Kubelet:
    """A node's kubelet out of its record; devices that it would draw by chance are those that were promised."""

    def __init__(self, record):
        facts = record["topology"]
        ids = [entry["node"] for entry in facts["numa_nodes"]]
        known = {}
        devices = {device["address"]: device for device in facts["pci_devices"]}
        for device in devices.values():
            if device["kind"] in RESOURCES:
                known.setdefault(RESOURCES[device["kind"]], {})[device["address"]] = at(device)
        for port in record["ports"]:
            vfs = devices[port["pci"]]["sriov"]["vfs"]
            known["vf " + port["pci"]] = {address: at(devices[address]) for address in vfs}
        sizes, kept, left = {}, {}, record["reserved_memory"]
        for entry in facts["numa_nodes"]:
            huge = entry["hugepages"]["2048kB"]["total"] * 2**21
            sizes[entry["node"]] = {"memory": entry["memory_bytes"], "hugepages-2Mi": huge}
            kept[entry["node"]] = {"memory": min(left, entry["memory_bytes"] - huge)}
            left -= kept[entry["node"]]["memory"]
        policy = StaticPolicy(cpu_topology.from_facts(facts), cpuset.parse(record["reserved_cpus"]), {})
        self.promised = set()
        self.node = node.Node(
            manager(record["policy"], ids),
            record["scope"],
            CpuProvider(policy),
            MemoryProvider(memory_static.machine(sizes, kept)),
            DeviceProvider(known, ids, self.pick),
        )

    def pick(self, dummy, candidates, count):
        found = [name for name in candidates if name in self.promised]
        assert len(found) >= count, "another device than any that the kubelet could give"
        return found[:count]

    def admit(self, pod, entries):
        boxes = []
        for need, entry in zip(pod.demand.needs, entries):
            asked = {}
            for device in entry["devices"]:
                name = device["resource"] if device["kind"] != "nic" else "vf " + device["pf"]
                asked[name] = asked.get(name, 0) + 1
            memory = {"memory": need.memory}
            memory.update({"hugepages-" + size: amount for size, amount in need.hugepages})
            boxes.append(pods.Container(need.name, need.cpus, memory, asked))
            self.promised |= {device["address"] for device in entry["devices"]}
        guaranteed = all(need.guaranteed for need in pod.demand.needs)
        return self.node.admit(pods.Pod(pod.title(), tuple(boxes), guaranteed))


@pytest.mark.parametrize("seed", seeds(range(100)))
def test_the_kubelet_gives_what_was_promised(seed):
    rng = random.Random(3000 + seed)
    nodes = sites.random_nodes(rng, rng.randint(1, 3))
    outcome = place.place(nodes, {"services": sites.random_services(rng, 10, nodes)}, method="heuristic")
    placements = outcome.result()["placements"]
    for number, record in enumerate(sorted(nodes, key=lambda record: record["name"])):
        kubelet, alike = Kubelet(record), True
        for place_ in outcome.plan.on[number]:
            pod = outcome.board.pods[place_]
            mine = [one for one in placements if (one["service"], one["replica"]) == (pod.key[1], pod.replica)]
            entries = [next(one for one in mine if one["container"] == need.name) for need in pod.demand.needs]
            verdict = kubelet.admit(pod, entries)
            assert verdict.admitted, verdict.what
            for entry in entries:
                given = verdict.containers[entry["container"]]
                devices = {device["address"] for device in entry["devices"]}
                assert set().union(*given.devices.values()) == devices
                cells = {node_ for block in given.blocks for node_ in block.numa_nodes}
                told = entry.get("memory_by_numa")
                assert cells == (
                    {int(node_) for node_ in told} if told else set(entry["numa_nodes"][:1]) if cells else set()
                )
                # Several NUMA nodes: how many CPUs of each is told as an expectation only.
                alike = alike and (not given.cpus or len(given.affinity or (1, 1)) == 1)
                if alike:
                    assert given.cpus == set(cpuset.parse(entry["cpus"]))
                    assert not given.cpus or list(given.affinity or ()) == entry["numa_nodes"] or not given.affinity
