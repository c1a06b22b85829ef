"""The second opinion on a kubelet, out of what it says of itself."""

import copy

import pytest
from ansible_collections.gedge.engine.plugins.plugin_utils.verify import kubelet

ASKED = {
    "cpu_manager_policy": "static",
    "cpu_manager_policy_options": {"full-pcpus-only": True},
    "cpu_manager_reconcile_period": "60s",
    "topology_manager_policy": "single-numa-node",
    "topology_manager_scope": "container",
    "memory_manager_policy": "Static",
    "kube_reserved": {"cpu": "0.5"},
    "system_reserved": {"memory": "1Gi"},
}
CONFIG = {
    "cpuManagerPolicy": "static",
    "cpuManagerPolicyOptions": {"full-pcpus-only": "true"},
    "cpuManagerReconcilePeriod": "1m0s",
    "topologyManagerPolicy": "single-numa-node",
    "topologyManagerScope": "container",
    "memoryManagerPolicy": "Static",
    "kubeReserved": {"cpu": "500m"},
    "systemReserved": {"memory": "1Gi"},
    "evictionHard": {"memory.available": "100Mi"},
    "reservedMemory": [{"numaNode": node, "limits": {"memory": "562Mi"}} for node in (0, 1)],
}
STATUS = {
    "capacity": {"cpu": "80", "memory": "8Gi", "hugepages-2Mi": "1Gi"},
    "allocatable": {"cpu": "79500m", "memory": "6044Mi", "hugepages-2Mi": "1Gi"},
}
WRONG = [
    ({"cpuManagerPolicy": "none"}, {}, "cpuManagerPolicy: static asked for, none found"),
    ({"cpuManagerPolicyOptions": {}}, {}, "cpuManagerPolicyOptions.full-pcpus-only: True asked for, none found"),
    ({"cpuManagerReconcilePeriod": "10s"}, {}, "cpuManagerReconcilePeriod: 60s asked for, 10s found"),
    ({"topologyManagerScope": "pod"}, {}, "topologyManagerScope: container asked for, pod found"),
    ({}, {"cpu": "80"}, "allocatable cpu: 79500m asked for, 80 found"),
    ({}, {"memory": "7Gi"}, "allocatable memory: 6044Mi asked for, 7Gi found"),
    ({"reservedMemory": []}, {}, "sum of reservedMemory: 1178599424 asked for, 0 found"),
]


def verdict(config=None, allocatable=None, asked=None):
    """Of the right answers with some changes."""
    status = copy.deepcopy(STATUS)
    status["allocatable"].update(allocatable or {})
    return kubelet.kubelet({"kubeletconfig": dict(CONFIG, **config or {})}, {"status": status}, asked or ASKED)


def test_right():
    found = verdict()
    assert found["findings"] == []
    assert found["proof"] == [
        "kubelet: static, single-numa-node, memory Static; 79500m of 80 CPUs allocatable, of which 79 can be pinned"
    ]


@pytest.mark.parametrize(
    ("owner", "cordoned", "turn", "count"),
    [("me", True, False, 1), ("me", True, True, 0), ("me", False, False, 0), ("", True, False, 0)],
    ids=["left by us", "being changed", "uncordoned by hand", "by others"],
)
def test_a_cordon_that_a_run_of_ours_has_left_is_told(owner, cordoned, turn, count):
    annotations = {"gedge.io/cordoned-by": owner} if owner else {}
    node = {"metadata": {"annotations": annotations}, "spec": {"unschedulable": cordoned}, "status": STATUS}
    found = kubelet.kubelet({"kubeletconfig": CONFIG}, node, ASKED, turn)["findings"]
    assert [one["device"] for one in found] == ["cordon"] * count


@pytest.mark.parametrize(("config", "allocatable", "words"), WRONG)
def test_wrong(config, allocatable, words):
    assert [row["what"] for row in verdict(config, allocatable)["findings"]] == [words]


def test_listed_cpus_take_the_place_of_amounts():
    asked = dict(ASKED, reserved_cpus="0,40", kube_reserved={})
    config = {"reservedSystemCPUs": "0,40", "systemReserved": {"memory": "1Gi", "cpu": "2"}, "kubeReserved": None}
    assert verdict(config, {"cpu": "78"}, asked)["findings"] == []
    assert verdict({"reservedSystemCPUs": "0"}, {"cpu": "79"}, asked)["findings"][0]["device"] == "reservedSystemCPUs"


def test_a_share_of_the_memory_is_not_judged():
    assert verdict({"evictionHard": {"memory.available": "5%"}})["findings"] == []
