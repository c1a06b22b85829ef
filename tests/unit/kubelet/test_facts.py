"""What the managers know of a machine: out of our topology facts the same as out of cAdvisor's reading of it."""

import os

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import cpu_topology, facts
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts as topology_facts
from fixtures import saved
from fixtures.sysfs_tree import Tree, mask
from oracle import kubelet

needs_kubelet = pytest.mark.skipif(golang.find() is None, reason="no Go toolchain here: cAdvisor cannot be asked")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root")

# name: CPUs of each NUMA node, threads of a core, CPUs of an L3 (0: one per NUMA node), offline, socket of each node
MACHINES = {
    "plain": ({0: range(4), 1: range(4, 8)}, 1, 0, (), None),
    "threads": ({0: range(4), 1: range(4, 8)}, 2, 0, (), None),
    "several L3": ({0: range(8), 1: range(8, 16)}, 2, 4, (), None),
    "an L3 of one core": ({0: range(4)}, 2, 2, (), None),
    "an L3 over two nodes": ({0: range(4), 1: range(4, 8)}, 1, 8, (), {0: 0, 1: 0}),
    "offline": ({0: range(4), 1: range(4, 8)}, 2, 0, (3, 4, 5), None),
    "offline and several L3": ({0: range(8)}, 2, 4, (5,), None),
    "a node without CPUs": ({0: range(4), 1: ()}, 2, 0, (), None),
    "two nodes in a socket": ({0: range(4), 1: range(4, 8)}, 2, 0, (), {0: 0, 1: 0}),
    "interleaved": ({0: (0, 2, 4, 6), 1: (1, 3, 5, 7)}, 1, 0, (), None),
}


def write(root, per_node, threads, l3, offline, sockets):
    """A saved machine with what cAdvisor reads beside what we read."""
    tree = Tree(root)
    tree.cpus(per_node, threads, offline, sockets)
    for node in per_node:
        tree.node(node, [10 if other == node else 21 for other in per_node], 1 << 23, hugepages=8 * node)
    for node, cpus in per_node.items():
        for cpu in cpus:
            tree.link(f"/sys/devices/system/node/node{node}/cpu{cpu}", f"/sys/devices/system/cpu/cpu{cpu}")
            if l3 and cpu not in offline:
                _cache(tree, cpu, [one for one in range(cpu // l3 * l3, (cpu // l3 + 1) * l3) if one not in offline])
    used = {(sockets or {}).get(node, node) for node, cpus in per_node.items() if set(cpus) - set(offline)}
    tree.write("/proc/cpuinfo", "\n".join(f"physical id\t: {socket}" for socket in sorted(used)))
    return root


def _cache(tree, cpu, shared):
    folder = f"/sys/devices/system/cpu/cpu{cpu}/cache/index3"
    for name, value in (
        ("id", 10 + shared[0]),
        ("shared_cpu_list", ",".join(map(str, shared))),
        ("shared_cpu_map", mask(shared)),
    ):
        tree.write(f"{folder}/{name}", value)


def ours(root):
    """CPU rows, CPUs per core, socket and L3, and NUMA nodes, as the oracle has them."""
    topology = topology_facts.gather(System(str(root)))
    found = cpu_topology.from_facts(topology)
    rows = [[cpu, at.core, at.socket, at.numa, at.uncore] for cpu, at in sorted(found.cpus.items())]
    distances, memory = facts.distances(topology), facts.memory(topology)
    numa = {node: (list(distances[node]), sizes) for node, sizes in memory.items()}
    return rows, [found.per_core, found.per_socket, found.per_uncore], numa


def theirs(root):
    """The same by cAdvisor and the CPU manager."""
    real = kubelet.ask([{"kind": "machine", "root": str(root)}])[0]
    numa = {}
    for one in real["numa"]:
        huge = {facts.resource(int(size)): int(size) * 1024 * pages for size, pages in one["hugepages"].items()}
        numa[one["id"]] = (one["distances"] or [], {"memory": one["memory"], **huge})
    return real["cpus"], real["counts"], numa


@needs_kubelet
@needs_root
@pytest.mark.parametrize("name", MACHINES)
def test_a_made_up_machine(name, tmp_path):
    root = write(tmp_path, *MACHINES[name])
    assert ours(root) == theirs(root)


@needs_kubelet
@needs_root
def test_hwlocs_machine(tmp_path):
    root = saved.unpack(tmp_path)
    assert len(ours(root)[0]) == 16
    assert ours(root) == theirs(root)


@needs_kubelet
@needs_root
def test_this_machine():
    assert ours("/") == theirs("/")


@pytest.mark.parametrize(
    ("kib", "name"),
    [(64, "hugepages-64Ki"), (2048, "hugepages-2Mi"), (1 << 20, "hugepages-1Gi"), (1536, "hugepages-1536Ki")],
)
def test_the_resources_of_hugepages(kib, name):
    assert facts.resource(kib) == name
