"""Cards in pods: QEMU's edu stands in for an FPGA, on uio on one node and on vfio-pci on the other. A pod that asks for
the catalogue's name gets the device node of that card and no other, on its NUMA node, and nothing takes it away."""

import json

import pytest
from helpers.cluster_lab import IDLE

# 5 minutes; "make soak" runs it.
pytestmark = pytest.mark.soak
IMAGE = "gedge.local/benchmark:1"
RESOURCE = "example.com/edu"
CATALOGUE = [{"name": "QEMU edu", "kind": "fpga", "vendor": "1234", "devices": ["11e8"], "resource": RESOURCE}]
# As an operator would write it, so that all playbooks know the card; and what a service asks for an FPGA by.
KNOWN = {"node_accelerator_catalogue": CATALOGUE, "service_manifests": {"resources": {"fpga": RESOURCE}}}
DRIVERS = {"node1": "uio_pci_generic", "node2": "vfio-pci"}
FIND = """cd /sys/bus/pci/devices
grep -lx 0x11e8 */device | while read f; do grep -qx 0x1234 ${f%/*}/vendor && echo ${f%/*}; done; true"""
BIND = """set -e
modprobe %(driver)s
cd /sys/bus/pci/devices/%(address)s
test ! -e driver || echo %(address)s > driver/unbind
echo %(driver)s > driver_override
echo %(address)s > /sys/bus/pci/drivers_probe
basename $(readlink driver)"""
FREE = """cd /sys/bus/pci/devices/%(address)s
test ! -e driver || echo %(address)s > driver/unbind
echo > driver_override"""
HELD = """cd /sys/bus/pci/devices/%(address)s
ls uio 2>/dev/null || basename $(readlink iommu_group)"""


def pod(node):
    """A Guaranteed pod with a card of its own, on one node."""
    amounts = {"cpu": "1", "memory": "64Mi", RESOURCE: "1"}
    container = {
        "name": "main",
        "image": IMAGE,
        "command": IDLE,
        "resources": {"limits": amounts, "requests": amounts},
    }
    spec = {"nodeName": node, "restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [container]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"card-{node}", "namespace": "default"},
        "spec": spec,
    }


def phase(cluster, node):
    """What the API server says of its pod."""
    return cluster.get("pod", f"card-{node}")["status"].get("phase")


def inside(cluster, node, *words):
    """What a command in the pod says."""
    return cluster.kubectl("exec", f"card-{node}", "--", *words, check=True).split("\n")


def known(*args):
    """Arguments of a playbook that knows the card."""
    return ["-e", json.dumps(KNOWN), *args]


@pytest.fixture(scope="module")
def cards(cluster):
    """{node: address} of the cards, bound, discovered and offered; free afterwards."""
    found = {node: cluster.run(node, FIND).stdout.split()[0] for node in DRIVERS}
    for node, address in found.items():
        said = cluster.run(node, BIND % {"driver": DRIVERS[node], "address": address}).stdout
        assert said.strip() == DRIVERS[node], f"{node}: {said}"
    cluster.made("discover")
    cluster.made("cluster", *known("--tags", "cluster_sriov,cluster_accelerator"))
    yield found
    cluster.kubectl("delete", "pods", *(f"card-{node}" for node in found), "--ignore-not-found")
    cluster.made("cluster", *known("--tags", "cluster_accelerator", "-e", "cluster_accelerator_state=absent"))
    for node, address in found.items():
        cluster.run(node, FREE % {"address": address})
    cluster.made("discover")


@pytest.fixture(scope="module")
def pods(cluster, cards):
    """The same, with a pod on each node that holds its card."""
    cluster.apply(*(pod(node) for node in cards))
    cluster.until(lambda: all(phase(cluster, node) == "Running" for node in cards), 300)
    return cards


def test_each_node_offers_its_card(cluster, cards):
    for node in cards:
        assert cluster.allocatable(node)[RESOURCE] == "1"
        lines = cluster.run(node, "ls /var/lib/kubelet/plugins_registry").stdout.split()
        assert "example.com_edu.sock" in lines


def test_a_second_run_changes_nothing(cluster, cards):
    play = cluster.made("cluster", *known("--tags", "cluster_accelerator,cluster_gpu"))
    assert [(task, node) for task, node, result in play.tasks if result.get("changed")] == []


def test_the_pod_has_the_device_node_of_its_card_and_no_other(cluster, pods):
    uio = cluster.run("node1", HELD % {"address": pods["node1"]}).stdout.split()
    assert [name for name in inside(cluster, "node1", "ls", "/dev") if name.startswith("uio")] == uio
    group = cluster.run("node2", HELD % {"address": pods["node2"]}).stdout.split()
    assert sorted(filter(None, inside(cluster, "node2", "ls", "/dev/vfio"))) == sorted([*group, "vfio"])
    for node, address in pods.items():
        assert f"PCIDEVICE_EXAMPLE_COM_EDU={address}" in inside(cluster, node, "env")


def test_its_cpu_is_on_the_numa_node_of_the_card(cluster, pods):
    for node, address in pods.items():
        numa = cluster.run(node, f"cat /sys/bus/pci/devices/{address}/numa_node").stdout.strip()
        cpus = cluster.run(node, f"cat /sys/devices/system/node/node{numa}/cpulist").stdout.strip()
        first, dummy, last = cpus.partition("-")
        line = next(
            line for line in inside(cluster, node, "cat", "/proc/1/status") if line.startswith("Cpus_allowed_list")
        )
        assert int(first) <= int(line.split()[1]) <= int(last or first), (node, numa, line)


def test_it_is_verified(cluster, pods):
    play = cluster.playbook("verify", *known("--tags", "cluster_accelerator"), timeout=3600)
    assert play.rc == 0, play.output[-6000:]


def test_a_card_that_a_pod_holds_is_not_taken_away(cluster, pods):
    play = cluster.playbook(
        "cluster", *known("--tags", "cluster_accelerator", "-e", "cluster_accelerator_state=absent")
    )
    assert play.rc != 0 and "is held by default/card-" in play.output
    assert all(phase(cluster, node) == "Running" for node in pods)


def test_a_card_that_loses_its_driver_is_told_as_sick(cluster, cards):
    """Without a pod: the driver of one that is open does not let go."""
    node, address = "node1", cards["node1"]
    cluster.kubectl("delete", "pod", f"card-{node}", "--ignore-not-found")
    cluster.run(node, FREE % {"address": address})
    cluster.until(lambda: cluster.allocatable(node)[RESOURCE] == "0", 120)
    cluster.run(node, BIND % {"driver": DRIVERS[node], "address": address})
    cluster.until(lambda: cluster.allocatable(node)[RESOURCE] == "1", 120)
