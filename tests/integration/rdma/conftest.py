"""Both nodes with a VF in VLAN 30 that has an address, and nothing of RDMA; afterwards as before."""

import pytest

PF = "0000:21:00.0"
VF = "ens1f0v0"
# In VLAN 30, but beside the addresses of network sriov-a: a port may have one of those, and the route would choose it.
ADDRESS = {"node1": "192.168.20.113", "node2": "192.168.20.114"}
# All that the module may leave: files, folders, devices, mode, modules of its own.
LOOK = (
    "find /etc /var/lib/gedge /run/gedge ! -type d 2>/dev/null | grep -i gedge | grep -v -e sriov -e lab-seed | sort;"
    "ls -d /etc/systemd/system/*.service.d 2>/dev/null; ls /sys/class/infiniband 2>/dev/null;"
    "ls /sys/kernel/config/rdma_cm 2>/dev/null; cat /etc/security/limits.d/* 2>/dev/null"
)


def sriov(lab, node, **options):
    """Run module sriov on a node."""
    done = lab.module(node, "gedge.engine.sriov", dict({"allow_vf_loss": [PF]}, **options))
    assert done.rc == 0, done.output


def absent(lab, node):
    """Take RDMA away."""
    done = lab.module(node, "gedge.engine.rdma", {"state": "absent"})
    assert done.rc == 0, done.output


@pytest.fixture
def vfs(lab):
    """The lab, each node with VF 0 of ens1f0 in VLAN 30, up, with an address."""
    pfs = [{"select": {"address": PF}, "count": 2, "vfs": [{"range": "0-1", "vlan": 30}]}]
    for node in lab.nodes:
        absent(lab, node)
        sriov(lab, node, pfs=pfs)
        lab.run(node, f"ip link set {VF} up && ip addr replace {ADDRESS[node]}/28 dev {VF}")
    yield lab
    for node in lab.nodes:
        lab.run(node, "ip netns del away", check=False)
        absent(lab, node)
        sriov(lab, node, state="absent")


@pytest.fixture
def look():
    """A function: what a node has that the module may leave behind."""
    return lambda lab, node: lab.run(node, LOOK, check=False).stdout
