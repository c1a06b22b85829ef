"""A node: pods in both scopes, init containers, memory that comes and goes, devices by chance."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import (
    cpu_static,
    cpu_topology,
    devices,
    memory_static,
    node,
    pods,
    providers,
    topology_manager,
)

GIB = 1 << 30
VFS = {"a0": (0,), "a1": (0,), "b0": (1,), "b1": (1,)}
GPUS = {"g1": (1,)}


def make(policy="single-numa-node", scope="container", known=None):
    """Two NUMA nodes of 8 CPUs and 8 GiB, of which 1 CPU and 1 GiB are reserved; VFs on both, a GPU on node 1."""
    topology = cpu_topology.from_rows([[cpu, cpu % 8, cpu // 4 % 2, cpu // 4 % 2, cpu // 4 % 2] for cpu in range(16)])
    cells = memory_static.machine({0: {"memory": 8 * GIB}, 1: {"memory": 8 * GIB}}, {0: {"memory": GIB}})
    return node.Node(
        topology_manager.manager(policy, (0, 1)),
        scope,
        cpu=providers.CpuProvider(cpu_static.StaticPolicy(topology, (0,))),
        memory=providers.MemoryProvider(cells),
        device=providers.DeviceProvider(known or {"vf": VFS, "gpu": GPUS}, (0, 1)),
    )


def container(name="main", cpus=2, gib=1, role="", **kinds):
    """A container with so many CPUs, GiB and devices."""
    return pods.Container(name, cpus, {"memory": gib * GIB}, kinds, role)


def pod(*containers, name="pod", guaranteed=True):
    """A pod."""
    return pods.Pod(name, containers, guaranteed)


def test_all_of_a_container_comes_from_one_numa_node():
    given = make().admit(pod(container(vf=1, gpu=1))).containers["main"]
    assert given.affinity == (1,)
    assert given.cpus == {4, 12}
    assert given.devices["gpu"] == {"g1"}
    assert given.devices["vf"] <= {"b0", "b1"}
    assert given.blocks == [memory_static.Block((1,), "memory", GIB)]


REFUSED = [
    # what, policy, containers, reason
    ("CPUs of two nodes", "single-numa-node", [container(cpus=9)], node.ALIGNMENT),
    ("VFs of two nodes", "single-numa-node", [container(vf=3)], node.ALIGNMENT),
    # Each resource counts for itself: to the memory, which would fit into one node, two are not preferred.
    ("CPUs of two nodes, memory of one", "restricted", [container(cpus=9)], node.ALIGNMENT),
    ("two GPUs", "restricted", [container(gpu=2)], node.ALIGNMENT),
    ("two GPUs, by whom nothing is aligned", "none", [container(gpu=2)], node.OTHER),
    ("CPUs of three nodes", "best-effort", [container(cpus=17)], node.OTHER),
    ("memory that is not there", "single-numa-node", [container(gib=99)], node.OTHER),
    ("memory of two nodes", "single-numa-node", [container(gib=12)], node.ALIGNMENT),
]


@pytest.mark.parametrize(("what", "policy", "containers", "reason"), REFUSED)
def test_refused(what, policy, containers, reason):
    one = make(policy)
    verdict = one.admit(pod(*containers))
    assert (verdict.admitted, verdict.reason) == (False, reason)
    assert verdict.what
    # Nothing of it is left.
    assert one.admit(pod(container(cpus=7, gib=7, vf=2), name="next")).admitted
    assert one.admit(pod(container(cpus=8, gib=8, vf=2), name="other")).admitted


WIDE = [
    ("restricted", [container(cpus=9, gib=9)], (0, 1)),
    ("restricted", [container(cpus=9, gib=9, vf=3)], (0, 1)),
    ("best-effort", [container(vf=3)], (0, 1)),
    ("none", [container(cpus=9)], None),
]


@pytest.mark.parametrize(("policy", "containers", "affinity"), WIDE)
def test_wide_ones_are_let_in_by_the_other_policies(policy, containers, affinity):
    verdict = make(policy).admit(pod(*containers))
    assert verdict.admitted
    assert verdict.containers["main"].affinity == affinity


def test_restricted_refuses_two_nodes_where_an_empty_machine_needs_one():
    one = make("restricted")
    assert one.admit(pod(container(cpus=5), name="a")).containers["main"].affinity == (0,)
    assert one.admit(pod(container(cpus=6), name="b")).containers["main"].affinity == (1,)
    assert one.admit(pod(container(cpus=4), name="c")).reason == node.ALIGNMENT
    one.remove("b")
    assert one.admit(pod(container(cpus=4), name="c")).admitted


def test_the_container_scope_sets_containers_apart_and_the_pod_scope_keeps_them_together():
    two = pod(container("one", cpus=5), container("two", cpus=5))
    apart = make(scope="container").admit(two)
    assert [given.affinity for given in apart.containers.values()] == [(0,), (1,)]
    assert make(scope="pod").admit(two).reason == node.ALIGNMENT
    small = pod(container("one", cpus=3), container("two", cpus=4))
    together = make(scope="pod").admit(small)
    assert {given.affinity for given in together.containers.values()} == {(0,)}


def test_no_policy_no_scope():
    two = pod(container("one", cpus=5), container("two", cpus=5))
    for scope in ("container", "pod"):
        verdict = make("none", scope).admit(two)
        assert [given.affinity for given in verdict.containers.values()] == [None, None]


def test_what_is_not_guaranteed_gets_devices_only():
    given = make().admit(pod(container(vf=1), guaranteed=False)).containers["main"]
    assert (given.cpus, given.blocks, len(given.devices["vf"])) == (set(), [], 1)


def test_a_share_of_a_cpu_is_not_exclusive():
    assert make().admit(pod(container(cpus=0))).containers["main"].cpus == set()


def test_a_container_takes_over_from_init_containers_but_not_from_sidecars():
    one = make()
    verdict = one.admit(
        pod(container("first", role=pods.INIT, vf=1), container("side", role=pods.SIDECAR), container(vf=1))
    )
    first, side, main = (verdict.containers[name] for name in ("first", "side", "main"))
    # The sidecar took the CPUs over, and keeps them.
    assert first.cpus == side.cpus
    assert not side.cpus & main.cpus
    assert main.devices == first.devices
    one.remove("pod")
    assert one.providers["cpus"].shared == set(range(16))
    assert {cell.free("memory") for cell in one.providers["blocks"].cells.values()} == {7 * GIB, 8 * GIB}


def test_what_a_pod_needs_at_most():
    started = (container("a", 4, role=pods.INIT), container("s", 2, role=pods.SIDECAR))
    assert pods.total(pod(*started, container("m", 1)), lambda one: one.cpus) == 4
    assert pods.total(pod(*started, container("m", 3)), lambda one: one.cpus) == 5
    assert pods.total(pod(*started, container("b", 7, role=pods.INIT), container("m", 3)), lambda one: one.cpus) == 9


def test_a_pod_comes_once_and_an_unknown_one_goes_in_peace():
    one = make()
    one.admit(pod(container()))
    with pytest.raises(EngineError, match="on this node already"):
        one.admit(pod(container()))
    one.remove("nobody")


def test_an_unknown_scope():
    with pytest.raises(EngineError, match="no such scope"):
        make(scope="node")


# -- the memory manager


def test_a_narrow_affinity_is_widened_to_what_the_memory_needs():
    cells = memory_static.machine({0: {"memory": 9 * GIB}, 1: {"memory": 8 * GIB}}, {0: {"memory": GIB}})
    blocks = memory_static.allocate(cells, {"memory": 10 * GIB}, (0,), False)
    assert blocks == [memory_static.Block((0, 1), "memory", 10 * GIB)]
    assert [cells[one].free("memory") for one in (0, 1)] == [0, 6 * GIB]
    with pytest.raises(memory_static.Refused, match="to extend the current topology hint"):
        memory_static.allocate(cells, {"memory": 7 * GIB}, (1,), True)


def test_memory_given_back_is_free_again():
    cells = memory_static.machine({0: {"memory": 9 * GIB}, 1: {"memory": 8 * GIB}}, {0: {"memory": GIB}})
    blocks = memory_static.allocate(cells, {"memory": 10 * GIB}, None, False)
    memory_static.release(cells, blocks)
    assert [(cell.free("memory"), cell.group, cell.assignments) for cell in cells.values()] == [
        (8 * GIB, (0,), 0),
        (8 * GIB, (1,), 0),
    ]


MACHINES = [
    ({0: {"memory": GIB}}, {}, "reservedMemory"),
    ({0: {"memory": GIB}}, {0: {"memory": 2 * GIB}}, "less memory than is reserved"),
    ({0: {"memory": GIB, "hugepages-2Mi": GIB}}, {0: {"memory": 1}}, "less memory than is reserved"),
    ({0: {"memory": GIB, "hugepages": GIB}}, {0: {"memory": 1}}, "no resource of that kind"),
]


@pytest.mark.parametrize(("numa", "reserved", "said"), MACHINES)
def test_machines_that_the_memory_manager_does_not_start_on(numa, reserved, said):
    with pytest.raises(EngineError, match=said):
        memory_static.machine(numa, reserved)


# -- the device manager

CHOICES = [
    # what, count, affinity, init containers' own, choice
    ("all of the affinity", 2, (0,), (), devices.Choice(("a0", "a1"))),
    ("one of them, by chance", 1, (0,), (), devices.Choice((), 1, ("a0", "a1"))),
    ("all of the affinity and one more", 3, (0,), (), devices.Choice(("a0", "a1"), 1, ("b0", "b1"))),
    ("any", 1, None, (), devices.Choice((), 1, ("a0", "a1", "b0", "b1"))),
    ("what an init container had comes first", 2, (1,), ("a0",), devices.Choice(("a0",), 1, ("b0", "b1"))),
    ("and is enough", 1, (1,), ("a0",), devices.Choice(("a0",))),
    ("all", 4, (0, 1), (), devices.Choice(("a0", "a1", "b0", "b1"))),
]


@pytest.mark.parametrize(("what", "count", "affinity", "again", "choice"), CHOICES)
def test_the_choice_of_devices(what, count, affinity, again, choice):
    assert devices.choose(VFS, set(VFS) - set(again), count, affinity, again) == choice


def test_devices_without_a_numa_node_come_last():
    mixed = {"a": (0,), "b": (1,), "n": ()}
    assert devices.choose(mixed, set(mixed), 2, (1,)) == devices.Choice(("a", "b"))
    assert devices.choose({"n": (), "m": ()}, {"n", "m"}, 1, (1,)) == devices.Choice((), 1, ("m", "n"))


def test_too_few_devices():
    with pytest.raises(devices.Refused, match="unavailable"):
        devices.choose(VFS, {"a0"}, 2, (0,))


def test_a_resource_that_no_plugin_has_is_not_looked_at():
    assert make().admit(pod(container(other=3))).admitted
