"""What a pod really got, out of a recorded tree: cgroups as a kubelet with the systemd driver names them."""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.pods import cgroup, network
from ansible_collections.gedge.engine.plugins.module_utils.pods.read import read
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System

UID = "6f0c1f0e-31f3-4a3e-8f0e-9d1b6a0c2f11"
TAIL = "pod6f0c1f0e_31f3_4a3e_8f0e_9d1b6a0c2f11.slice"
GUARANTEED = f"sys/fs/cgroup/kubepods.slice/kubepods-{TAIL}"
BURSTABLE = f"sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-{TAIL}"
PF, VF = "0000:21:00.0", "0000:21:10.2"
PIDS = (4242, 4250)
# iproute2 6.15 in a pod: the bridge's eth0, the VF as net1.
ADDR = [
    {"ifname": "lo", "address": "00:00:00:00:00:00", "addr_info": [{"local": "127.0.0.1", "prefixlen": 8}]},
    {
        "ifname": "eth0",
        "address": "0a:58:0a:58:00:05",
        "linkinfo": {"info_kind": "veth"},
        "addr_info": [
            {"local": "10.88.0.5", "prefixlen": 16, "scope": "global"},
            {"local": "fe80::1", "prefixlen": 64, "scope": "link"},
        ],
    },
    {
        "ifname": "net1",
        "address": "02:00:00:00:30:01",
        "parentbus": "pci",
        "parentdev": VF,
        "addr_info": [{"local": "192.168.20.109", "prefixlen": 28, "scope": "global"}],
    },
]
# The same two forms of vfinfo_list that iproute2 had: one VLAN in the row, or a list of them.
VFINFO = {
    "old": {"vf": 1, "mac": "02:00:00:00:30:01", "vlan": 30, "qos": 3, "trust": False, "spoofchk": True},
    "new": {"vf": 1, "address": "02:00:00:00:30:01", "vlan_list": [{"vlan": 30, "qos": 3}], "trust": False},
}


class Recorded(System):
    """A saved tree, with the answers of the two commands."""

    def __init__(self, root, info):
        super().__init__(root)
        self.info, self.ran = info, []

    def run(self, argv, check=True, stdin=None):
        self.ran.append(argv)
        said = ADDR if argv[0] == "nsenter" else [{"ifname": "lo"}, {"ifname": "ens1f0", "vfinfo_list": [self.info]}]
        return CommandResult(0, json.dumps(said), "")


def write(root, path, text=""):
    """A file of the tree."""
    real = pathlib.Path(root, path)
    real.parent.mkdir(parents=True, exist_ok=True)
    real.write_text(text, encoding="utf-8")


def link(root, path, target):
    """A symbolic link of the tree."""
    real = pathlib.Path(root, path)
    real.parent.mkdir(parents=True, exist_ok=True)
    os.symlink(target, real)


def tree(root, folder=GUARANTEED):
    """A node with one pod: CPU 2 and memory of NUMA node 0, VF 1 of a PF, a GPU, an RDMA device, a VFIO group."""
    write(root, "sys/fs/cgroup/cgroup.controllers", "cpuset cpu memory\n")
    scope = f"{folder}/cri-containerd-4fd2c0.scope"
    write(root, f"{folder}/cri-containerd-aaaa.scope/cgroup.procs", "4200\n")
    write(root, f"{scope}/cpuset.cpus.effective", "2-3\n")
    write(root, f"{scope}/cpuset.mems.effective", "0\n")
    write(root, f"{scope}/cgroup.procs", f"{PIDS[0]}\n")
    write(root, f"{scope}/init.scope/cgroup.procs", f"{PIDS[1]}\n")
    write(root, f"{scope}/memory.numa_stat", "anon N0=4096000 N1=4096\nfile N0=8192 N1=999999\nshmem N0=100 N1=0\n")
    write(root, f"{scope}/hugetlb.2MB.numa_stat", "total=2097152 N0=2097152 N1=0\n")
    link(root, "sys/class/net/ens1f0/device", f"../../../{PF}")
    link(root, f"sys/bus/pci/devices/{VF}/physfn", f"../{PF}")
    for number, vf in enumerate(("0000:21:10.0", VF)):
        link(root, f"sys/bus/pci/devices/{PF}/virtfn{number}", f"../{vf}")
    inside = f"proc/{PIDS[0]}/root"
    link(root, f"{inside}/sys/class/net/net1/device", f"../../../{VF}")
    for name in ("nvidia0", "nvidiactl", "infiniband/uverbs1", "vfio/12", "vfio/vfio", "null"):
        write(root, f"{inside}/dev/{name}")
    write(root, "proc/driver/nvidia/gpus/0000:3B:00.0/information", "Model: A100\nDevice Minor: \t 0\n")
    write(root, "proc/driver/nvidia/gpus/0000:5e:00.0/information", "Model: A100\nDevice Minor: \t 1\n")
    write(root, "sys/class/infiniband_verbs/uverbs1/ibdev", "rxe0\n")
    write(root, "sys/class/infiniband_verbs/uverbs2/ibdev", "rxe1\n")
    link(root, "sys/class/infiniband_verbs/uverbs1/device", f"../../../{VF}")
    write(root, "sys/kernel/iommu_groups/12/devices/0000:21:10.0")
    link(root, "sys/bus/pci/devices/0000:21:10.0/physfn", f"../{PF}")


def asked(**more):
    """The pod as the API server knows it."""
    return {
        "uid": UID,
        "namespace": "default",
        "name": "camera-x",
        "containers": {"main": "containerd://4fd2c0"},
        **more,
    }


@pytest.mark.parametrize("folder", [GUARANTEED, BURSTABLE], ids=["guaranteed", "burstable"])
@pytest.mark.parametrize("form", VFINFO)
def test_all_that_a_pod_got(tmp_path, folder, form):
    tree(tmp_path, folder)
    (pod,) = read(Recorded(tmp_path, VFINFO[form]), [asked()])["pods"]
    assert pod["problem"] == ""
    box = pod["containers"]["main"]
    assert (box["cpus"], box["mems"], box["memory"]) == ("2-3", "0", {"0": 4096100 + 2097152, "1": 4096})
    assert box["rdma"] == [{"name": "rxe0", "pci": VF}] and box["gpus"] == ["0000:3b:00.0"]
    (group,) = box["vfio"]
    assert (group["pci"], group["vf"]["pf"], group["vf"]["number"]) == ("0000:21:10.0", PF, 0)
    eth0, net1 = pod["interfaces"]
    assert (eth0["kind"], eth0["addresses"], eth0["vf"]) == ("veth", ["10.88.0.5/16"], None)
    assert (net1["kind"], net1["pci"], net1["addresses"]) == ("vf", VF, ["192.168.20.109/28"])
    port = net1["vf"]["port"]
    assert (net1["vf"]["pf"], net1["vf"]["number"]) == (PF, 1)
    assert (port["mac"], port["vlan"], port["qos"]) == ("02:00:00:00:30:01", 30, 3)


def test_the_kernels_own_word_where_a_container_has_no_sysfs(tmp_path):
    tree(tmp_path)
    os.unlink(tmp_path / f"proc/{PIDS[0]}/root/sys/class/net/net1/device")
    (pod,) = read(Recorded(tmp_path, VFINFO["new"]), [asked()])["pods"]
    assert pod["interfaces"][1]["pci"] == VF


def test_the_pfs_are_asked_once_for_all_pods(tmp_path):
    tree(tmp_path)
    system = Recorded(tmp_path, VFINFO["new"])
    assert len(read(system, [asked(), asked()])["pods"]) == 2
    assert [argv[0] for argv in system.ran].count("ip") == 1


FAULTS = {
    "another pod": (asked(uid="0" * 8), "the pod 00000000 has no cgroup"),
    "another container": (asked(containers={"main": "containerd://bbbb"}), "container main (containerd://bbbb) has no"),
    "not started": (asked(containers={"main": ""}), "container main (without an id) has no cgroup"),
}


@pytest.mark.parametrize("title", FAULTS)
def test_what_cannot_be_read_is_told_and_the_others_are_read(tmp_path, title):
    tree(tmp_path)
    pod, said = FAULTS[title]
    found = read(Recorded(tmp_path, VFINFO["new"]), [pod, asked()])["pods"]
    assert said in found[0]["problem"] and found[0]["containers"] == {}
    assert found[1]["problem"] == ""


def test_a_container_without_a_process(tmp_path):
    tree(tmp_path)
    for name in ("", "/init.scope"):
        write(tmp_path, f"{GUARANTEED}/cri-containerd-4fd2c0.scope{name}/cgroup.procs")
    (pod,) = read(Recorded(tmp_path, VFINFO["new"]), [asked()])["pods"]
    assert "container main has no process" in pod["problem"]


def test_cgroup_v1_is_refused(tmp_path):
    with pytest.raises(EngineError, match=r"cgroup v1 or both.*systemd\.unified_cgroup_hierarchy=1"):
        read(System(tmp_path), [asked()])


def test_no_kubelet_at_all(tmp_path):
    write(tmp_path, "sys/fs/cgroup/cgroup.controllers")
    with pytest.raises(EngineError, match=r"there is no kubepods\.slice at all"):
        cgroup.find(System(tmp_path), UID)


CHILD = "import sys; print('ready', flush=True); sys.stdin.read()"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes network namespaces")
def test_a_real_network_namespace():
    """A process in a namespace of its own, with a veth pair and an address."""
    words = ["unshare", "--net", sys.executable, "-c", CHILD]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        if child.stdout.readline() != b"ready\n":
            child.stdin.close()
            pytest.skip("this machine makes no network namespaces")
        inside = ["nsenter", "-t", str(child.pid), "-n", "ip"]
        made = subprocess.run([*inside, "link", "add", "net1", "type", "veth", "peer", "net2"], check=False)
        if made.returncode:
            child.stdin.close()
            pytest.skip("this kernel has no veth")
        subprocess.run([*inside, "addr", "add", "10.254.1.1/30", "dev", "net1"], check=True)
        found = {one["name"]: one for one in network.interfaces(System(), child.pid)}
        child.stdin.close()
    assert found["net1"]["addresses"] == ["10.254.1.1/30"] and found["net1"]["kind"] == "veth"
    assert found["net1"]["mac"] and found["net1"]["pci"] is None and "lo" not in found
