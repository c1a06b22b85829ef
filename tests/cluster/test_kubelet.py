"""Policies of a kubelet changed under running pods: one drain each, budgets respected, what fails is put back."""

import json
import threading
import time

import pytest
from helpers.cluster_lab import IDLE

NODE = "node2"
IMAGE = "gedge.local/benchmark:1"
NONE = {
    "cluster_kubelet_cpu_manager_policy": "none",
    "cluster_kubelet_topology_manager_policy": "none",
    "cluster_kubelet_memory_manager_policy": "None",
}
ALIGNED = {
    "cluster_kubelet_cpu_manager_policy": "static",
    "cluster_kubelet_topology_manager_policy": "single-numa-node",
    "cluster_kubelet_memory_manager_policy": "None",
}
OTHER = {**ALIGNED, "cluster_kubelet_memory_manager_policy": "Static", "cluster_kubelet_reserved_cpus": "0,2"}
# What the lab's own group_vars ask for.
USUAL = {**ALIGNED, "cluster_kubelet_memory_manager_policy": "Static"}
FAILING = "/etc/systemd/system/kubelet.service.d/99-injected.conf"


def web(replicas=2, most=1):
    """A Deployment with one pod on each worker where there is room, and its budget; most: pods that may be away."""
    labels = {"app": "web"}
    container = {"name": "web", "image": IMAGE, "command": IDLE}
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels},
    }
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "terminationGracePeriodSeconds": 1,
                        "topologySpreadConstraints": [spread],
                        "containers": [container],
                    },
                },
            },
        },
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"maxUnavailable": most, "selector": {"matchLabels": labels}},
        },
    ]


@pytest.fixture(scope="module")
def kubelet(cluster):
    """A function: role cluster_kubelet on the node with these variables: a Play. In the end as the lab has it."""

    def run(variables):
        words = ["--tags", "cluster_kubelet", "--limit", f"{NODE},master", "-e", json.dumps(variables)]
        return cluster.playbook("cluster", *words, timeout=1800)

    yield run
    done = run(USUAL)
    assert done.rc == 0, done.output


@pytest.fixture
def deployed(cluster):
    """Two pods with a budget of one, on both workers."""
    cluster.kubectl("delete", "deployment,pdb", "web", "--ignore-not-found", "--wait")
    cluster.apply(*web())
    cluster.until(lambda: available(cluster) == 2, 300)
    yield cluster
    cluster.kubectl("delete", "deployment,pdb", "web", "--wait")


def available(cluster):
    """Pods of web that are."""
    return cluster.get("deployment", "web")["status"].get("availableReplicas", 0)


class Least:
    """The least number of available pods while something runs."""

    def __init__(self, cluster):
        self.cluster, self.seen, self.over = cluster, [], threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        """Once a second."""
        while not self.over.wait(1):
            self.seen.append(available(self.cluster))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *dummy):
        self.over.set()
        self.thread.join()


def configuration(cluster):
    """What the kubelet says of itself, through the API server."""
    return json.loads(cluster.kubectl("get", "--raw", f"/api/v1/nodes/{NODE}/proxy/configz"))["kubeletconfig"]


def restarts(cluster):
    """How often systemd had to start it again by itself."""
    return cluster.run(NODE, "systemctl show -p NRestarts --value kubelet").stdout.strip()


@pytest.mark.soak
@pytest.mark.parametrize("wanted", [NONE, ALIGNED, NONE, OTHER], ids=["none", "aligned", "none again", "other CPUs"])
def test_policies_flip_in_one_transaction(deployed, kubelet, wanted):
    with Least(deployed) as least:
        done = kubelet(wanted)
    assert done.rc == 0, done.output
    assert min(least.seen) >= 1 and deployed.cordoned() == [] and deployed.ready() == deployed.workers
    told = configuration(deployed)
    assert told["cpuManagerPolicy"] == wanted["cluster_kubelet_cpu_manager_policy"]
    assert told["topologyManagerPolicy"] == wanted["cluster_kubelet_topology_manager_policy"]
    assert told["memoryManagerPolicy"] == wanted["cluster_kubelet_memory_manager_policy"]
    assert told["reservedSystemCPUs"] == wanted.get("cluster_kubelet_reserved_cpus", "0")
    assert restarts(deployed) == "0"
    again = kubelet(wanted)
    assert again.rc == 0 and again.changed() == 0, again.output
    deployed.until(lambda: available(deployed) == 2, 300)


def test_a_bad_value_is_refused_before_the_drain(deployed, kubelet):
    before = {pod["metadata"]["uid"] for pod in deployed.pods("app=web")}
    done = kubelet({**ALIGNED, "cluster_kubelet_reserved_cpus": "0,9"})
    assert done.rc != 0 and "reserved_cpus" in done.output and "0-3" in done.output, done.output
    assert {pod["metadata"]["uid"] for pod in deployed.pods("app=web")} == before and deployed.cordoned() == []


@pytest.mark.soak
def test_a_budget_that_allows_nothing_ends_the_drain_and_nothing_is_changed(deployed, kubelet):
    deployed.apply(*web(most=0))
    told, before = configuration(deployed), {pod["metadata"]["uid"] for pod in deployed.pods("app=web")}
    done = kubelet({**NONE, "cluster_kubelet_drain_timeout": 40})
    assert done.rc != 0 and f"{NODE} is schedulable as before" in done.output, done.output
    assert configuration(deployed) == told and deployed.cordoned() == []
    assert {pod["metadata"]["uid"] for pod in deployed.pods("app=web")} == before


@pytest.mark.soak
def test_a_kubelet_that_fails_to_start_is_put_back_in_time(deployed, kubelet):
    text = (
        "[Service]\nExecStartPre=/bin/sh -c 'if grep -rqs full-pcpus-only /etc/kubernetes/kubelet.conf.d;"
        " then echo injected >&2; exit 1; fi'\n"
    )
    deployed.run(
        NODE, f"printf %b {json.dumps(text)} > {FAILING}; systemctl daemon-reload; grep -c ExecStartPre {FAILING}"
    )
    told, begin = configuration(deployed), time.monotonic()
    try:
        options = {"full-pcpus-only": True}
        done = kubelet(
            {**ALIGNED, "cluster_kubelet_cpu_manager_policy_options": options, "cluster_kubelet_timeout": 90}
        )
        seconds = time.monotonic() - begin
        assert done.rc != 0 and "what was done before it is put back" in done.output, done.output
        assert f"{NODE} is schedulable as before" in done.output, done.output
        deployed.until(lambda: deployed.ready() == deployed.workers, 60)
        assert configuration(deployed) == told and deployed.cordoned() == []
        # The drain, the time for the new configuration, and that for the old one.
        assert seconds < 300 + 2 * 90
    finally:
        deployed.run(NODE, f"rm {FAILING}; systemctl daemon-reload")


@pytest.mark.soak
def test_reserving_half_a_cpu_shows_what_can_be_pinned(deployed, kubelet):
    half = {**ALIGNED, "cluster_kubelet_reserved_cpus": "", "cluster_kubelet_kube_reserved": {"cpu": "500m"}}
    done = kubelet(half)
    assert done.rc == 0, done.output
    assert deployed.allocatable(NODE)["cpu"] == "3500m"
    (result,) = [one["expected"] for dummy, host, one in done.tasks if host == NODE and "expected" in one][-1:]
    assert result["sentence"] == "Reserving 500m of 4 CPUs shows 3500m allocatable, of which 3 can be pinned"
