"""What placement promises is what the kubelet gives: each node's pods, replayed through the kubelet's models.

Placement asks the models with counts; here the same pods go one after the other through a whole kubelet, by name.
"""

import random

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import (
    cpu_static,
    cpu_topology,
    facts,
    memory_static,
    node,
    pods,
    providers,
    topology_manager,
)
from ansible_collections.gedge.engine.plugins.module_utils.placement import place, result
from helpers.seeds import seeds
from unit.placement import sites

NAMES = ("full-pcpus-only", "strict-cpu-reservation", "prefer-align-cpus-by-uncorecache", "distribute-cpus-across-numa")
CPU_OPTIONS = [{}, {}, *({name: "true"} for name in NAMES)]


def reserve(memory, kept):
    """{NUMA node: {"memory": bytes}}: what is reserved comes from the first nodes that have it, as in placement."""
    found = {}
    for one, sizes in memory.items():
        left = sizes["memory"] - sum(size for name, size in sizes.items() if name != "memory")
        found[one] = {"memory": min(kept, left)}
        kept -= found[one]["memory"]
    return found


def kubelet_of(record, pools, throws):
    """A whole kubelet of a node record; throws(resource, open ones): those of them that placement expects."""
    topology, known = record["topology"], {}
    for pool in pools:
        devices = known.setdefault(resource_of(pool.resource, pool.pf, pool.rdma), {})
        devices.update({address: (pool.told,) if pool.told >= 0 else () for address, dummy in pool.devices})
    memory = facts.memory(topology)
    policy = cpu_static.StaticPolicy(
        cpu_topology.from_facts(topology), cpuset.parse(record["reserved_cpus"]), record["cpu_options"]
    )
    return node.Node(
        topology_manager.manager(record["policy"], facts.distances(topology)),
        record["scope"],
        cpu=providers.CpuProvider(policy),
        memory=providers.MemoryProvider(
            memory_static.machine(memory, reserve(memory, record["reserved_memory"])),
        ),
        device=providers.DeviceProvider(
            known, sorted(memory), lambda name, open_ones, count: throws(name, open_ones)[:count]
        ),
    )


def resource_of(resource, pf, rdma):
    """The resource that a device plugin has for a device: one per port and kind of VF, one per kind of accelerator."""
    return f"{resource}/{pf}/{rdma}" if resource == "sriov" else resource


def expected(entry):
    """{resource: addresses} of the devices of an entry that a kubelet hands out one by one."""
    found = {}
    for device in entry["devices"]:
        if device["resource"] != "rdma":
            name = resource_of(device["resource"], device["pf"], device["rdma"])
            found.setdefault(name, []).append(device["address"])
    return found


def asked(pod, entries):
    """The pod as the kubelet sees it."""
    containers = [
        pods.Container(
            need.name,
            need.cpus,
            {"memory": need.memory, **{"hugepages-" + size: amount for size, amount in need.hugepages}},
            {name: len(addresses) for name, addresses in expected(entry).items()},
        )
        for need, entry in zip(pod.demand.needs, entries)
    ]
    name = "/".join((*pod.key, str(pod.replica)))
    return pods.Pod(name, tuple(containers), all(need.guaranteed for need in pod.demand.needs))


def replay(records, services):
    """[(what, promised, given)] of all containers, one entry per kind of promise."""
    outcome = place.place(records, services)
    board, plan = outcome.board, outcome.plan
    told = {}
    for entry in outcome.result()["placements"]:
        told[(entry["namespace"], entry["service"]), entry["replica"], entry["container"]] = entry
    by_name = {record["name"]: record for record in records}
    found = []
    for number, one in enumerate(board.nodes):
        hoped = {}
        kubelet = kubelet_of(
            by_name[one.name],
            one.pools,
            lambda name, open_ones, hoped=hoped: [a for a in hoped[name] if a in open_ones],
        )
        for pod, dummy in result.placed(board, plan, number):
            entries = [told[pod.key, pod.replica, need.name] for need in pod.demand.needs]
            for entry in entries:
                for name, addresses in expected(entry).items():
                    hoped.setdefault(name, []).extend(addresses)
            verdict = kubelet.admit(asked(pod, entries))
            found.append((pod.key, (True, ""), (verdict.admitted, verdict.reason)))
            for entry in entries if verdict.admitted else ():
                given = verdict.containers[entry["container"]]
                devices = {name: sorted(addresses) for name, addresses in given.devices.items()}
                promised = {name: sorted(addresses) for name, addresses in expected(entry).items()}
                found.append((pod.key, entry["cpus"], cpuset.render(given.cpus)))
                found.append((pod.key, promised, devices))
                if given.affinity is not None and entry["numa_nodes"]:
                    found.append((pod.key, entry["numa_nodes"], list(given.affinity)))
            hoped.clear()
    return found


@pytest.mark.parametrize("seed", seeds(range(60)))
def test_what_is_promised_is_what_the_kubelet_gives(seed):
    dice = random.Random(seed)
    records = sites.random_nodes(dice, dice.randint(1, 4))
    for record in records:
        record["cpu_options"] = dice.choice(CPU_OPTIONS)
    found = replay(records, sites.random_services(dice, dice.randint(4, 20), records))
    assert [promise for promise in found if promise[1] != promise[2]] == []
