"""The acceleration roles on a cluster that kubeadm made, from the plan to the removal. The tests follow each other."""

import json
import pathlib

import pytest
import yaml
from helpers.cluster_lab import IDLE

NODE = "node1"
IMAGE = "gedge.local/benchmark:1"
LEFT = "cluster_control_plane, cluster_runtime, cluster_worker, cluster_pod_network"
OURS = ["cluster_kubelet", "cluster_multus", "cluster_networks", "cluster_sriov", "cluster_rdma", "cluster_accelerator"]
OURS += ["cluster_gpu", "cluster_topology", "cluster_storage"]
# Under emulation a probe fails now and then, and the next one comes late.
SETTLE_S = 900
PODS = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"}
CAMERA = {
    "name": "camera",
    "containers": [
        {
            "image": IMAGE,
            "command": IDLE,
            "resources": {"cpu": 1, "memory": "64Mi"},
            "acceleration": {"topology": "single-numa-node", "communication": {"sriov": 1}},
        }
    ],
    "networks": {"sriov": ["sriov-a"]},
}


@pytest.fixture(scope="module")
def before(byo):
    """What others had set up on the node and in the control plane before our roles came."""
    byo.until(lambda: set(byo.static_pods()) == PODS, SETTLE_S, "not all static pods are ready")
    return {"files": byo.files(), "pods": byo.static_pods()}


def goes_on(byo, before):
    """Whether the cluster is as kubeadm made it; a pod is ready some seconds after its kubelet has started anew."""
    byo.until(
        lambda: byo.static_pods() == before["pods"], SETTLE_S, "not all static pods are ready, or they are others"
    )
    assert byo.ready() == [NODE] and byo.cordoned() == []


def text_of(play):
    """What was said, in one line."""
    return " ".join(play.output.split())


def steps_of(plan):
    """[(role, action, target)] of a saved plan."""
    return [(step["role"], step["action"], step["target"]) for step in plan["nodes"][NODE]["steps"]]


@pytest.fixture(scope="module")
def service(byo, tmp_path_factory):
    """A function: playbook service with these services: (Play, the folder of what came out)."""
    folder = tmp_path_factory.mktemp("service")

    def run(wanted, **variables):
        (folder / "edge.yml").write_text(yaml.safe_dump({"services": wanted}), encoding="utf-8")
        given = {"service_file": str(folder / "edge.yml"), "service_dir": str(folder / "out"), "deploy": True}
        return byo.play("service", "-e", json.dumps({**given, **variables})), folder / "out"

    return run


def test_kubeadm_made_it(byo, before):
    assert byo.ready() == [NODE] and set(before["pods"]) == PODS
    assert not [path for path in before["files"] if "gedge" in path and "kube" in path]


def test_without_a_kubeconfig_nobody_knows_the_cluster(byo):
    play = byo.play("cluster", env={"KUBECONFIG": ""})
    assert play.rc == 2 and play.changed() == 0
    assert "group control_plane" in text_of(play) and "KUBECONFIG" in text_of(play)


def test_the_plan_says_it(byo):
    """With the programs here, as playbook artifacts leaves them; without them it could only say plan-again."""
    assert byo.play("artifacts").rc == 0
    play = byo.play("plan", "--check")
    plan = json.loads((byo.facts / "plan.json").read_text(encoding="utf-8"))
    assert play.rc == 2 and f"left alone: {LEFT}" in text_of(play), play.output[-4000:]
    print(json.dumps(plan, indent=1))
    roles = {role for role, dummy, dummy in steps_of(plan) if role.startswith("cluster_")}
    assert roles <= set(OURS) and {"cluster_kubelet", "cluster_sriov"} <= roles


def test_cluster_brings_what_accelerates_and_nothing_else(byo, before):
    play = byo.play("cluster")
    assert play.rc == 0, play.output[-8000:]
    assert f"left alone: {LEFT}" in text_of(play)
    now = byo.files()
    assert {path: now.get(path) for path in before["files"]} == before["files"]  # none changed, none gone
    new = sorted(set(now) - set(before["files"]))
    print("\n".join(new))
    assert [path for path in new if "gedge" not in path and "/pcidp/" not in path] == [
        "/etc/cni/net.d/00-multus.conf",
        "/opt/cni/bin/multus",
        "/opt/cni/bin/sriov",
    ]
    goes_on(byo, before)


def test_the_kubelet_of_kubeadm_has_our_policies(byo):
    config = json.loads(byo.kubectl("get", "--raw", f"/api/v1/nodes/{NODE}/proxy/configz"))["kubeletconfig"]
    policies = [config[f"{name}ManagerPolicy"] for name in ("cpu", "topology", "memory")]
    assert policies == ["static", "single-numa-node", "Static"] and config["reservedSystemCPUs"] == "0"
    assert config["staticPodPath"] == "/etc/kubernetes/manifests"  # what kubeadm wrote still counts
    allocatable = byo.allocatable(NODE)
    assert allocatable["cpu"] == "3" and allocatable["gedge.io/sriov_b_81_00_0"] == "3"


def test_the_second_run_changes_nothing(byo):
    play = byo.play("cluster")
    assert play.rc == 0, play.output[-4000:]
    assert [(task, result) for task, dummy, result in play.tasks if result.get("changed")] == []
    plan = byo.play("plan", "--check", "--tags", ",".join(OURS))
    assert plan.rc == 0, plan.output[-4000:]


def test_it_is_verified(byo):
    play = byo.play("verify", "--tags", ",".join(OURS))
    assert play.rc == 0, play.output[-4000:]


def test_a_service_has_what_was_promised(byo, service):
    assert byo.play("lab_images").rc == 0
    play, folder = service([CAMERA])
    assert play.rc == 0, play.output[-6000:]
    proof = json.loads(pathlib.Path(folder / "proof.json").read_text(encoding="utf-8"))
    (row,) = proof["rows"]
    print(json.dumps(row, indent=1))
    assert proof["equal"] and all(row["equal"].values()), proof["findings"]
    assert row["achieved"]["devices"][0]["vf"] and row["achieved"]["vlans"] == row["promised"]["vlans"] == [30]
    assert "net1" in byo.kubectl("exec", "deploy/camera", "--", "ls", "/sys/class/net")


def test_reset_takes_nothing_from_pods_that_use_it(byo):
    play = byo.play("reset", "-e", "reset_scope=cluster")
    assert play.rc == 2 and play.changed() == 0, play.output[-4000:]
    assert "default/camera-" in text_of(play) and "service_state=absent" in text_of(play)


def test_reset_takes_out_what_is_ours_and_the_cluster_goes_on(byo, before, service):
    play, dummy = service([], service_state="absent")
    assert play.rc == 0, play.output[-4000:]
    play = byo.play("reset", "-e", "reset_scope=cluster")
    assert play.rc == 0, play.output[-8000:]
    now = byo.files()
    assert {path: digest for path, digest in now.items() if before["files"].get(path) != digest} == {}
    assert sorted(set(before["files"]) - set(now)) == []
    assert byo.node("systemctl is-active kubelet containerd").split() == ["active", "active"]
    goes_on(byo, before)
    assert not [name for name, amount in byo.allocatable(NODE).items() if "gedge.io" in name and amount != "0"]
    named = byo.kubectl(
        "get", "clusterrole,clusterrolebinding,secret,serviceaccount,net-attach-def", "-A", "-o", "name"
    )
    assert "gedge" not in named
    # Of the nodes nothing was taken.
    assert byo.node("cat /sys/bus/pci/devices/0000:21:00.0/sriov_numvfs").strip() == "4"


def test_a_pod_of_the_cluster_s_own_runs(byo):
    pod = {"image": IMAGE, "name": "plain", "command": IDLE}
    byo.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "plain"}, "spec": {"containers": [pod]}})
    byo.kubectl("wait", "--for=condition=Ready", "--timeout=180s", "pod/plain", timeout=200)
    byo.kubectl("delete", "pod", "plain", "--timeout=120s", timeout=150)
