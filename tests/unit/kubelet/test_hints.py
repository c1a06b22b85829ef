"""The hints of the CPU, device and memory managers out of what is free."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import devices, hints, memory_static

GIB = 1 << 30
TEN = {0: 10, 1: 10}

CPUS = [
    # what, total, free, request, hints
    ("fits anywhere", TEN, TEN, 4, [((0,), True), ((1,), True), ((0, 1), False)]),
    ("fits on one", TEN, {0: 3, 1: 10}, 4, [((1,), True), ((0, 1), False)]),
    ("fits on both together only", TEN, {0: 3, 1: 3}, 4, [((0, 1), False)]),
    ("needs both", TEN, TEN, 12, [((0, 1), True)]),
    ("fits nowhere", TEN, {0: 3}, 4, []),
    ("a node without a free CPU", TEN, {1: 4}, 4, [((1,), True), ((0, 1), False)]),
    ("one NUMA node", {0: 8}, {0: 8}, 4, [((0,), True)]),
    ("unequal nodes", {0: 2, 1: 10}, {0: 2, 1: 10}, 4, [((1,), True), ((0, 1), False)]),
]


@pytest.mark.parametrize(("what", "total", "free", "request_", "found"), CPUS)
def test_cpu_hints(what, total, free, request_, found):
    assert hints.cpu(total, free, request_) == {"cpu": found}


def test_no_exclusive_cpus_no_hints():
    assert hints.cpu(TEN, TEN, 0) == {}


def test_cpus_of_init_containers_bind_the_hint():
    assert hints.cpu(TEN, {0: 10, 1: 8}, 4, {1: 2}) == {"cpu": [((1,), True), ((0, 1), False)]}
    assert hints.cpu(TEN, {0: 10}, 4, {1: 4}) == {"cpu": [((1,), True), ((0, 1), False)]}


def test_by_socket_all_nodes_of_a_socket_are_preferred():
    sockets = {0: {0}, 1: {0}, 2: {1}, 3: {1}}
    found = hints.cpu_by_socket(dict.fromkeys(range(4), 4), dict.fromkeys(range(4), 4), 4, sockets)["cpu"]
    assert [ids for ids, preferred in found if preferred] == [(0,), (1,), (2,), (3,), (0, 1), (2, 3)]


DEVICES = [
    # what, all, free, request, hints on NUMA nodes 0 and 1
    ("on both", {(0,): 2, (1,): 2}, {(0,): 2, (1,): 2}, 1, [((0,), True), ((1,), True), ((0, 1), False)]),
    ("on one: no hint names the other", {(1,): 2}, {(1,): 2}, 1, [((1,), True)]),
    ("free on one", {(0,): 2, (1,): 2}, {(1,): 1}, 1, [((1,), True), ((0, 1), False)]),
    ("spread", {(0,): 2, (1,): 2}, {(0,): 1, (1,): 1}, 2, [((0, 1), False)]),
    ("spread by nature", {(0,): 1, (1,): 1}, {(0,): 1, (1,): 1}, 2, [((0, 1), True)]),
    ("none free", {(0,): 2}, {}, 1, []),
    ("no NUMA node anywhere", {(): 4}, {(): 4}, 2, None),
    ("no NUMA node, none free", {(): 4}, {}, 2, None),
    ("one without a NUMA node does not count", {(0,): 1, (): 1}, {(0,): 1, (): 1}, 2, []),
    ("one without, not needed", {(0,): 2, (): 1}, {(0,): 2, (): 1}, 2, [((0,), True)]),
    ("near both", {(0, 1): 1}, {(0, 1): 1}, 1, [((0,), True), ((1,), True), ((0, 1), False)]),
    ("on a node that the machine has not", {(7,): 1}, {(7,): 1}, 1, []),
]


@pytest.mark.parametrize(("what", "total", "free", "request_", "found"), DEVICES)
def test_device_hints(what, total, free, request_, found):
    assert hints.device(total, free, request_, (0, 1)) == found


def test_devices_of_init_containers_bind_the_hint():
    total = {(0,): 1, (1,): 1}
    assert hints.device(total, {(0,): 1}, 1, (0, 1), {(1,): 1}) == [((1,), True), ((0, 1), False)]


def test_a_machine_with_too_many_numa_nodes_is_refused():
    many = dict.fromkeys(range(17), 4)
    with pytest.raises(EngineError, match="17 NUMA nodes"):
        hints.cpu(many, many, 2)
    # Devices are looked at on the nodes that have them.
    assert hints.device({(16,): 1}, {(16,): 1}, 1, range(17)) == [((16,), True)]


def test_a_node_without_cpus_is_in_no_hint():
    assert hints.cpu({0: 4, 1: 0}, {0: 4, 1: 0}, 2) == {"cpu": [((0,), True)]}


def test_a_numa_node_of_minus_one_is_none():
    named = {"a": devices.numa_ids(-1), "b": devices.numa_ids(None), "c": devices.numa_ids(0)}
    assert devices.tally(named, "abc") == {(): 2, (0,): 1}


def machine(first=8, second=8, huge=(1, 1)):
    """Two NUMA nodes of so many GiB beside hugepages; nothing is reserved but 1 GiB on the first."""
    sizes = {0: (first + 1, huge[0]), 1: (second, huge[1])}
    plain = {node: {"memory": (a + b) * GIB, "hugepages-2Mi": b * GIB} for node, (a, b) in sizes.items()}
    return memory_static.machine(plain, {0: {"memory": GIB}})


MEMORY = [
    # what, request, hints for each resource
    ("fits anywhere", {"memory": 4 * GIB}, [((0,), True), ((1,), True), ((0, 1), False)]),
    ("needs both", {"memory": 12 * GIB}, [((0, 1), True)]),
    ("hugepages on both", {"memory": GIB, "hugepages-2Mi": 2 * GIB}, [((0, 1), True)]),
]


@pytest.mark.parametrize(("what", "request_", "found"), MEMORY)
def test_memory_hints(what, request_, found):
    assert hints.memory(machine(), request_) == dict.fromkeys(request_, found)


def test_no_memory_is_told_as_no_preference():
    # Not as "not possible": the Topology Manager lets the container pass, and the memory manager refuses it then.
    assert hints.memory(machine(), {"memory": 99 * GIB}) == {}
    assert hints.memory(machine(), {"memory": GIB, "hugepages-1Gi": GIB}) == {}


def test_a_node_that_serves_alone_joins_no_group():
    cells = machine()
    memory_static.allocate(cells, {"memory": GIB}, (0,), True)
    assert hints.memory(cells, {"memory": 10 * GIB}) == {}
    assert hints.memory(cells, {"memory": 2 * GIB})["memory"] == [((0,), True), ((1,), True)]


def test_nodes_in_a_group_serve_none_alone():
    cells = machine()
    memory_static.allocate(cells, {"memory": 9 * GIB}, (0, 1), True)
    assert hints.memory(cells, {"memory": GIB}) == {"memory": [((0, 1), False)]}


def test_memory_of_init_containers_is_there_for_the_next():
    cells = machine()
    memory_static.allocate(cells, {"memory": 6 * GIB}, (0,), True)
    assert hints.memory(cells, {"memory": 8 * GIB}, {((0,), "memory"): 6 * GIB})["memory"][0] == ((0,), True)
