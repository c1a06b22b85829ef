"""Discovery on made-up machines of several makers, and on hwloc's sample, which is a real one."""

import json
import os

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from ansible_collections.gedge.engine.plugins.module_utils.topology import facts
from fixtures import saved, sysfs_tree


def gather(root, *args):
    return facts.gather(System(str(root)), *args)


def by_address(topology):
    return {device["address"]: device for device in topology["pci_devices"]}


def make(name, root):
    return sysfs_tree.MACHINES[name](root)


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """hwloc's saved machine, unpacked."""
    return saved.unpack(tmp_path_factory.mktemp("hwloc"))


SAMPLE = [
    # address, kind, numa_node, pcie_path, driver, net, rdma
    ("0000:00:02.0", "nvme", -1, ["pci0000:00"], "nvme", [], []),
    ("0000:02:00.0", "nic", 0, ["pci0000:00", "0000:00:01.1"], "igb", ["eth0"], []),
    ("0000:02:00.3", "nic", 0, ["pci0000:00", "0000:00:01.1"], "igb", ["eth1"], []),
    ("0000:82:00.0", "nic", 1, ["pci0000:80", "0000:80:02.2"], "mlx4_core", ["ib0"], ["mlx4_0"]),
    ("0000:83:00.0", "accelerator", 1, ["pci0000:80", "0000:80:03.0"], "mic", [], []),
]


def test_sample_devices(sample):
    keys = ("address", "kind", "numa_node", "pcie_path", "driver", "net", "rdma")
    assert [tuple(device[key] for key in keys) for device in gather(sample)["pci_devices"]] == SAMPLE


def test_sample_cpus_and_nodes(sample):
    topology = gather(sample)
    assert topology["cpus"][9] == {
        "cpu": 9,
        "online": True,
        "socket": 1,
        "core": 1,
        "numa_node": 1,
        "thread_siblings": [9],
        "l3": 8,
        "isolated": False,
    }
    assert [(node["memory_bytes"], node["cpus"], node["distances"]) for node in topology["numa_nodes"]] == [
        (17149054976, list(range(8)), [10, 21]),
        (17179869184, list(range(8, 16)), [21, 10]),
    ]


def test_sample_root_complex_knows_its_node_where_the_disk_does_not(sample):
    assert gather(sample, ["nvme"])["pcie_roots"] == [{"root": "pci0000:00", "numa_node": 0}]


PLACES = [
    # machine, address, pcie_path, numa_node
    ("amd", "0000:e1:00.1", ["pci0000:e0", "0000:e0:01.1"], 1),
    ("arm", "0004:01:00.0", ["pci0004:00", "0004:00:00.0"], -1),
    ("hyper_v", "abcd1234:00:00.0", ["pciabcd1234:00"], -1),
    ("hyper_v", "7870:00:00.0", ["pci7870:00"], 1),
    ("vmd", "10000:e1:00.0", ["pci10000:e0", "10000:e0:06.0"], 0),
    (
        "switch_box",
        "0000:18:00.1",
        ["pci0000:10"] + ["0000:%s.0" % b for b in ("10:01", "11:00", "12:03", "16:00", "17:00")],
        0,
    ),
    ("disagreement", "0000:21:00.1", ["pci0000:20", "0000:20:00.0"], 1),
    ("sriov", "0000:22:10.0", ["pci0000:20", "0000:20:00.0"], 0),
]


@pytest.mark.parametrize(("machine", "address", "path", "node"), PLACES)
def test_place(tmp_path, machine, address, path, node):
    device = by_address(gather(make(machine, tmp_path)))[address]
    assert (device["pcie_path"], device["numa_node"]) == (path, node)


@pytest.mark.parametrize("machine", ["amd", "switch_box", "vmd", "disagreement", "sriov"])
def test_folders_instead_of_links_give_the_same_places(tmp_path, machine):
    tree = sysfs_tree.MACHINES[machine](tmp_path)
    linked = gather(tree)
    sysfs_tree.Tree(tree).without_links()
    folders = gather(tree)
    assert [(d["address"], d["pcie_path"], d["numa_node"], d["kind"]) for d in folders["pci_devices"]] == [
        (d["address"], d["pcie_path"], d["numa_node"], d["kind"]) for d in linked["pci_devices"]
    ]
    assert folders["pcie_roots"] == linked["pcie_roots"]


def test_absolute_links_stay_inside_the_root(tmp_path):
    make("vmd", tmp_path)
    bus = tmp_path / "sys/bus/pci/devices"
    for entry in list(bus.iterdir()):
        inside = "/" + str((bus / os.readlink(entry)).resolve().relative_to(tmp_path.resolve()))
        entry.unlink()
        entry.symlink_to(inside)
    assert by_address(gather(tmp_path))["10000:e1:00.0"]["pcie_path"] == ["pci10000:e0", "10000:e0:06.0"]


def test_addresses_are_in_numeric_order(tmp_path):
    assert list(by_address(gather(make("vmd", tmp_path)))) == ["0000:01:00.0", "10000:e1:00.0", "10000:e2:00.0"]


def test_sriov(tmp_path):
    found = by_address(gather(make("sriov", tmp_path)))
    assert found["0000:21:00.0"]["sriov"] == {
        "role": "pf",
        "total": 7,
        "num": 4,
        "vfs": ["0000:21:10.0", "0000:21:10.2", "0000:21:10.4", "0000:22:10.0"],
        "offset": None,
        "stride": None,
    }
    assert found["0000:22:10.0"]["sriov"] == {"role": "vf", "pf": "0000:21:00.0", "index": 3}
    assert found["0000:21:00.1"]["sriov"] == {"role": None}


def test_names_driver_group_and_link(tmp_path):
    found = by_address(gather(make("sriov", tmp_path)))
    port, virtio = found["0000:21:00.0"], found["0000:00:03.0"]
    assert (port["net"], port["rdma"], port["driver"]) == (["ens1f0"], ["rxe0"], "ixgbe")
    assert port["link"] == {"speed_gts": 8.0, "width": 4, "max_speed_gts": 16.0, "max_width": 8}
    assert (virtio["net"], virtio["iommu_group"], virtio["driver"]) == (["ens3"], 14, None)
    assert "0000:00:02.0" not in found  # the picture of the management controller is no GPU


def test_names_without_sys_class(tmp_path):
    make("sriov", tmp_path)
    (tmp_path / "sys/class").rename(tmp_path / "class.away")
    found = by_address(gather(tmp_path))
    assert [found[address]["net"] for address in ("0000:21:00.0", "0000:00:03.0")] == [["ens1f0"], ["ens3"]]


def test_without_volatile_numbers(tmp_path):
    topology = gather(make("sriov", tmp_path), None, False)
    assert by_address(topology)["0000:21:00.0"]["link"] == {"max_speed_gts": 16.0, "max_width": 8}
    assert topology["numa_nodes"][0]["hugepages"] == {"2048kB": {"total": 0}}


def test_nodes_without_cpus_or_memory_and_offline_cpus(tmp_path):
    topology = gather(make("odd_nodes", tmp_path))
    nodes = [(node["node"], node["cpus"], node["memory_bytes"]) for node in topology["numa_nodes"]]
    assert nodes == [(0, [0], 17179869184), (1, [2], 0), (2, [], 17179869184)]
    assert topology["numa_nodes"][0]["hugepages"] == {"2048kB": {"total": 64, "free": 32}}
    keys = ("cpu", "online", "socket", "numa_node", "isolated", "thread_siblings")
    assert [tuple(cpu[key] for key in keys) for cpu in topology["cpus"]] == [
        (0, True, 0, 0, False, [0]),
        (1, False, None, 0, False, [1]),
        (2, True, 1, 1, True, [2]),
        (3, False, None, 1, False, [3]),
    ]


def test_hyper_threads_share_core_and_cache(tmp_path):
    tree = sysfs_tree.Tree(tmp_path)
    tree.cpus({0: range(4), 1: range(4, 8)}, threads=2)
    topology = gather(tree.done())
    assert [(cpu["core"], cpu["socket"], cpu["l3"], cpu["thread_siblings"]) for cpu in topology["cpus"][3:5]] == [
        (1, 0, 0, [2, 3]),
        (2, 1, 1, [4, 5]),
    ]


def test_no_numa_folder_is_one_node_as_hwloc_has_it(tmp_path):
    tree = sysfs_tree.Tree(tmp_path)
    tree.write("/sys/devices/system/cpu/present", "0-1")
    tree.write("/sys/devices/system/cpu/online", "0-1")
    tree.write("/proc/meminfo", "MemTotal:        1024 kB\nMemFree: 1 kB")
    tree.pci("pci0000:00/0000:00:01.0", "nic", -1)
    topology = gather(tree.done())
    assert topology["numa_nodes"] == [
        {"node": 0, "cpus": [0, 1], "memory_bytes": 1048576, "hugepages": {}, "distances": []}
    ]
    assert [cpu["numa_node"] for cpu in topology["cpus"]] == [0, 0]
    assert topology["pci_devices"][0]["numa_node"] == -1


def test_isolated_cpus_of_an_old_kernel_stand_on_its_command_line(tmp_path):
    tree = sysfs_tree.Tree(tmp_path)
    tree.cpus({0: range(6)})
    tree.write("/proc/cmdline", "quiet isolcpus=managed_irq,domain,2-3,5 nohz_full=1")
    assert [cpu["cpu"] for cpu in gather(tree.done())["cpus"] if cpu["isolated"]] == [2, 3, 5]


def test_masks_where_lists_are_missing(tmp_path):
    make("amd", tmp_path)
    for path in list(tmp_path.rglob("cpulist")) + list(tmp_path.rglob("*_list")):
        path.unlink()
    topology = gather(tmp_path)
    assert [node["cpus"] for node in topology["numa_nodes"]] == [list(range(8)), list(range(8, 16))]
    assert topology["cpus"][9]["thread_siblings"] == [9]


HALVES = [
    # what is missing, CPUs, NUMA nodes, devices
    ("proc", 16, 2, 32),
    ("sys/devices/system/node", 16, 1, 32),
    ("sys/devices/system/cpu", 0, 2, 32),
    ("sys/bus", 16, 2, 0),
    ("sys/devices/system", 0, 0, 32),
]


@pytest.mark.parametrize(("missing", "cpus", "nodes", "devices"), HALVES)
def test_half_a_tree(tmp_path, missing, cpus, nodes, devices):
    make("amd", tmp_path)
    (tmp_path / "proc").mkdir()
    (tmp_path / missing).rename(tmp_path / "away")
    topology = gather(tmp_path)
    assert [len(topology[part]) for part in ("cpus", "numa_nodes", "pci_devices")] == [cpus, nodes, devices]


KINDS = [(["nic"], 16), (["gpu", "nvme"], 16), (["fpga"], 0), ("nic,gpu", 24), ([], 32), (None, 32)]


@pytest.mark.parametrize(("kinds", "count"), KINDS)
def test_kinds(tmp_path, kinds, count):
    assert len(gather(make("amd", tmp_path), kinds)["pci_devices"]) == count


def test_the_result_is_plain_data(tmp_path):
    topology = gather(make("sriov", tmp_path))
    assert json.loads(json.dumps(topology)) == topology


def damage(tmp_path, path, content):
    make("vmd", tmp_path)
    place = tmp_path / path
    place.unlink()
    if content is not None:
        place.write_text(content)


NVME = "sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0/"
FAULTS = [
    # file, content (None: no file), where, what
    (NVME + "numa_node", "zero", "/" + NVME + "numa_node", "'zero' is not a number"),
    ("sys/devices/system/cpu/present", "0-z", "/sys/devices/system/cpu/present", "not a number or a range"),
    ("sys/devices/system/cpu/online", "3-1", "/sys/devices/system/cpu/online", "runs backwards"),
    ("sys/devices/system/cpu/online", "0-9999999999", "/sys/devices/system/cpu/online", "not a list of CPUs"),
    ("sys/devices/system/cpu/present", "0-999999", "/sys/devices/system/cpu/present", "more than any machine has"),
    ("sys/devices/system/node/node0/distance", "ten", "node0/distance", "not a list of distances"),
    ("sys/devices/system/cpu/cpu0/topology/core_id", "", "core_id", "not a number"),
    ("sys/devices/system/cpu/cpu0/cache/index3/shared_cpu_list", "a", "shared_cpu_list", "not a number"),
]


@pytest.mark.parametrize(("path", "content", "where", "what"), FAULTS)
def test_a_damaged_file_is_named(tmp_path, path, content, where, what):
    damage(tmp_path, path, content)
    with pytest.raises(EngineError, match=what) as caught:
        gather(tmp_path)
    assert caught.value.where.endswith(where)
    assert caught.value.advice


def test_a_device_without_identity_is_named(tmp_path):
    make("vmd", tmp_path)
    for name in ("uevent", "class"):
        (tmp_path / NVME / name).unlink()
    with pytest.raises(EngineError, match="nobody knows what this PCI device is") as caught:
        gather(tmp_path)
    assert caught.value.where == "/" + NVME + "class"


def test_files_tell_where_uevent_is_missing(tmp_path):
    make("vmd", tmp_path)
    (tmp_path / NVME / "uevent").unlink()
    device = by_address(gather(tmp_path))["10000:e1:00.0"]
    assert [device[key] for key in ("kind", "class", "vendor", "device")] == ["nvme", "010802", "144d", "a808"]


def test_folders_without_configuration_space_are_refused(tmp_path):
    tree = sysfs_tree.Tree(make("amd", tmp_path))
    tree.without_links()
    for path in tmp_path.glob("sys/bus/pci/devices/*/config"):
        path.unlink()
    with pytest.raises(EngineError, match="no bridge's config file says what bus") as caught:
        gather(tmp_path)
    assert "links" in caught.value.advice


def test_a_link_to_another_place_is_refused(tmp_path):
    make("amd", tmp_path)
    entry = tmp_path / "sys/bus/pci/devices/0000:02:00.0"
    entry.unlink()
    entry.symlink_to("../../../devices/pci0000:00/0000:00:01.1/0000:01:00.0")
    with pytest.raises(EngineError, match="which is another place"):
        gather(tmp_path)


ROOTS = [
    ("nothing-here", "is not a folder"),
    ("file", "is not a folder"),
    ("empty", "is not a folder"),
    ("other", "has none of sys/bus/pci/devices"),
    (".", r"has none of .*Name \".*/saved\""),
]


@pytest.mark.parametrize(("name", "what"), ROOTS)
def test_a_root_that_is_no_machine(tmp_path, name, what):
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "other" / "etc").mkdir(parents=True)
    (tmp_path / "saved/sys/devices").mkdir(parents=True)
    with pytest.raises(EngineError, match=what) as caught:
        gather(tmp_path / name)
    assert str(tmp_path) in caught.value.where


def test_an_unknown_kind_is_refused_with_a_suggestion(tmp_path):
    with pytest.raises(EngineError, match=r'there is no kind "gpus"\. Did you mean "gpu"'):
        gather(make("amd", tmp_path), ["nic", "gpus"])


def test_the_live_machine_answers():
    topology = gather("/")
    assert any(cpu["online"] for cpu in topology["cpus"])
