"""What a service that runs bare gets: GPUs by UUID, NCCL, DPDK, numactl."""

import shlex
import shutil
import subprocess

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.manifests.environment import environments, text
from unit.manifests import builder as b

VF = b.vf()["address"]
UUIDS = {"node1": {b.GPU: "GPU-aa"}}


def device(address, kind, **more):
    return dict({"address": address, "kind": kind, "vendor": "10de", "net": [], "rdma": [], "driver": None}, **more)


def topologies(*devices):
    return {"node1": {"pci_devices": list(devices)}}


def one(container, *devices, facts=None, uuids=None, **entry):
    (found,) = environments(
        {"services": [b.service("detector", container)]},
        {"placements": [b.placed("detector", *devices, **entry)]},
        facts,
        uuids,
    )
    return found


CARDS = topologies(device("0000:01:00.0", "gpu", vendor="1a03"), device("0000:3a:00.0", "gpu"), device(b.GPU, "gpu"))
GPUS = [
    # topologies, uuids, CUDA_VISIBLE_DEVICES, notes
    (None, UUIDS, "GPU-aa", 0),
    (CARDS, UUIDS, "GPU-aa", 0),
    (CARDS, None, "1", 1),
    (None, None, None, 1),
]


@pytest.mark.parametrize(("facts", "uuids", "seen", "notes"), GPUS)
def test_gpus(facts, uuids, seen, notes):
    found = one(b.container(gpu=1), b.card(), facts=facts, uuids=uuids)
    assert found["variables"].get("CUDA_VISIBLE_DEVICES") == seen
    assert (found["variables"].get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID") == bool(seen)
    assert len(found["notes"]) == notes


NIC = device(VF, "nic", net=["ens1f0v0"], rdma=["mlx5_2"])
NCCL = [
    # level, GDR level
    ("PIX", "PIX"),
    ("PXB", "PXB"),
    ("PHB", "PHB"),
    ("NODE", "SYS"),
    ("SYS", "SYS"),
    ("UNKNOWN", "SYS"),
]


@pytest.mark.parametrize(("level", "direct"), NCCL)
def test_nccl(level, direct):
    container = b.container(sriov=1, rdma=1, gpu=1)
    facts, levels = topologies(NIC), [(VF, b.GPU, level)]
    found = one(container, b.vf(rdma=True), b.card(), facts=facts, uuids=UUIDS, levels=levels)["variables"]
    assert found["NCCL_IB_HCA"] == "=mlx5_2"
    assert found["NCCL_SOCKET_IFNAME"] == "=ens1f0v0"
    assert found["NCCL_NET_GDR_LEVEL"] == direct


def test_nccl_without_rdma():
    found = one(b.container(sriov=1, gpu=1), b.vf(), b.card(), uuids=UUIDS)["variables"]
    assert found["NCCL_IB_DISABLE"] == "1" and "NCCL_IB_HCA" not in found


def test_no_gpu_no_nccl():
    found = one(b.container(sriov=1), b.vf(), facts=topologies(NIC))["variables"]
    assert not [name for name in found if name.startswith(("NCCL", "CUDA"))]


EAL = [
    # placement, EAL
    ({"cpus": "2-5"}, ["-l", "2-5", "-a", VF, "--file-prefix", "default-detector-0"]),
    ({}, ["-a", VF, "--file-prefix", "default-detector-0"]),
    (
        {"cpus": "2-5", "hugepages": {"2Mi": 512 << 20}},
        ["-l", "2-5", "-a", VF, "--socket-mem", "512", "--file-prefix", "default-detector-0"],
    ),
    (
        {"cpus": "2", "hugepages": {"2Mi": 256 << 20, "1Gi": 1 << 30}, "numa_nodes": [1]},
        ["-l", "2", "-a", VF, "--socket-mem", "0,1280", "--file-prefix", "default-detector-0"],
    ),
    (
        {"hugepages": {"2Mi": 256 << 20, "1Gi": 1 << 30}, "hugepages_by_numa": {"1Gi": {"1": 1 << 30}}},
        ["-a", VF, "--socket-mem", "256,1024", "--file-prefix", "default-detector-0"],
    ),
]


@pytest.mark.parametrize(("entry", "eal"), EAL)
def test_dpdk(entry, eal):
    found = one(b.container(sriov=1), b.vf(), **entry)
    assert found["eal"] == eal
    assert found["variables"]["GEDGE_DPDK_EAL"] == " ".join(eal)


DRIVERS = [("vfio-pci", 0), ("mlx5_core", 0), (None, 0), ("igbvf", 1)]


@pytest.mark.parametrize(("driver", "notes"), DRIVERS)
def test_a_vf_that_dpdk_cannot_drive_is_told(driver, notes):
    found = one(b.container(sriov=1), b.vf(), facts=topologies(device(VF, "nic", driver=driver)))
    assert len(found["notes"]) == notes
    assert (VF in found["eal"]) == (notes == 0)


COMMANDS = [
    # placement, command
    ({"cpus": "2-5"}, ["numactl", "--physcpubind=2-5", "--membind=0", "--", "/run", "-v"]),
    ({"cpus": "2", "numa_nodes": [1, 0]}, ["numactl", "--physcpubind=2", "--membind=0,1", "--", "/run", "-v"]),
    ({"numa_nodes": [1]}, ["numactl", "--cpunodebind=1", "--membind=1", "--", "/run", "-v"]),
    ({"numa_nodes": []}, ["/run", "-v"]),
    ({"memory_by_numa": {"1": 7}}, ["numactl", "--cpunodebind=0", "--membind=0,1", "--", "/run", "-v"]),
]


@pytest.mark.parametrize(("entry", "command"), COMMANDS)
def test_command(entry, command):
    found = one(b.container(command=["/run"], args=["-v"]), **entry)
    assert found["command"] == command
    assert shlex.split(found["variables"]["GEDGE_COMMAND"]) == command


def test_without_a_command_of_its_own_there_is_none_to_run():
    assert "GEDGE_COMMAND" not in one(b.container())["variables"]


def test_what_the_author_wrote_stands():
    found = one(b.container(gpu=1, env={"CUDA_VISIBLE_DEVICES": "0", "X": "1"}), b.card(), uuids=UUIDS)
    assert found["variables"]["CUDA_VISIBLE_DEVICES"] == "0"
    assert found["file"] == "default.detector.0.main.env"


def test_a_shell_reads_the_file(tmp_path):
    value = "a \"b\" $HOME `id` \\ 'c'"
    (tmp_path / "x.env").write_text(text({"X": value, "Y": "2"}))
    script = f'. {tmp_path}/x.env; printf "%s|%s" "$X" "$Y"'
    shell = shutil.which("sh")
    assert subprocess.run([shell, "-c", script], capture_output=True, text=True, check=True).stdout == value + "|2"


def test_only_what_is_described_and_in_order():
    services = [b.service("b"), b.service("a", replicas=2)]
    entries = [b.placed("b"), b.placed("a", replica=1), b.placed("a"), b.placed("gone")]
    found = environments({"services": services}, {"placements": entries})
    assert [(one["service"], one["replica"]) for one in found] == [("a", 0), ("a", 1), ("b", 0)]


RUBBISH = [
    # services, placement, topologies, uuids
    ({"services": [{}]}, {"placements": []}, None, None),
    ({"services": []}, None, None, None),
    ({"services": []}, {"placements": []}, {"node1": {}}, None),
    ({"services": []}, {"placements": []}, {"node1": {"pci_devices": [{"address": []}]}}, None),
    ({"services": []}, {"placements": []}, 7, None),
    ({"services": []}, {"placements": []}, None, {"node1": []}),
]


@pytest.mark.parametrize(("services", "placement", "facts", "uuids"), RUBBISH)
def test_rubbish(services, placement, facts, uuids):
    with pytest.raises(ProblemsError):
        environments(services, placement, facts, uuids)
