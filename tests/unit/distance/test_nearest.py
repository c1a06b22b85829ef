"""What is near a device: devices and CPUs."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.distance.nearest import nearest_devices, numa_cpus
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from fixtures import sysfs_tree


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """The topology of the machine with PCIe switches."""
    return facts.gather(System(str(sysfs_tree.switch_box(tmp_path_factory.mktemp("box")))))


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """The topology of the machine whose functions disagree."""
    return facts.gather(System(str(sysfs_tree.disagreement(tmp_path_factory.mktemp("odd")))))


NEAREST = [
    # options, [(address, level)]
    (
        ("0000:18:00.0", "gpu"),
        [("0000:13:00.0", "PXB"), ("0000:14:00.0", "PXB"), ("0000:93:00.0", "SYS"), ("0000:94:00.0", "SYS")],
    ),
    (("0000:18:00.0", "gpu", 1), [("0000:13:00.0", "PXB")]),
    (("0000:18:00.0", None, 2), [("0000:18:00.1", "PIX"), ("0000:13:00.0", "PXB")]),
    (("18:00.0", ["accelerator", "nvme"], 2), [("0000:19:00.0", "PXB"), ("0000:1a:00.0", "PHB")]),
    (("0000:18:00.0", "gpu", 1, {"PXB": 9}), [("0000:93:00.0", "SYS")]),
    (("0000:18:00.0", "fpga"), []),
]


@pytest.mark.parametrize(("options", "expected"), NEAREST)
def test_nearest(box, options, expected):
    assert [(near["address"], near["level"]) for near in nearest_devices(box, *options)] == expected


def test_nearest_gives_kind_and_weight(box):
    assert nearest_devices(box, "0000:18:00.0", "gpu", 1) == [
        {"address": "0000:13:00.0", "kind": "gpu", "level": "PXB", "weight": 3}
    ]


CPUS = [
    # machine, device, reserved, unknown, CPUs
    ("box", "0000:13:00.0", "", "error", [0, 1]),
    ("box", "0000:93:00.0", "", "error", [2, 3]),
    ("box", "0000:93:00.0", "0,2", "error", [3]),
    ("box", "0000:93:00.0", [2], "error", [3]),
    ("box", "0000:93:00.0", 2, "error", [3]),
    ("odd", "0000:21:00.1", "", "error", [2, 3]),
    ("odd", "0000:22:00.0", "", "error", [0, 1]),
    ("odd", "0000:c1:00.0", "0", "all", [1, 2, 3]),
]


@pytest.mark.parametrize(("machine", "device", "reserved", "unknown", "expected"), CPUS)
def test_numa_cpus(request, machine, device, reserved, unknown, expected):
    assert numa_cpus(request.getfixturevalue(machine), device, reserved, unknown) == expected


def test_numa_cpus_leaves_out_offline_ones_and_knows_a_node_of_memory_only(tmp_path):
    topology = facts.gather(System(str(sysfs_tree.odd_nodes(tmp_path))))
    assert numa_cpus(topology, "0000:01:00.0") == []
    topology["pci_devices"][0]["numa_node"] = 0
    assert numa_cpus(topology, "0000:01:00.0") == [0]


def test_the_only_node_of_a_machine_needs_no_telling(tmp_path):
    topology = facts.gather(System(str(sysfs_tree.arm(tmp_path))))
    assert numa_cpus(topology, "enP4p1s0") == [0, 1, 2, 3]


BAD = [
    (lambda topology: numa_cpus(topology, "0000:c1:00.0"), "0000:c1:00.0: nobody knows the NUMA node"),
    (lambda topology: numa_cpus(topology, "0000:22:00.0", "1-x"), "reserved: "),
    (lambda topology: numa_cpus(topology, "0000:22:00.0", "", "some"), "unknown: 'some' is no choice"),
    (lambda topology: numa_cpus(topology, "eth9"), 'device: the topology has no device "eth9"'),
    (
        lambda topology: numa_cpus({"pci_devices": topology["pci_devices"]}, "0000:41:00.0"),
        "topology.cpus: has no list",
    ),
    (lambda topology: nearest_devices(topology, "0000:22:00.0", "gpus"), 'kinds: there is no kind "gpus"'),
    (lambda topology: nearest_devices(topology, "0000:22:00.0", None, 0), "count: 0 is not a number of devices"),
    (lambda topology: nearest_devices(topology, "0000:22:00.0", None, "a"), "count: 'a' is not a number of devices"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_told(odd, call, message):
    with pytest.raises(EngineError, match=message):
        call(odd)
