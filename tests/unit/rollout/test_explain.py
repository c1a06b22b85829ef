"""Real texts of kubelet, scheduler, Multus, sriov-cni and containerd, and the sentence that each becomes.

Kubelet and scheduler: Kubernetes 1.37.2's own sources, and for NUMA nodes scheduler-plugins 0.34.7's; Multus 4.3.0's
and sriov-cni 2.1.0's; the longer ones are from kubernetes#130145, #97131, sriov-cni#291,
sriov-network-device-plugin#177, rook#9653, k3s#1586.
"""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.rollout import scheduler
from ansible_collections.gedge.engine.plugins.module_utils.rollout.explain import explain

PROMISE = {
    "namespace": "default",
    "service": "camera",
    "replica": 0,
    "container": "main",
    "node": "node1",
    "numa_nodes": [0],
    "cpus": "2-3",
    "devices": [{"resource": "sriov", "address": "0000:21:10.2", "vf": 1}],
}
SHIM = 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "8be0ea": '
MULTUS = (
    SHIM + 'plugin type="multus-shim" name="multus-cni-network" failed (add): CmdAdd (shim): CNI request failed with '
)
MULTUS += "status 400: '[default/camera-1:a]: "


def pod(status=None, node="node1", hosts=("node1",), requests=None):
    """A pod of service camera."""
    terms = [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": list(hosts)}]}]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    box = {"name": "main", "image": "docker.io/lab/probe:1", "resources": {"requests": requests or {}}}
    spec = {"containers": [box], "affinity": affinity if hosts else {}, "volumes": []}
    return {
        "kind": "Pod",
        "metadata": {"name": "camera-1", "namespace": "default", "uid": "u1", "labels": {"gedge.io/service": "camera"}},
        "spec": dict(spec, nodeName=node) if node else spec,
        "status": {"phase": "Pending", **(status or {})},
    }


def refused(reason, message):
    """A pod that its kubelet refused."""
    return pod({"phase": "Failed", "reason": reason, "message": message})


def waits(reason, message="", **more):
    """A pod whose container waits."""
    state = {"name": "main", "state": {"waiting": {"reason": reason, "message": message}}, "restartCount": 0, **more}
    return pod({"containerStatuses": [state]})


def event(reason, message):
    """A warning about the pod."""
    about = {"namespace": "default", "name": "camera-1", "uid": "u1"}
    return {"reason": reason, "message": message, "involvedObject": about}


ADMISSION = {
    # title: (reason, message, what the sentence has, what it advises)
    "topology": (
        "TopologyAffinityError",
        "Pod was rejected: Resources cannot be allocated with Topology locality",
        "no NUMA node there has all that it asks for at once",
        "topology: best-effort",
    ),
    "cores": (
        "SMTAlignmentError",
        "Pod was rejected: SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2",
        "it asks for 3 CPUs, and the kubelet gives whole cores of 2 only",
        "Ask for a multiple of 2 CPUs",
    ),
    "free cores": (
        "SMTAlignmentError",
        "SMT Alignment Error: not enough free physical CPUs: available physical CPUs = 2, requested CPUs = 4, CPUs "
        "per core = 2",
        "it asks for 4 CPUs of whole cores, and 2 are free",
        "Ask for less",
    ),
    "devices": (
        "UnexpectedAdmissionError",
        "Pod was rejected: Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. "
        "Requested: 1, Available: 0, which is unexpected",
        "it asks for 1 nvidia.com/gpu, and 0 are free there",
        "restart it",
    ),
    "unhealthy": (
        "UnexpectedAdmissionError",
        "Allocate failed due to no healthy devices present; cannot allocate unhealthy devices "
        "gedge.io/sriov_a_21_00_0, which is unexpected",
        "the device plugin of gedge.io/sriov_a_21_00_0 has no healthy device there",
        "log of that plugin",
    ),
    "unregistered": (
        "UnexpectedAdmissionError",
        "Allocate failed due to cannot allocate unregistered device gedge.io/sriov_a_21_00_0, which is unexpected",
        "no device plugin for gedge.io/sriov_a_21_00_0 has registered",
        "Start the plugin",
    ),
    "memory": (
        "UnexpectedAdmissionError",
        "Allocate failed due to [memorymanager] failed to get the default NUMA affinity, no NUMA nodes with enough "
        "memory is available, which is unexpected",
        "no NUMA node there has the memory that it asks for free",
        "Ask for less memory",
    ),
    "cpus": (
        "UnexpectedAdmissionError",
        "Allocate failed due to not enough cpus available to satisfy request: requested=4, available=2, which is "
        "unexpected",
        "it asks for 4 exclusive CPUs, and 2 are free there",
        "Ask for less",
    ),
    "plugin": (
        "UnexpectedAdmissionError",
        "Pod Allocate failed due to device plugin GetPreferredAllocation rpc failed with err: rpc error: code = "
        "Unknown desc = Unable to retrieve list of available devices: error creating nvml.Device 5: nvml: GPU is "
        "lost, which is unexpected",
        "its device plugin refuses: Unable to retrieve list of available devices: error creating nvml.Device 5",
        "log of that plugin",
    ),
    "plugin gone": (
        "UnexpectedAdmissionError",
        "Allocate failed due to rpc error: code = Unavailable desc = error reading from server: EOF, which is "
        "unexpected",
        "the device plugin went away",
        "that it runs",
    ),
    "another": (
        "UnexpectedAdmissionError",
        "Allocate failed due to the moon, which is unexpected",
        "could not give what it asks for: the moon",
        "kubelet's log",
    ),
    "out of": (
        "OutOfcpu",
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3500, capacity: 4000",
        "it asks for 2000 cpu, and 3500 of 4000 are taken there",
        "Take pods away",
    ),
    "affinity": (
        "NodeAffinity",
        "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
        "may not run on this node",
        "labels of the node",
    ),
}


@pytest.mark.parametrize("title", ADMISSION)
def test_a_kubelet_refuses(title):
    reason, message, what, advice = ADMISSION[title]
    found = explain(refused(reason, message), promises=[PROMISE])
    assert found["cause"] == reason and what in found["text"] and advice in found["text"], found
    start = (
        "default/camera-1 on node1 (promised: node1, NUMA node 0, CPUs 2-3, VF 0000:21:10.2): the kubelet refused it"
    )
    assert found["text"].startswith(start)


SANDBOX = {
    "no definition": (
        event(
            "FailedCreatePodSandBox",
            MULTUS + "error getting k8s network: cannot find a network-attachment-definition (sriov-a) in namespace "
            '(default): network-attachment-definitions.k8s.cni.cncf.io "sriov-a" not found',
        ),
        "there is no NetworkAttachmentDefinition default/sriov-a",
    ),
    "its event": (
        event(
            "NoNetworkFound",
            "cannot find a network-attachment-definition (sriov-a) in namespace (default): "
            'network-attachment-definitions.k8s.cni.cncf.io "sriov-a" not found',
        ),
        "there is no NetworkAttachmentDefinition default/sriov-a",
    ),
    "no VF": (
        event(
            "FailedCreatePodSandBox",
            MULTUS + 'error adding container to network "sriov-a": SRIOV-CNI failed to load netconf: LoadConf(): VF '
            "pci addr is required",
        ),
        "Multus gave sriov-cni no VF for network sriov-a",
    ),
    "the VF is gone": (
        event(
            "FailedCreatePodSandBox",
            MULTUS + 'error adding container to network "sriov-a": SRIOV-CNI failed to load netconf: LoadConf(): '
            'failed to get VF information: "lstat /sys/bus/pci/devices/0000:00:07.0/physfn/net: no such file or '
            'directory"',
        ),
        "VF 0000:00:07.0 of network sriov-a is gone",
    ),
    "VLAN": (
        event(
            "FailedCreatePodSandBox",
            SHIM + 'plugin type="multus" name="multus-cni-network" failed (add): [t/p:x]: error adding container to '
            'network "sriov-a": SRIOV-CNI failed to configure VF "failed to set vf 5 vlan: operation not permitted"',
        ),
        "the driver refused the VLAN of VF 5 for network sriov-a: operation not permitted",
    ),
    "no interface": (
        event(
            "FailedCreatePodSandBox",
            MULTUS + 'error adding container to network "sriov-a": SRIOV-CNI failed to load netconf: LoadConf(): '
            "the VF 0000:21:10.2 does not have a interface name or a dpdk driver",
        ),
        "the VF that it got for network sriov-a has no interface",
    ),
    "no plugin": (
        event(
            "FailedCreatePodSandBox",
            MULTUS + 'error adding container to network "sriov-a": failed to find plugin "sriov" in path '
            "[/opt/cni/bin]",
        ),
        "the CNI plugin sriov for network sriov-a is not in /opt/cni/bin there",
    ),
    "master": (
        event(
            "FailedCreatePodSandBox",
            MULTUS + 'error adding container to network "management-mgmt0": failed to lookup master "mgmt0": Link '
            "not found",
        ),
        "the interface that network management-mgmt0 is made on is not there",
    ),
    "no CNI": (
        event("FailedCreatePodSandBox", SHIM + "cni plugin not initialized"),
        "no pod network is set up there",
    ),
    "daemon": (
        event(
            "FailedCreatePodSandBox",
            SHIM + 'plugin type="multus-shim" name="multus-cni-network" failed (add): CmdAdd (shim): failed to send '
            'CNI request: Post "http://dummy/cni": dial unix /run/multus/multus.sock: connect: no such file or '
            "directory",
        ),
        "the daemon of Multus does not run there (/run/multus/multus.sock)",
    ),
    "pause": (
        event(
            "FailedCreatePodSandBox",
            "Failed to create pod sandbox: rpc error: code = DeadlineExceeded desc = failed to get sandbox image "
            '"lab/pause:3.10": failed to pull image',
        ),
        "the pause image lab/pause:3.10 is not there",
    ),
    "API server": (
        event(
            "FailedCreatePodSandBox",
            SHIM + 'plugin type="multus" name="multus-cni-network" failed (add): Multus: [default/a/1]: error waiting '
            'for pod: Get "https://192.168.10.102:6443/api/v1/namespaces/default/pods/a?timeout=1m0s": context '
            "deadline exceeded",
        ),
        "Multus there got no answer from the API server in time",
    ),
    "another": (event("FailedCreatePodSandBox", "Failed: the moon"), "its sandbox could not be made: Failed: the moon"),
    "volume": (event("FailedMount", 'MountVolume.SetUp failed for volume "x"'), "a volume cannot be mounted"),
}


@pytest.mark.parametrize("title", SANDBOX)
def test_no_sandbox(title):
    said, what = SANDBOX[title]
    made = waits("ContainerCreating")
    found = explain(made, [event("Scheduled", "x"), said])
    assert what in found["text"] and not found["sure"], found
    assert found["passing"] == (title == "API server")


PULL = 'Failed to pull image "reg.example/lab/x:1": '
WAITING = {
    "never": (
        waits("ErrImageNeverPull", 'Container image "docker.io/lab/probe:1" is not present with pull policy of Never'),
        [],
        "the image docker.io/lab/probe:1 is not on that node, and may not be pulled",
        True,
    ),
    "not found": (
        waits(
            "ErrImagePull", PULL + "rpc error: code = NotFound desc = failed to pull: reg.example/lab/x:1: not found"
        ),
        [],
        "there is no image reg.example/lab/x:1 at its registry",
        True,
    ),
    "back-off has its cause from the event": (
        waits("ImagePullBackOff", 'Back-off pulling image "reg.example/lab/x:1"'),
        [
            event(
                "Failed",
                PULL + 'failed to do request: Head "https://reg.example": dial tcp: lookup reg.example: no such host',
            )
        ],
        "the registry of the image reg.example/lab/x:1 cannot be reached from that node",
        False,
    ),
    "credentials": (
        waits("ErrImagePull", PULL + "authorization failed: no basic auth credentials, pull access denied"),
        [],
        "does not give out the image reg.example/lab/x:1 without credentials",
        True,
    ),
    "plain back-off": (
        waits("ImagePullBackOff", 'Back-off pulling image "reg.example/lab/x:1"'),
        [],
        "the image reg.example/lab/x:1 cannot be pulled",
        False,
    ),
    "name": (
        waits("InvalidImageName", 'Failed to apply default image tag "X Y": couldn\'t parse image name'),
        [],
        "the image has no valid name",
        True,
    ),
    "configmap": (
        waits("CreateContainerConfigError", 'configmap "x" not found'),
        [],
        "there is no configmap x",
        False,
    ),
    "CDI": (
        waits(
            "CreateContainerError",
            "failed to generate container spec: CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=0",
        ),
        [],
        "the runtime knows no such CDI device: nvidia.com/gpu=0",
        False,
    ),
    "device": (
        waits(
            "CreateContainerError",
            "failed to generate spec: error gathering device information while adding custom device "
            '"/dev/infiniband/uverbs0": no such file or directory',
        ),
        [],
        "the device /dev/infiniband/uverbs0 is not there",
        False,
    ),
    "command": (
        waits(
            "RunContainerError",
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container "
            'process: exec: "/run": stat /run: no such file or directory',
        ),
        [],
        "its command /run cannot be started",
        True,
    ),
    "cpuset": (
        waits("CreateContainerError", "failed to write cpuset.cpus: numerical result out of range"),
        [],
        "the kernel refused the cpus that the kubelet wants for it: numerical result out of range",
        False,
    ),
    "crash": (
        waits("CrashLoopBackOff", "back-off 40s", restartCount=4, lastState={"terminated": {"exitCode": 1}}),
        [],
        "container main ends again and again (4 restarts, last with exit code 1)",
        True,
    ),
    "killed": (
        waits("CrashLoopBackOff", "", restartCount=1, lastState={"terminated": {"exitCode": 137}}),
        [],
        "since it was killed",
        False,
    ),
    "start": (
        waits(
            "CrashLoopBackOff",
            "",
            lastState={
                "terminated": {
                    "reason": "StartError",
                    "exitCode": 128,
                    "message": 'failed to start: exec: "sleeep": executable file not found in $PATH',
                }
            },
        ),
        [],
        "its command sleeep cannot be started: executable file not found",
        True,
    ),
    "unknown": (waits("MoonError", "the moon"), [], "container main waits (MoonError): the moon", False),
}


@pytest.mark.parametrize("title", WAITING)
def test_a_container_waits(title):
    made, events, what, sure = WAITING[title]
    found = explain(made, events)
    assert what in found["text"] and found["sure"] == sure, found


def node(name, allocatable=None, **spec):
    """A Node."""
    labels = {"kubernetes.io/hostname": name}
    return {"metadata": {"name": name, "labels": labels}, "spec": spec, "status": {"allocatable": allocatable or {}}}


HERE = [node("node1", {"cpu": "3", "gedge.io/a": "0"}), node("node2", {"cpu": "4", "gedge.io/a": "2"})]
REST = " no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
TRIED = (
    " no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod,"
    " 1 Preemption is not helpful for scheduling."
)
UNSCHEDULABLE = {
    "cpu": (
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector." + REST,
        HERE,
        "(it may run on node1 only): it asks for 8 cpu, which is not free (in all node1 has 3)",
    ),
    "no such device": (
        "0/2 nodes are available: 1 Insufficient gedge.io/a, 1 node(s) didn't match Pod's node affinity/selector."
        + REST,
        HERE,
        "it asks for 1 gedge.io/a, and node1 announces none. See that its device plugin runs",
    ),
    "cordoned": (
        "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable."
        + REST,
        [node("node1", unschedulable=True), node("node2")],
        "node1 is cordoned. Run kubectl uncordon node1",
    ),
    "taint": (
        "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated "
        "taint(s)." + REST,
        [node("node1", taints=[{"key": "dedicated", "effect": "NoSchedule"}]), node("node2")],
        "node1 has the taint dedicated, which the pod does not tolerate",
    ),
    "not ready": (
        "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }." + REST,
        [node("node1", taints=[{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}])],
        "node1 is not ready (taint node.kubernetes.io/not-ready:)",
    ),
    "no such node": (
        "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector." + REST,
        [node("node7")],
        "it may run on node1 only, and the cluster has no node of that name",
    ),
    "apart": (
        "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules." + REST,
        HERE[:1],
        "pods that it must keep apart from (anti_affinity) are on every node that is left",
    ),
    "storage": (
        "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
        HERE,
        "its storage is not there",
    ),
    "numa": (
        "0/1 nodes are available: 1 cannot align container: main." + REST,
        HERE[:1],
        "no NUMA node of node1 has all that main asks for at once",
    ),
    # The next two as kube-scheduler-nrt 0.34.7 said them in tests/acceptance/test_topology_scheduler.py.
    "numa, one node in sum": (
        "0/2 nodes are available: 1 Insufficient cpu, 1 cannot align container." + TRIED,
        HERE[:1],
        "(in all node1 has 3); no NUMA node of node1 has all that a container asks for at once (main: cpu 8,",
    ),
    "numa, bound to a node": (
        "0/2 nodes are available: 1 cannot align container, 1 node(s) didn't match Pod's node affinity/selector."
        + TRIED,
        HERE,
        "(it may run on node1 only): no NUMA node of node1 has all that a container asks for at once (main: cpu 8,",
    ),
    "numa, a container that starts first": (
        "0/1 nodes are available: 1 cannot align init container." + REST,
        HERE[:1],
        "no NUMA node of node1 has all that a container asks for at once (main: cpu 8, gedge.io/a 1)",
    ),
    "numa, the whole pod": (
        "0/1 nodes are available: 1 cannot align pod." + REST,
        HERE[:1],
        "no NUMA node of node1 has all that it asks for at once (main: cpu 8, gedge.io/a 1). Ask for less",
    ),
    "numa, no news": (
        "0/1 nodes are available: 1 invalid node topology data." + REST,
        HERE[:1],
        "the scheduler waits for what tells it of the NUMA nodes of node1 and of the pods there. See that NFD's",
    ),
    "pods": (
        "0/1 nodes are available: 1 Too many pods." + REST,
        HERE[:1],
        "node1 has as many pods as its kubelet takes",
    ),
    "another": ("0/1 nodes are available: 1 the moon, is full." + REST, HERE[:1], "the moon, is full"),
}


@pytest.mark.parametrize("title", UNSCHEDULABLE)
def test_no_node(title):
    message, nodes, what = UNSCHEDULABLE[title]
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    made = pod({"conditions": [condition]}, node="", requests={"cpu": "8", "gedge.io/a": "1"})
    found = explain(made, nodes=nodes, promises=[PROMISE])
    assert what in found["text"] and found["cause"] == "Unschedulable", found
    assert found["text"].startswith("default/camera-1 (promised: node1, NUMA node 0")


def test_reasons_with_commas_of_their_own():
    text = "0/3 nodes are available: 1 Insufficient cpu, 2 a thing, or two. preemption: 0/3 nodes are available: 3 x."
    assert scheduler.reasons(text) == [(1, "Insufficient cpu"), (2, "a thing, or two")]


WELL = {
    "just made": pod(node=""),
    "being made": pod({"containerStatuses": [{"name": "main", "state": {"waiting": {"reason": "ContainerCreating"}}}]}),
    "runs": pod({"phase": "Running", "containerStatuses": [{"name": "main", "state": {"running": {}}}]}),
    "has ended well": pod({"phase": "Succeeded"}),
    "bare": {"metadata": {"name": "x"}, "spec": {}},
}


@pytest.mark.parametrize("title", WELL)
def test_nothing_to_explain(title):
    strange = {"reason": "FailedMount", "message": "x", "involvedObject": {"namespace": "default", "name": "other"}}
    assert explain(WELL[title], [strange]) is None
