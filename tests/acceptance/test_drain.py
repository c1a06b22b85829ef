"""Role cluster_kubelet before a real API server: cordon, evictions under a PodDisruptionBudget, uncordon.

The kubelets are the test's own: they call each pod that is bound to a node running, and module kubelet is a stand-in.
"""

import pathlib
import threading

import kubernetes
import pytest
from acceptance import cluster as control
from acceptance import programs
from helpers.kubelet_role import Stage

CORE = pathlib.Path(__file__).resolve().parents[2] / ".ansible/collections/ansible_collections/kubernetes/core"
LABELS = {"app": "pinned"}
TEMPLATE = {
    "metadata": {"labels": LABELS},
    # No kubelet is there to say that a pod has ended.
    "spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "c", "image": "docker.io/lab/probe:1"}]},
}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "pinned", "namespace": "default"},
    "spec": {"replicas": 4, "selector": {"matchLabels": LABELS}, "template": TEMPLATE},
}


def node(name):
    """A Node as its kubelet would tell it."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}}


def status(name):
    """Its status, in the amounts that the stand-in of the configuration gives."""
    sizes = {"cpu": "4", "memory": "4Gi", "pods": "110"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "as told by a test"}
    return dict(node(name), status={"capacity": sizes, "allocatable": dict(sizes, cpu="3"), "conditions": [ready]})


class Kubelets:
    """Pods that are bound are running, from then on. fewest: the smallest number of ready pods that was seen."""

    def __init__(self, running):
        self.api = kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(f"{running.folder}/kubeconfig"))
        self.ended, self.fewest = threading.Event(), 99
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *dummy):
        self.ended.set()
        self.thread.join()

    def pods(self):
        """[(name, node, whether it is ready)]."""
        listed = self.api.list_namespaced_pod("default").items
        return [
            (
                one.metadata.name,
                one.spec.node_name,
                any(c.type == "Ready" for c in one.status.conditions or () if c.status == "True"),
            )
            for one in listed
        ]

    def _run(self):
        while not self.ended.wait(0.3):
            pods = self.pods()
            ready = [name for name, where, well in pods if well]
            if len(ready) == DEPLOYMENT["spec"]["replicas"] or self.fewest < 99:
                self.fewest = min(self.fewest, len(ready))
            for name, where, well in pods:
                if where and not well:
                    body = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
                    try:
                        self.api.patch_namespaced_pod_status(name, "default", body)
                    except kubernetes.client.ApiException as error:
                        assert error.status == 404, error  # it is gone meanwhile


@pytest.fixture
def running(control_plane, tmp_path, monkeypatch):
    """A Cluster with two nodes and a Deployment on both."""
    if not CORE.is_dir():
        pytest.skip("kubernetes.core is not there: make deps")
    monkeypatch.setattr(control, "CONTROLLERS", (*control.CONTROLLERS, "disruption-controller"))
    (tmp_path / "cluster").mkdir()
    with control.Cluster(control_plane, tmp_path / "cluster") as made:
        for name in ("node1", "node2"):
            made.create(node(name))
            made.merge(status(name), status=True)
            made.merge(dict(node(name), spec={"taints": None}))
        made.create(DEPLOYMENT)
        yield made


@pytest.fixture
def stage(tmp_path):
    """The role on its stage, with the real kubernetes.core and kubectl."""
    (tmp_path / "stage").mkdir()
    (tmp_path / "kubectl").symlink_to(programs.node())
    return Stage(tmp_path / "stage", CORE, tmp_path / "kubectl")


def budget(made, least):
    """So many pods must stay."""
    selector = {"matchLabels": LABELS}
    made.create(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "pinned", "namespace": "default"},
            "spec": {"minAvailable": least, "selector": selector},
        }
    )


def options(made, **more):
    """Variables of the role."""
    return dict(more, cluster_kubelet_kubeconfig=f"{made.folder}/kubeconfig")


def unschedulable(made):
    """The nodes that are cordoned."""
    return [one["metadata"]["name"] for one in made.list("v1", "Node") if one["spec"].get("unschedulable")]


def test_a_budget_is_respected_and_both_nodes_come_back(running, stage):
    budget(running, 3)
    with Kubelets(running) as kubelets:
        running.wait(lambda: sum(well for dummy_name, dummy_where, well in kubelets.pods()) == 4, kubelets.pods)
        rc, log, said = stage.play({}, variables=options(running, cluster_kubelet_drain_timeout=300))
        assert rc == 0, said
        assert kubelets.fewest >= 3
        # Both were drained: all pods sit where the last drain left them.
        assert {where for dummy_name, where, dummy_well in kubelets.pods()} == {"node1"}
    assert [one.split()[1] for one in log] == ["look", "look", "change", "change"]
    assert unschedulable(running) == []


def test_a_budget_that_allows_nothing_stops_before_the_kubelet(running, stage):
    budget(running, 4)
    with Kubelets(running) as kubelets:
        running.wait(lambda: sum(well for dummy_name, dummy_where, well in kubelets.pods()) == 4, kubelets.pods)
        rc, log, said = stage.play({}, variables=options(running, cluster_kubelet_drain_timeout=20))
        assert rc != 0 and "disruption budget" in said, said
        assert "node1 is schedulable as before" in said
        assert kubelets.fewest == 4
    assert sorted(log) == ["node1 look", "node2 look"]
    assert unschedulable(running) == []


def with_an_emptydir(kind, **more):
    """A DaemonSet or a Pod whose pod has one."""
    pod = {
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "c", "image": "docker.io/lab/probe:1"}],
        "volumes": [{"name": "run", "emptyDir": {}}],
        **more,
    }
    made = {"apiVersion": "v1", "kind": kind, "metadata": {"name": kind.lower(), "namespace": "default"}, "spec": pod}
    if kind == "Pod":
        return made
    labels = {"agent": "network"}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {**made, "apiVersion": "apps/v1", "spec": {"selector": {"matchLabels": labels}, "template": template}}


def test_pods_of_a_daemonset_stay_and_a_pod_that_may_not_go_is_told_before_any_goes(running, stage):
    """As the network of a cluster of others has them."""
    running.create(with_an_emptydir("DaemonSet"))
    running.create(with_an_emptydir("Pod", nodeName="node1"))
    with Kubelets(running) as kubelets:
        running.wait(lambda: sum(well for dummy_name, dummy_where, well in kubelets.pods()) == 7, kubelets.pods)
        before = kubelets.pods()
        rc, log, said = stage.play({}, variables=options(running))
        assert rc != 0 and kubelets.pods() == before and unschedulable(running) == [], said
        assert sorted(log) == ["node1 look", "node2 look"]
        assert "(cluster_kubelet_drain_delete_emptydir_data=true lets them go): default/pod" in said, said
        gone = {"cluster_kubelet_drain_force": True, "cluster_kubelet_drain_delete_emptydir_data": True}
        rc, log, said = stage.play({}, variables=options(running, **gone))
        assert rc == 0, said
        names = [name for name, dummy_where, dummy_well in kubelets.pods()]
        assert {name for name, *dummy in before if name.startswith("daemonset")} <= set(names) and "pod" not in names


def test_a_run_that_was_cut_off_is_taken_up_by_the_next(running, stage):
    mark = {"annotations": {"gedge.io/cordoned-by": "a run before"}}
    running.merge(dict(node("node1"), metadata={"name": "node1", **mark}, spec={"unschedulable": True}))
    running.merge(dict(node("node2"), spec={"unschedulable": True}))  # by somebody else
    nothing = {"node1 look": ["nothing"], "node2 look": ["nothing"]}
    rc, log, said = stage.play(nothing, variables=options(running))
    assert rc == 0 and [one.split()[1] for one in log] == ["look", "look", "change"], said
    assert unschedulable(running) == ["node2"]


def test_a_kubelet_that_nobody_knows_stays_cordoned(running, stage):
    with Kubelets(running) as kubelets:
        running.wait(lambda: sum(well for dummy_name, dummy_where, well in kubelets.pods()) == 4, kubelets.pods)
        rc, dummy_log, said = stage.play({"node1 change": ["broken"]}, variables=options(running))
        assert rc != 0 and "node1 is LEFT CORDONED by this role" in said, said
    assert unschedulable(running) == ["node1"]
