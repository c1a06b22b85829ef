"""Role cluster_control_plane with the scheduler that looks at NUMA nodes: Kubernetes 1.34.4 and kube-scheduler-nrt, as
systemd units in a container. The Nodes have no kubelet; their NodeResourceTopologies are made by our own code."""

import json
import os

import pytest
from acceptance import nodes, programs
from acceptance.cluster import Cluster
from acceptance.test_control_plane import NAMES, Site, answers
from ansible_collections.gedge.engine.plugins.filter.node_resource_topology import node_resource_topology
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import golang
from ansible_collections.gedge.engine.plugins.module_utils.rollout import scheduler
from helpers.container import Container, Network, unable
from unit.placement import sites

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        bool(unable()) or golang.find() is None, reason=f"no such container here: {unable() or 'no Go toolchain'}"
    ),
]
KUBERNETES = "1.34.4"
NRT = "kube-scheduler-nrt"
CONFIG = {"topologyManagerPolicy": "single-numa-node", "topologyManagerScope": "container", "reservedSystemCPUs": "0"}
# node1 has 15 CPUs in sum, 7 and 8 of a NUMA node; node2 has 11, all of one.
MACHINES = {"node1": sites.Machine(2, 8, 1), "node2": sites.Machine(1, 12, 1)}
# No kubelet tells that its node is well, and nobody shall take the pods away.
CONTROLLERS = "*,-node-lifecycle-controller,-taint-eviction-controller,bootstrapsigner,tokencleaner"
CACHE = {  # as upstream has it for NFD's updater
    "profiles": [
        {
            "schedulerName": "default-scheduler",
            "plugins": {"multiPoint": {"enabled": [{"name": "NodeResourceTopologyMatch"}]}},
            "pluginConfig": [{"name": "NodeResourceTopologyMatch", "args": {"cacheResyncPeriodSeconds": 1}}],
        }
    ]
}


def binaries(place):
    """The programs, as role cluster_artifacts tells them."""
    groups = {
        ("kubernetes-control-plane", KUBERNETES): NAMES,
        ("kubernetes-node", KUBERNETES): ("kubeadm", "kubectl"),
        ("scheduler-plugins", programs.version("scheduler-plugins")): (NRT,),
    }
    found = {}
    for (group, version), names in groups.items():
        ((binary, path),) = programs.built(group, version).items()
        for name in names:
            place.joinpath(name).symlink_to(path)
            found[name] = {"path": str(place / name), "binary": os.path.basename(path), "version": version}
            assert binary == os.path.basename(path)
    return found


class Stage(Site):
    """The node with the control plane, and what it schedules."""

    def apply(self, verb, one, *words):
        """kubectl VERB with an object."""
        self.file("object.json", json.dumps(one))
        return self.kubectl(verb, *words, "-f", str(self.folder / "object.json"))

    def get(self, kind, name):
        """An object."""
        return json.loads(self.kubectl("get", kind, name, "-o", "json"))

    def kubernetes_nodes(self):
        """All Nodes."""
        return [self.get("node", name) for name in MACHINES]

    def prepare(self):
        """The nodes, as their kubelets would tell them, with nothing that keeps pods away."""
        Cluster.wait(lambda: answers(self, "get", "serviceaccount", "default"), lambda: "no service account", 120)
        for name, machine in MACHINES.items():
            record = machine.record(name)
            record.update(reserved_cpus="0", reserved_memory=0)
            self.apply("create", nodes.node(record))
            status = json.dumps({"status": nodes.status(record, {})["status"]})
            self.kubectl("patch", "node", name, "--type=merge", "--subresource=status", "-p", status)
            self.kubectl("patch", "node", name, "--type=merge", "-p", '{"spec": {"taints": null}}')

    def publish(self):
        """Their NodeResourceTopologies."""
        for name, machine in MACHINES.items():
            topology = machine.record(name)["topology"]
            self.apply("create", node_resource_topology(topology, CONFIG, {}, self.get("node", name)))

    def pod(self, name, cpus, node=None):
        """A pod of one container, Guaranteed, for any node or for one."""
        amounts = {"cpu": str(cpus), "memory": "1Gi"}
        box = {"name": "main", "image": "docker.io/lab/probe:1", "resources": {"requests": amounts, "limits": amounts}}
        spec = {"containers": [box]}
        if node:
            terms = [{"matchExpressions": [{"key": scheduler.HOST, "operator": "In", "values": [node]}]}]
            asked = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
            spec["affinity"] = {"nodeAffinity": asked}
        self.apply("create", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})

    def bound(self, name, cpus):
        """The node that a pod got, which is gone then."""
        self.pod(name, cpus)
        Cluster.wait(lambda: self.get("pod", name)["spec"].get("nodeName"), lambda: self.message(name), 90)
        found = self.get("pod", name)["spec"]["nodeName"]
        self.remove(name)
        return found

    def remove(self, name):
        """No kubelet would let it go."""
        self.kubectl("delete", "pod", name, "--force", "--grace-period=0")

    def message(self, name):
        """Why a pod is not bound."""
        conditions = self.get("pod", name).get("status", {}).get("conditions") or ()
        return next((one.get("message", "") for one in conditions if one["type"] == "PodScheduled"), "")

    def pending(self, name):
        """The scheduler's words for a pod, and ours; it is gone then."""
        Cluster.wait(lambda: self.message(name), lambda: json.dumps(self.get("pod", name)), 90)
        said, pod = self.message(name), self.get("pod", name)
        self.remove(name)
        print(said)
        return said, ": ".join(scheduler.explain(said, pod, self.kubernetes_nodes()))


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """With the plain scheduler at first."""
    folder = tmp_path_factory.mktemp("nrt")
    place = tmp_path_factory.mktemp("programs")
    with Network("10.77.4", "gdgnrt") as net, Container("master", folder, net) as node:
        made = Stage(folder, [node], binaries(place))
        made.options["cluster_control_plane_extra_args"]["kube-controller-manager"] = {"controllers": CONTROLLERS}
        made.run()
        made.prepare()
        yield made


def test_the_plain_one_goes_by_the_sum(stage):
    assert stage.bound("plain", 10) == "node1"


def test_on_only_the_scheduler_starts_anew_and_it_is_ready(stage):
    stage.run(check=True, scheduler=NRT)
    made = stage.run(scheduler=NRT)["master"]["result"]
    assert [step["target"] for step in made["steps"] if step["action"] == "start-unit"] == ["kube-scheduler.service"]
    assert "CustomResourceDefinition noderesourcetopologies.topology.node.k8s.io" in {
        step["target"] for step in made["steps"]
    }
    again = stage.run(scheduler=NRT)["master"]["result"]
    assert (again["changed"], again["steps"]) == (False, [])
    assert " changed=0 " in stage.said.partition("PLAY RECAP")[2]
    Cluster.wait(lambda: stage.run("verify", scheduler=NRT)["master"]["findings"] == [], lambda: stage.said, 120)


def test_the_node_with_a_numa_node_that_holds_it(stage):
    stage.publish()
    assert stage.bound("fits", 10) == "node2"


def test_what_no_numa_node_holds_waits_and_we_say_so(stage):
    stage.pod("nowhere", 12)
    said, ours = stage.pending("nowhere")
    assert said.startswith("0/2 nodes are available: 1 Insufficient cpu, 1 cannot align container.")
    assert "no NUMA node of node1, node2 has all that a container asks for at once (main: cpu 12, memory 1Gi)" in ours
    stage.pod("here", 10, "node1")
    said, ours = stage.pending("here")
    assert "1 cannot align container" in said
    assert ours.startswith(
        "the scheduler finds no node for it (it may run on node1 only): no NUMA node of node1 has all that a container "
        "asks for at once (main: cpu 10, memory 1Gi): Ask for less"
    )


def test_why_it_counts_no_pods(stage):
    """With the cache, what a pod had stays taken after it has gone: our objects tell no fingerprint of the pods."""
    before = stage.options["cluster_control_plane_extra_args"]
    stage.run(scheduler=NRT, scheduler_config=CACHE, extra_args={**before, "kube-scheduler": {"v": 2}})
    stage.pod("stays", 1, "node2")
    Cluster.wait(lambda: stage.get("pod", "stays")["spec"].get("nodeName"), lambda: stage.message("stays"), 90)
    stage.kubectl("patch", "pod", "stays", "--subresource=status", "-p", '{"status": {"phase": "Running"}}')
    assert stage.bound("first", 10) == "node2"
    stage.pod("second", 10)
    words = ("journalctl", "-u", "kube-scheduler", "-o", "cat")
    looked = "missing NodeTopology podset fingerprint data"
    Cluster.wait(lambda: looked in stage.nodes[0].run(*words).stdout, lambda: stage.message("second"), 90)
    said = stage.pending("second")[0]
    assert said.startswith("0/2 nodes are available: 2 cannot align container.")
    stage.remove("stays")


def test_off_it_is_the_plain_one_again(stage):
    made = stage.run()["master"]["result"]
    assert [step["target"] for step in made["steps"] if step["action"] == "start-unit"] == ["kube-scheduler.service"]
    node = stage.nodes[0]
    left = ("/etc/kubernetes/gedge-scheduler.yaml", f"/usr/local/bin/{NRT}")
    assert [path for path in left if node.run("test", "-e", path, check=False).returncode == 0] == []
    assert stage.bound("again", 10) == "node1"
    assert not stage.run()["master"]["result"]["changed"]


def test_a_cluster_that_begins_with_it_and_leaves_nothing(stage):
    """The kind and the right to read it are there before role cluster_topology has run for any node."""
    stage.run(state="absent", remove_etcd_data=True)
    stage.run(scheduler=NRT)
    Cluster.wait(lambda: stage.run("verify", scheduler=NRT)["master"]["findings"] == [], lambda: stage.said, 120)
    assert not stage.run(scheduler=NRT)["master"]["result"]["changed"]
    stage.run(scheduler=NRT, state="absent", remove_etcd_data=True)
    left = stage.nodes[0].run("sh", "-c", "ls /etc/kubernetes /usr/local/bin/kube*", check=False).stdout
    assert left == ""
