"""What a cluster offers against what there is: each fault is named."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import cluster, pod_network

PF = "0000:21:00.0"
LINES = [
    "/var/lib/kubelet/plugins_registry/gedge.io_a.sock",
    f"/sys/bus/pci/devices/{PF}/virtfn0 ../0000:21:10.0",
    f"/sys/bus/pci/devices/{PF}/virtfn1 ../0000:21:10.2",
    "/sys/bus/pci/devices/0000:81:00.0/virtfn0 ../0000:81:10.0",
]
NETWORKS = {"sriov-a": {"vlan": 30}, "management": {"vlan": 20}}


def pool(part=PF, **more):
    """An entry of resourceList."""
    return {"resourcePrefix": "gedge.io", "resourceName": "a", "selectors": [{"rootDevices": [part], **more}]}


def node(count, name="gedge.io/a"):
    """[a Node] that offers so many."""
    return [{"metadata": {"name": "node1"}, "status": {"allocatable": {name: str(count)}}}]


@pytest.mark.parametrize(
    ("given", "count", "lines", "text"),
    [
        (pool(), 2, LINES, ""),
        (pool(PF + "#1"), 1, LINES, ""),
        (pool(PF + "#0-1"), 2, LINES, ""),
        (pool(), 1, LINES, "2 devices exist, 1 are allocatable on node1"),
        (pool(PF + "#1"), 2, LINES, "1 devices exist, 2 are allocatable on node1"),
        (pool(), 2, LINES[1:], "the plugin listens on no socket gedge.io_a.sock"),
        (pool(drivers=["igbvf"]), 9, LINES, ""),  # told otherwise than by numbers: only the socket is looked at
    ],
)
def test_pools(given, count, lines, text):
    found = cluster.device_pools(node(count), [given], lines, "present")["findings"]
    assert [row["what"] for row in found] == ([text] if text else [])


def test_what_is_left_after_absent():
    found = cluster.device_pools(node(2), [], LINES, "absent")["findings"]
    assert [row["device"] for row in found] == [LINES[0]]
    assert cluster.device_pools(node(0), [], LINES[1:], "absent")["findings"] == []
    assert "does not know it" in cluster.device_pools([], [], [], "present")["findings"][0]["what"]


CARD = "0000:5e:00.0"
CARDS = [f"{CARD} uio_pci_generic", "0000:00:1f.0 lpc_ich", "/var/lib/kubelet/plugins_registry/example.com_edu.sock"]


def cards_pool(driver="uio_pci_generic"):
    """An entry of the configuration of the plugin of cards."""
    return {"resourcePrefix": "example.com", "resourceName": "edu", "cards": [{"address": CARD, "driver": driver}]}


@pytest.mark.parametrize(
    ("given", "count", "lines", "text"),
    [
        (cards_pool(), 1, CARDS, ""),
        (cards_pool(), 0, CARDS, "1 cards shall be offered, 0 are allocatable"),
        (cards_pool(), 1, CARDS[:2], "the plugin listens on no socket for it"),
        (cards_pool("edu"), 1, CARDS, "has driver uio_pci_generic, it was offered with edu"),
        (cards_pool(), 1, CARDS[1:], "has driver None, it was offered with uio_pci_generic"),
    ],
)
def test_cards(given, count, lines, text):
    found = cluster.cards(node(count, "example.com/edu"), [given], lines, "present")["findings"]
    assert [row["what"] for row in found] == ([text] if text else [])


def test_cards_after_absent():
    assert cluster.cards(node(0), [], CARDS[:2], "absent")["findings"] == []
    assert [row["device"] for row in cluster.cards(node(0), [], CARDS, "absent")["findings"]] == [
        "example.com_edu.sock"
    ]
    assert "does not know it" in cluster.cards([], [], [], "present")["findings"][0]["what"]


SLICES = [{"spec": {"nodeName": "node1", "devices": [{}, {}]}}, {"spec": {"nodeName": "node2", "devices": [{}]}}]


@pytest.mark.parametrize(
    ("count", "slices", "gpus", "text"),
    [
        (2, [], 2, ""),
        (7, [], 1, ""),  # MIG devices
        (0, SLICES, 2, ""),
        (0, [], 0, ""),
        (1, [], 2, "the node has 2 GPUs, and 1 can be asked for"),
        (0, SLICES[1:], 1, "the node has 1 GPUs, and 0 can be asked for"),
    ],
)
def test_gpus_of_others(count, slices, gpus, text):
    found = cluster.others_gpus(node(count, "nvidia.com/gpu"), slices, ["0000:3b:00.0"] * gpus)["findings"]
    assert [row["what"] for row in found] == ([text] if text else [])


def definition(vlan=30, network="sriov-a", **more):
    """A NetworkAttachmentDefinition of a pool."""
    config = {"type": "sriov", "vlan": vlan, "capabilities": {"ips": True}, **more}
    notes = {"k8s.v1.cni.cncf.io/resourceName": "gedge.io/a"}
    labels = {"gedge.io/network": network}
    metadata = {"name": "a", "namespace": "default", "labels": labels, "annotations": notes}
    return {"metadata": metadata, "spec": {"config": json.dumps(config)}}


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (definition(), ""),
        (definition(0), ""),  # an access port
        (definition(40), "has VLAN 40, the testbed 30"),
        (definition(network="gone"), "is of a network that the testbed has not: gone"),
        (definition(capabilities={}), "takes no address from a pod"),
        (dict(definition(), spec={"config": "{"}), "its configuration is no JSON"),
    ],
)
def test_definitions(one, text):
    found = cluster.definitions([one], NETWORKS, ["default"])["findings"]
    assert [row["what"] for row in found][:1] == ([text] if text else [])
    assert len(found) == (2 if text else 0)  # and the namespace has none that is good


def test_definitions_that_nobody_asked_for():
    assert len(cluster.definitions([definition()], NETWORKS, [])["findings"]) == 1
    assert cluster.definitions([], NETWORKS, [])["findings"] == []
    assert cluster.definitions([], NETWORKS, ["vision"])["findings"][0]["device"] == "vision"


@pytest.mark.parametrize(
    ("lines", "mode", "count"),
    [
        (["N", "/usr/local/lib/gedge/rdma"], "exclusive", 0),
        (["Y", "/usr/local/lib/gedge/rdma"], "exclusive", 1),
        (["N"], "exclusive", 1),
        (["Y"], "shared", 0),
        (["none"], "shared", 0),
        (["Y", "/usr/local/lib/gedge/rdma"], "none", 1),
        (["Y"], "none", 0),
    ],
)
def test_rdma(lines, mode, count):
    assert len(cluster.rdma(node(1), [], lines, mode)["findings"]) == count


def test_a_shared_pool_of_which_nothing_is_offered():
    pools = [{"resourceName": "r"}]
    assert cluster.rdma(node(63, "rdma/r"), pools, ["Y"], "shared")["findings"] == []
    assert cluster.rdma(node(0, "rdma/r"), pools, ["Y"], "shared")["findings"][0]["device"] == "rdma/r"


def published(**amounts):
    """[a NodeResourceTopology] of two zones that have as much each."""
    rows = [{"name": name.replace("_", "/"), "allocatable": str(amount)} for name, amount in amounts.items()]
    return [{"metadata": {"name": "node1"}, "zones": [{"resources": rows}, {"resources": rows}]}]


@pytest.mark.parametrize(
    ("amounts", "shown", "device"),
    [
        ({"cpu": 2}, {"cpu": "3500m"}, ""),
        ({"cpu": 1}, {"cpu": "3"}, "cpu"),
        ({"memory": 1 << 30}, {"memory": "2Gi"}, ""),
        ({"memory": 1 << 29}, {"memory": "2Gi"}, "memory"),
        ({"x_vf": 2}, {"x/vf": "4"}, ""),
        ({"x_vf": 2}, {"x/vf": "3"}, "x/vf"),
    ],
)
def test_zones(amounts, shown, device):
    nodes = [{"metadata": {"name": "node1"}, "status": {"allocatable": shown}}]
    found = cluster.zones(published(**amounts), nodes, "present")["findings"]
    assert [row["device"] for row in found] == ([device] if device else [])
    assert cluster.zones([], nodes, "present")["findings"]
    assert cluster.zones([], nodes, "absent")["findings"] == []


HAS = ["conf 00-multus.conf", "conf 10-gedge-pods.conflist", "mtu 1450", "table"]


@pytest.mark.parametrize(
    ("replies", "tcp", "lines", "devices"),
    [
        (3, "open", HAS, []),
        (1, "refused", HAS, []),
        (3, "silent", HAS, ["node2"]),  # a NIC that computes checksums wrong
        (0, "silent", HAS, ["node2"]),
        (3, "open", HAS[:1] + HAS[2:], ["10-gedge-pods.conflist"]),
        (3, "open", HAS[:2] + HAS[3:], ["gedge-pods"]),
        (3, "open", HAS[:3], ["gedge_pods"]),
        (0, "silent", ["conf 10-calico.conflist"], []),
    ],
)
def test_the_pod_network(replies, tcp, lines, devices):
    peer = {"label": "node2", "address": "10.244.1.0"}
    found = pod_network.pod_network([dict(peer, sent=3, replies=replies)], lines, [dict(peer, answer=tcp)])
    assert [row["device"] for row in found["findings"]] == devices
    assert len(found["proof"]) == 1
