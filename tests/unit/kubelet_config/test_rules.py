"""What is refused before anything is touched: each rule with its path and its words, all faults at once."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet_config import launch

from .conftest import BASE, CONFIG

STATIC = {"cpu_manager_policy": "static", "reserved_cpus": "0,8"}
SINGLE = {"topology_manager_policy": "single-numa-node"}
MEMORY = {"memory_manager_policy": "Static", "system_reserved": {"memory": "1Gi"}}
# options, path, words: what needs no node
WRITTEN = [
    (
        {"cpu_manager_policy_options": {"full-pcpu-only": True}},
        "cpu_manager_policy_options.full-pcpu-only",
        "no option",
    ),
    (
        {"cpu_manager_policy_options": {"full-pcpus-only": "yes"}},
        "cpu_manager_policy_options.full-pcpus-only",
        "neither",
    ),
    (
        {"cpu_manager_policy_options": {"full-pcpus-only": True, "distribute-cpus-across-cores": True}},
        "cpu_manager_policy_options.full-pcpus-only",
        "together with",
    ),
    (
        {"cpu_manager_policy_options": {"prefer-align-cpus-by-uncorecache": 1, "distribute-cpus-across-numa": True}},
        "cpu_manager_policy_options.prefer-align-cpus-by-uncorecache",
        "",
    ),
    (
        {"topology_manager_policy_options": {"max-allowable-numa-nodes": 7}},
        "topology_manager_policy_options.max",
        "from 8",
    ),
    (
        {"topology_manager_policy_options": {"prefer-closest": True}},
        "topology_manager_policy_options.prefer",
        "no option",
    ),
    ({"reserved_cpus": "3-1"}, "reserved_cpus", "runs backwards"),
    ({"reserved_cpus": "0", "kube_reserved": {"cpu": 1}}, "kube_reserved.cpu", "does not count"),
    ({"kube_reserved": {"memroy": "1Gi"}}, "kube_reserved.memroy", "cannot be reserved"),
    ({"kube_reserved": {"memory": "1GB"}}, "kube_reserved.memory", "unit"),
    ({"kube_reserved": {"memory": "100m"}}, "kube_reserved.memory", "fraction of a byte"),
    ({"system_reserved": {"cpu": "-1"}}, "system_reserved.cpu", "no quantity"),
    ({"eviction_hard": {"memory.availble": "1Gi"}}, "eviction_hard.memory.availble", "no signal"),
    ({"eviction_hard": {"memory.available": "101%"}}, "eviction_hard.memory.available", "percentage"),
    ({"eviction_hard": {"memory.available": "0"}}, "eviction_hard.memory.available", "more than nothing"),
    ({"cpu_manager_reconcile_period": "5"}, "cpu_manager_reconcile_period", "length of time"),
    ({"cpu_manager_reconcile_period": "0s"}, "cpu_manager_reconcile_period", "length of time"),
    ({"feature_gates": {"CPUManagerPolicyAlphaOption": True}}, "feature_gates.CPUManager", "no feature gate"),
    ({"feature_gates": {"CPUManagerPolicyAlphaOptions": "on"}}, "feature_gates.CPUManager", "neither"),
    ({"timeout": 0}, "timeout", "not within"),
]
# options, path, words: what this node or kubelet cannot have
REFUSED = [
    ({"cpu_manager_policy": "static"}, "cpu_manager_policy", "needs CPUs that are reserved"),
    (dict(STATIC, reserved_cpus="0,16"), "reserved_cpus", "CPU 16 is not there, or offline"),
    ({"cpu_manager_policy_options": {"full-pcpus-only": True}}, "cpu_manager_policy_options", "cannot be set while"),
    (
        dict(STATIC, reserved_cpus="0", cpu_manager_policy_options={"full-pcpus-only": True}),
        "reserved_cpus",
        "nothing can be pinned to CPU 8",
    ),
    (
        {
            "cpu_manager_policy": "static",
            "kube_reserved": {"cpu": "500m"},
            "cpu_manager_policy_options": {"full-pcpus-only": True},
        },
        "system_reserved.cpu",
        "splits a core",
    ),
    (dict(STATIC, reserved_cpus="0-15"), "system_reserved.cpu", "leaves no CPU"),
    ({"system_reserved": {"cpu": 17}}, "system_reserved.cpu", "reserves 17 of 16 CPUs"),
    (
        dict(STATIC, cpu_manager_policy_options={"align-by-socket": True}),
        "cpu_manager_policy_options.align-by-socket",
        "CPUManagerPolicyAlphaOptions",
    ),
    (
        dict(
            STATIC,
            **SINGLE,
            cpu_manager_policy_options={"align-by-socket": True},
            feature_gates={"CPUManagerPolicyAlphaOptions": True},
        ),
        "cpu_manager_policy_options.align-by-socket",
        "single-numa-node",
    ),
    (
        dict(
            STATIC,
            cpu_manager_policy_options={"distribute-cpus-across-numa": True},
            feature_gates={"CPUManagerPolicyBetaOptions": False},
        ),
        "cpu_manager_policy_options.distribute-cpus-across-numa",
        "CPUManagerPolicyBetaOptions",
    ),
    (
        {"memory_manager_policy": "Static", "eviction_hard": {"memory.available": "0%"}},
        "memory_manager_policy",
        "needs",
    ),
    ({"system_reserved": {"memory": "9Gi"}}, "system_reserved.memory", "more than the 8192 MiB"),
    (dict(MEMORY, eviction_hard={"memory.available": "5%"}), "eviction_hard.memory.available", "to the byte"),
]


@pytest.mark.parametrize(("options", "path", "words"), WRITTEN)
def test_what_is_wrong_on_any_node(node, problems, options, path, words):
    with pytest.raises(ProblemsError) as caught:
        problems(node, **options)
    found = [(one.path, one.what) for one in caught.value.problems]
    assert any(one.startswith(path) and words in what for one, what in found), found
    assert node.log == []


@pytest.mark.parametrize(("options", "path", "words"), REFUSED)
def test_what_this_node_cannot_have(node, problems, options, path, words):
    found = problems(node, **options)
    assert len(found) == 1
    assert found[0][0] == path and words in found[0][1], found


@pytest.mark.parametrize("options", [{}, STATIC, dict(STATIC, **SINGLE), dict(STATIC, **SINGLE, **MEMORY), MEMORY])
def test_what_is_right(node, problems, options):
    assert problems(node, **options) == []


def test_all_faults_at_once_with_what_to_write_instead(node, kubelet):
    with pytest.raises(ProblemsError) as caught:
        kubelet(node, kube_reserved={"memroy": 1}, eviction_hard={"x": 1}, cpu_manager_policy_options={"fullpcpus": 1})
    assert len(caught.value.problems) == 3
    assert 'Did you mean "memory"?' in caught.value.text()


@pytest.mark.parametrize(
    ("version", "option", "words"),
    [
        ("v1.29.4", None, "reads no folder"),
        ("v1.31.0", "strict-cpu-reservation", "does not know it yet"),
        ("v1.32.1", "strict-cpu-reservation", "CPUManagerPolicyAlphaOptions"),
        ("v1.33.0", "strict-cpu-reservation", ""),
        ("v1.33.0", "prefer-align-cpus-by-uncorecache", "CPUManagerPolicyAlphaOptions"),
        ("v1.34.0", "prefer-align-cpus-by-uncorecache", ""),
    ],
)
def test_each_kubelet_has_its_options(node, problems, version, option, words):
    node.version = version
    found = problems(node, **dict(STATIC, cpu_manager_policy_options={option: True} if option else {}))
    assert [what for dummy, what in found if words in what] if words else found == []


def test_reserved_cpus_stand_alone(make_node, problems):
    node = make_node(base=BASE + "systemReservedCgroup: /system.slice\n")
    assert "systemReservedCgroup" in problems(node, **STATIC)[0][1]


@pytest.mark.parametrize("where", ["/var/lib/kubelet/kubeadm-flags.env", "/etc/default/kubelet"])
def test_a_flag_that_wins_over_files_is_told(node, problems, where):
    name = "KUBELET_KUBEADM_ARGS" if "kubeadm" in where else "KUBELET_EXTRA_ARGS"
    node.put(where, f'{name}="--cpu-manager-policy none"\n')
    assert problems(node, **STATIC)[0][0] == "cpu_manager_policy"


def test_a_drop_in_that_is_read_later_is_told(node, problems):
    node.put(f"{launch.FOLDER}/zz.conf", "kind: KubeletConfiguration\ncpuManagerPolicy: none\nmaxPods: 9\n")
    assert problems(node, **STATIC) == [(f"{launch.FOLDER}/zz.conf", "sets cpuManagerPolicy and is read after ours")]
    node.put(f"{launch.FOLDER}/zz.conf", "kind: KubeletConfiguration\nmaxPods: 9\n")
    assert problems(node, **STATIC) == []


def test_a_drop_in_before_ours_counts(node, problems):
    node.put(f"{launch.FOLDER}/10-site.conf", "kind: KubeletConfiguration\nkubeReserved:\n  cpu: 500m\n")
    assert problems(node, cpu_manager_policy="static") == []


def test_nine_numa_nodes_need_an_option(make_node, problems):
    node = make_node()
    for number in range(2, 9):
        node.put(f"/sys/devices/system/node/node{number}/meminfo", f"Node {number} MemTotal: 1048576 kB\n")
        node.put(f"/sys/devices/system/node/node{number}/cpulist", "\n")
    node.put("/sys/devices/system/node/online", "0-8\n")
    assert "limit is 8" in problems(node, **SINGLE)[0][1]
    assert problems(node, **SINGLE, topology_manager_policy_options={"max-allowable-numa-nodes": 9}) == []


def test_no_kubelet_no_traceback(node, kubelet):
    node.answer = lambda argv: type("R", (), {"rc": 0, "out": "LoadState=not-found\nFragmentPath=\n", "err": ""})()
    with pytest.raises(Exception, match="Install the kubelet and join the node first"):
        kubelet(node)
    assert kubelet(node, state="absent")["steps"] == []


def test_a_node_that_has_not_joined_is_told(node, kubelet):
    node.remove_file(CONFIG)
    node.log.clear()
    with pytest.raises(Exception, match="Join the node first"):
        kubelet(node)
    assert node.log == []
