"""NodeResourceTopology: what each NUMA node has, and what is left of it for pods."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.manifests import zones

GIB = 1 << 30
VF = "0000:21:10.0"
TOPOLOGY = {
    "cpus": [{"cpu": number, "online": number != 7} for number in range(8)],
    "numa_nodes": [
        {
            "node": number,
            "cpus": list(range(4 * number, 4 * number + 4)),
            "distances": [10, 21] if number == 0 else [21, 10],
            "memory_bytes": 4 * GIB,
            "hugepages": {"2048kB": {"total": 512 * number}},
        }
        for number in (0, 1)
    ],
    "pci_devices": [{"address": VF, "numa_node": 0}, {"address": "0000:81:10.0", "numa_node": -1}],
}
NODE = {
    "metadata": {"name": "node1", "uid": "u"},
    "status": {
        "capacity": {"memory": "8Gi", "hugepages-2Mi": "1Gi"},
        "allocatable": {"memory": "6Gi", "hugepages-2Mi": "1Gi"},
    },
}


def made(config=None, devices=None, **more):
    """{zone: {resource: (capacity, allocatable)}}"""
    one = zones.node_resource_topology(dict(TOPOLOGY, **more), config or {}, devices or {}, NODE)
    return {
        zone["name"]: {row["name"]: (row["capacity"], row["allocatable"]) for row in zone["resources"]}
        for zone in one["zones"]
    }


@pytest.mark.parametrize(
    ("config", "cpus", "memory"),
    [
        ({}, ("4", "3"), 4 * GIB - GIB // 2),  # the kubelet keeps 1 GiB besides the pages: half of it here
        ({"reservedSystemCPUs": "0,4"}, ("3", "2"), 4 * GIB - GIB // 2),
        ({"reservedMemory": [{"numaNode": 0, "limits": {"memory": "256Mi"}}]}, ("4", "3"), 4 * GIB - (256 << 20)),
    ],
)
def test_what_the_kubelet_keeps(config, cpus, memory):
    found = made(config)
    assert (found["node-0"]["cpu"][1], found["node-1"]["cpu"][1]) == cpus
    assert found["node-1"]["cpu"][0] == "3"  # one is offline
    assert found["node-0"]["memory"] == (str(4 * GIB), str(memory))


def test_pages_are_no_memory():
    found = made({"reservedMemory": [{"numaNode": 0, "limits": {"memory": "256Mi"}}]})
    assert found["node-1"]["memory"] == (str(4 * GIB), str(3 * GIB))
    assert found["node-1"]["hugepages-2Mi"] == (str(GIB), str(GIB))


def test_devices_are_where_they_are_and_an_unknown_place_is_nowhere():
    found = made(devices={"gedge.io/a": [VF, "0000:81:10.0"]})
    assert (found["node-0"]["gedge.io/a"], found["node-1"]["gedge.io/a"]) == (("1", "1"), ("0", "0"))
    with pytest.raises(
        EngineError, match=r"has no device 0000:99:10\.0, which is in pool gedge\.io/a\. Run playbook discover"
    ):
        made(devices={"gedge.io/a": ["0000:99:10.0"]})


@pytest.mark.parametrize(
    ("policy", "scope", "old"),
    [
        ("single-numa-node", "container", "SingleNUMANodeContainerLevel"),
        ("restricted", "pod", "RestrictedPodLevel"),
        (None, None, "None"),
    ],
)
def test_the_policy(policy, scope, old):
    config = {"topologyManagerPolicy": policy, "topologyManagerScope": scope} if policy else {}
    one = zones.node_resource_topology(TOPOLOGY, config, {}, NODE)
    told = {row["name"]: row["value"] for row in one["attributes"]}
    assert told == {"topologyManagerPolicy": policy or "none", "topologyManagerScope": scope or "container"}
    assert one["topologyPolicies"] == [old]
    assert one["zones"][1]["costs"] == [{"name": "node-0", "value": 21}, {"name": "node-1", "value": 10}]
    assert one["metadata"]["ownerReferences"][0]["uid"] == "u"
