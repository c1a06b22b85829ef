"""Which layers --tags and --skip-tags choose, and which tags are refused: playbooks/vars/layers.yml."""

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.gedge.engine.plugins.filter.layer_faults import layer_faults

LAYERS = ["node_boot", "node_tuning", "node_sriov", "node_network", "node_rdma", "node_gpu", "node_fpga"]
LAYERS.append("node_accelerator")
CHOSEN = [
    (["all"], [], LAYERS),
    (["all", "node_sriov"], [], LAYERS),
    (["tagged"], [], LAYERS),
    (["node_sriov", "node_boot"], [], ["node_boot", "node_sriov"]),
    (["always"], [], []),
    (["untagged"], [], []),
    (["always", "node_gpu"], [], ["node_gpu"]),
    (["all"], LAYERS[:6], LAYERS[6:]),
    (["node_boot"], ["node_boot"], []),
    (["all"], ["all"], []),
    (["all"], ["tagged"], []),
    (["all"], ["untagged", "never"], LAYERS),
]
REFUSED = [
    (["all"], [], []),
    (["always", "tagged", "untagged", "never", "node_rdma"], ["all", "node_gpu"], []),
    (
        ["node_sriv"],
        [],
        ['no layer is called "node_sriv". Did you mean "node_sriov"? The layers: ' + ", ".join(LAYERS)],
    ),
    (
        ["all"],
        ["NODE-BOOT"],
        ['no layer is called "NODE-BOOT". Did you mean "node_boot"? The layers: ' + ", ".join(LAYERS)],
    ),
    (["xyz"], ["xyz"], ['no layer is called "xyz". The layers: ' + ", ".join(LAYERS)]),
    (["mine", "node_gpu"], ["mine too"], []),
    (["all"], ["molecule-notest", "notest", "molecule-idempotence-notest"], []),
]


@pytest.fixture
def value(root):
    """A function: a variable of the file with some tags."""

    def of(name, run, skip, **more):
        loader, known = DataLoader(), {}
        for file in ("layers.yml", "cluster.yml"):
            known.update(loader.load_from_file(str(root / "playbooks" / "vars" / file), trusted_as_template=True))
        tags = {"ansible_run_tags": tuple(run), "ansible_skip_tags": tuple(skip), "other_tags": ["mine", "mine too"]}
        return Templar(loader, {**known, **tags, **more}).template(known[name])

    return of


@pytest.mark.parametrize(("run", "skip", "chosen"), CHOSEN)
def test_chosen(value, run, skip, chosen):
    assert value("layers_chosen", run, skip) == chosen


@pytest.mark.parametrize(("run", "skip", "faults"), REFUSED)
def test_refused(value, run, skip, faults):
    assert value("tag_faults", run, skip) == faults


CLUSTER = ["cluster_control_plane", "cluster_runtime", "cluster_worker", "cluster_pod_network", "cluster_kubelet"]
CLUSTER += ["cluster_multus", "cluster_networks", "cluster_sriov", "cluster_rdma", "cluster_accelerator", "cluster_gpu"]
CLUSTER += ["cluster_topology", "cluster_storage"]
GROUPS = {"testbed": ["master", "node1"], "control_plane": ["master"], "workers": ["node1"]}
HERE = [
    (["all"], GROUPS, "master", [*LAYERS, "cluster_control_plane"]),
    (["all"], GROUPS, "node1", [*LAYERS, *CLUSTER[1:]]),
    (["all"], {"testbed": ["node1"], "workers": ["node1"]}, "node1", [*LAYERS, *CLUSTER[4:]]),
    (["all"], {"testbed": ["n1"], "control_plane": ["n1"], "workers": ["n1"]}, "n1", [*LAYERS, *CLUSTER]),
    (["node_gpu", "cluster_control_plane", "cluster_sriov"], GROUPS, "master", ["node_gpu", "cluster_control_plane"]),
    (["node_gpu", "cluster_control_plane", "cluster_sriov"], GROUPS, "node1", ["node_gpu", "cluster_sriov"]),
]


@pytest.mark.parametrize(("run", "groups", "host", "layers"), HERE)
def test_the_layers_of_a_host(value, run, groups, host, layers):
    """The control plane is on its own hosts, and nothing of ours makes a cluster that others made."""
    known = {"known_layers": LAYERS + CLUSTER, "groups": groups, "inventory_hostname": host}
    assert value("layers_here", run, [], **known) == layers


PODS = [
    (GROUPS, "master", CLUSTER[:2]),
    (GROUPS, "node1", CLUSTER[1:]),
    ({"testbed": ["n1"], "control_plane": ["n1"], "workers": ["n1"]}, "n1", CLUSTER),
]


@pytest.mark.parametrize(("groups", "host", "layers"), PODS)
def test_static_pods_bring_containerd_along(value, groups, host, layers):
    known = {"known_layers": CLUSTER, "groups": groups, "inventory_hostname": host}
    assert value("layers_here", ["all"], [], cluster_control_plane_mode="static-pods", **known) == layers


@pytest.mark.parametrize(
    ("layer", "given", "why"),
    [
        ("node_gpu", {"cluster_artifacts_result": {"failed": True}}, ""),
        ("node_gpu", {"ansible_check_mode": False}, ""),
        *((layer, {"ansible_check_mode": False}, "with --check only") for layer in CLUSTER),
        ("cluster_runtime", {"cluster_artifacts_result": {"failed": True}}, "cannot be had"),
        ("cluster_runtime", {"cluster_artifacts": {"a": {"path": "/nowhere/a"}}}, "not on this machine yet"),
        ("cluster_runtime", {"cluster_there": False}, ""),
        ("cluster_worker", {"cluster_there": False}, "no kubeconfig"),
        ("cluster_worker", {"cluster_worker_result": {"joined": False}}, ""),
        ("cluster_sriov", {"cluster_worker_result": {"joined": False}}, "not in the cluster yet"),
        ("cluster_sriov", {"cluster_worker_result": {"joined": True}}, ""),
        ("cluster_sriov", {}, ""),
    ],
)
def test_what_a_layer_waits_for(value, layer, given, why):
    known = {"ansible_check_mode": True, "cluster_there": True, "layer": layer, **given}
    found = value("cluster_layer_waits", ["all"], [], **known)
    assert why in found and bool(why) == bool(found)


def test_a_layer_of_a_cluster_is_chosen_only_where_it_is_known(value):
    assert value("layers_chosen", ["cluster_sriov"], []) == []
    assert value("tag_faults", ["cluster_sriov"], []) != []
    known = {"known_layers": LAYERS + CLUSTER}
    assert value("layers_chosen", ["cluster_sriov"], [], **known) == ["cluster_sriov"]
    assert value("tag_faults", ["cluster_sriov"], [], **known) == []


@pytest.mark.parametrize(
    ("names", "unknown"), [([], 0), ("node_boot", 0), ("boot", 1), (5, 1), ({"a": 1}, 1), ([["node_boot"], None], 2)]
)
def test_names_of_any_type(names, unknown):
    assert len(layer_faults(names, LAYERS)) == unknown


def test_a_playbook_without_tags_names_no_layers():
    assert layer_faults(["nosuch"], []) == ['no tag is called "nosuch": this playbook has none. Leave it out']
