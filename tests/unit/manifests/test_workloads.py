"""Workloads: kinds, requests and limits, which replicas share one, affinity, volumes, autoscaling."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from unit.manifests import builder as b
from unit.manifests import validate

GPU = {"nvidia.com/gpu": "1"}
SIZES = {"cpu": "4", "memory": "4Gi"}


def main_of(found, name="detector", kind="Deployment"):
    return b.pod_of(found, name, kind)["spec"]["containers"][0]


RESOURCES = [
    # container, devices, requests, limits, why
    (b.container(), (), SIZES, None, "nothing pinned: requests only"),
    (b.container(limits={"cpu": "8", "memory": None}), (), SIZES, {"cpu": "8"}, "limits as given"),
    (b.container(topology="best-effort"), (), SIZES, SIZES, "pinned: limits are the requests"),
    (b.container(topology="restricted"), (), SIZES, SIZES, "pinned"),
    (
        b.container(topology="single-numa-node", limits={"cpu": "8", "memory": "8Gi"}),
        (),
        SIZES,
        SIZES,
        "limits beyond the requests would spoil the class",
    ),
    (b.container(gpu=1), (b.card(),), {**SIZES, **GPU}, GPU, "a device stands in both"),
    (
        b.container(gpu=2, topology="restricted"),
        (b.card(), b.card(address="0000:3c:00.0")),
        {**SIZES, "nvidia.com/gpu": "2"},
        {**SIZES, "nvidia.com/gpu": "2"},
        "two GPUs",
    ),
    (
        b.container(fpga=1),
        (b.card("fpga", b.FPGA),),
        {**SIZES, "gedge.io/fpga": "1"},
        {"gedge.io/fpga": "1"},
        "FPGA of our plugin",
    ),
    (
        b.container(asic=1),
        (b.card("asic", b.ASIC),),
        {**SIZES, "gedge.io/asic": "1"},
        {"gedge.io/asic": "1"},
        "ASIC of our plugin",
    ),
    (
        b.container(resources={"cpu": "4", "memory": "4Gi", "hugepages": {"2Mi": "512Mi", "1Gi": "2Gi"}}),
        (),
        {**SIZES, "hugepages-1Gi": "2Gi", "hugepages-2Mi": "512Mi"},
        {"hugepages-1Gi": "2Gi", "hugepages-2Mi": "512Mi"},
        "huge pages stand in both",
    ),
    (
        b.container(resources={"cpu": None, "memory": "1Gi", "hugepages": {}}),
        (),
        {"memory": "1Gi"},
        None,
        "what is not asked for is not written",
    ),
]


@pytest.mark.parametrize(("container", "devices", "requests", "limits", "why"), RESOURCES)
def test_resources(container, devices, requests, limits, why):
    found = b.objects([b.service("detector", container)], [b.placed("detector", *devices)])
    resources = main_of(found)["resources"]
    assert (resources["requests"], resources.get("limits")) == (requests, limits), why


def test_one_pinned_container_makes_all_of_its_pod_guaranteed():
    helper = b.container("helper", limits={"cpu": "9", "memory": None})
    service = b.service("detector", helper, b.container(topology="restricted"))
    entries = [b.placed("detector", container=name) for name in ("main", "helper")]
    containers = b.pod_of(b.objects([service], entries))["spec"]["containers"]
    assert all(one["resources"]["requests"] == one["resources"]["limits"] == SIZES for one in containers)


def test_names_of_resources_can_be_set():
    service = b.service("detector", b.container(gpu=1, fpga=1))
    entry = b.placed("detector", b.card(), b.card("fpga", b.FPGA))
    names = {"gpu": "amd.com/gpu", "fpga": "fpga.intel.com/region-1"}
    found = b.objects([service], [entry], resources=names)
    assert main_of(found)["resources"]["limits"] == {"amd.com/gpu": "1", "fpga.intel.com/region-1": "1"}
    assert "fpga" not in json.dumps(b.of_kind(found, "ConfigMap")), "another plugin's devices are not in our pools"


KINDS = [
    # kind, apiVersion, what its spec says of the number of pods
    ("Deployment", "apps/v1", {"replicas": 3}),
    ("StatefulSet", "apps/v1", {"replicas": 3, "serviceName": "detector", "podManagementPolicy": "Parallel"}),
    ("Job", "batch/v1", {"parallelism": 3, "completions": 3}),
]


@pytest.mark.parametrize(("kind", "api", "size"), KINDS)
def test_kinds(kind, api, size):
    service = b.service("detector", kind=kind, replicas=3)
    found = b.objects([service], [b.placed("detector", replica=number) for number in range(3)])
    workload = b.of_kind(found, kind, "detector")
    assert workload["apiVersion"] == api
    assert {key: workload["spec"].get(key) for key in size} == size
    assert ("selector" in workload["spec"]) == (kind != "Job")
    assert validate.faults(found) == []


def test_a_daemonset_spans_the_nodes_that_it_was_placed_on():
    entries = [b.placed("detector", replica=number, node=f"node{number + 1}") for number in range(2)]
    found = b.objects([b.service("detector", kind="DaemonSet")], entries)
    assert len(b.of_kind(found, "DaemonSet")) == 1
    assert nodes_of(found, kind="DaemonSet") == ["node1", "node2"]
    assert "replicas" not in b.of_kind(found, "DaemonSet", "detector")["spec"]


def nodes_of(found, name="detector", kind="Deployment", rule="required"):
    affinity = b.pod_of(found, name, kind)["spec"]["affinity"]["nodeAffinity"]
    terms = affinity.get(rule + "DuringSchedulingIgnoredDuringExecution")
    if terms is None:
        return None
    chosen = terms["nodeSelectorTerms"][0] if rule == "required" else terms[0]["preference"]
    (expression,) = chosen["matchExpressions"]
    assert (expression["key"], expression["operator"]) == ("kubernetes.io/hostname", "In")
    return expression["values"]


GROUPS = [
    # nodes and devices of the replicas, names of the workloads with their replicas and nodes
    ([("node1", []), ("node1", [])], {"detector": (2, "node1")}, "one pod twice"),
    ([("node1", []), ("node2", [])], {"detector": (1, "node1"), "detector-1": (1, "node2")}, "two nodes"),
    (
        [("node1", []), ("node2", []), ("node1", [])],
        {"detector": (2, "node1"), "detector-1": (1, "node2")},
        "the first replica's has the name",
    ),
    (
        [("node1", [b.vf(0)]), ("node1", [b.vf(1)])],
        {"detector": (1, "node1"), "detector-1": (1, "node1")},
        "two addresses",
    ),
    (
        [("node1", [b.vf(0)]), ("node1", [b.vf(0, b.PF_B, "sriov-b")])],
        {"detector": (1, "node1"), "detector-1": (1, "node1")},
        "two pools",
    ),
]


@pytest.mark.parametrize(("replicas", "expected", "why"), GROUPS)
def test_which_replicas_share_a_workload(replicas, expected, why):
    sriov = len(replicas[0][1])
    service = b.service("detector", b.container(sriov=sriov), replicas=len(replicas))
    entries = [b.placed("detector", *own, replica=at, node=node) for at, (node, own) in enumerate(replicas)]
    found = b.objects([service], entries)
    made = {one["metadata"]["name"]: one["spec"]["replicas"] for one in b.of_kind(found, "Deployment")}
    assert {name: (count, nodes_of(found, name)[0]) for name, count in made.items()} == expected, why


def test_selectors_of_two_workloads_of_a_service_are_apart_and_its_service_has_both():
    container = b.container(ports=[{"name": "http", "port": 80, "protocol": "TCP"}])
    entries = [b.placed("detector", replica=0), b.placed("detector", replica=1, node="node2")]
    found = b.objects([b.service("detector", container, replicas=2)], entries)
    one, other = (work["spec"]["selector"]["matchLabels"] for work in b.of_kind(found, "Deployment"))
    assert one != other
    selector = b.of_kind(found, "Service", "detector")["spec"]["selector"]
    for name in ("detector", "detector-1"):
        assert selector.items() <= b.pod_of(found, name)["metadata"]["labels"].items()


def test_no_pods_is_a_workload_too():
    found = b.objects([b.service("detector", replicas=0)])
    assert b.of_kind(found, "Deployment", "detector")["spec"]["replicas"] == 0


def test_affinity_can_be_a_wish():
    found = b.objects([b.service(nodes=["node1", "node2"])], [b.placed()], affinity="preferred")
    assert nodes_of(found) == ["node1", "node2"]
    assert nodes_of(found, rule="preferred") == ["node1"]


def test_node_name_is_never_used():
    assert "nodeName" not in json.dumps(b.objects([b.service()], [b.placed()]))


def test_anti_affinity():
    found = b.objects([b.service(anti_affinity=["self", "other"])], [b.placed()])
    rules = b.pod_of(found)["spec"]["affinity"]["podAntiAffinity"]
    (term,) = rules["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["labelSelector"]["matchExpressions"][0]["values"] == ["detector", "other"]
    assert term["topologyKey"] == "kubernetes.io/hostname"


def test_priorities_are_classes_that_evict_nobody():
    services = [b.service("a", priority=5), b.service("b", priority=-2), b.service("c")]
    found = b.objects(services, [b.placed(name) for name in "abc"])
    classes = {one["metadata"]["name"]: one for one in b.of_kind(found, "PriorityClass")}
    assert {name: one["value"] for name, one in classes.items()} == {"gedge-5": 5, "gedge-minus-2": -2}
    assert all(one["preemptionPolicy"] == "Never" for one in classes.values())
    assert b.pod_of(found, "a")["spec"]["priorityClassName"] == "gedge-5"
    assert "priorityClassName" not in b.pod_of(found, "c")["spec"]


def test_container_in_full():
    container = b.container(
        command=["/run"],
        args=["-v"],
        env={"B": "2", "A": "1"},
        ports=[{"name": "http", "port": 8080, "protocol": "TCP"}],
        mounts=[{"volume": "models", "path": "/data", "read_only": True}],
    )
    volume = {"name": "models", "size": "1Gi", "access": "ReadWriteMany", "storage_class": "nfs"}
    found = b.objects([b.service("detector", container, volumes=[volume])], [b.placed()])
    made = main_of(found)
    assert (made["command"], made["args"]) == (["/run"], ["-v"])
    assert made["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    assert made["volumeMounts"] == [{"name": "models", "mountPath": "/data", "readOnly": True}]
    assert b.pod_of(found)["spec"]["volumes"] == [{"name": "models", "persistentVolumeClaim": {"claimName": "models"}}]
    assert b.of_kind(found, "PersistentVolumeClaim", "models")["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "nfs",
    }
    assert validate.faults(found) == []


def test_two_services_share_a_volume():
    volume = {"name": "models", "size": "1Gi", "access": "ReadWriteMany", "storage_class": ""}
    services = [b.service(name, volumes=[volume]) for name in ("a", "b")]
    found = b.objects(services, [b.placed("a"), b.placed("b")])
    assert len(b.of_kind(found, "PersistentVolumeClaim")) == 1
    services[1]["volumes"] = [dict(volume, size="2Gi")]
    with pytest.raises(ProblemsError, match="another volume by the name of that of a"):
        b.objects(services, [b.placed("a"), b.placed("b")])


HUGEPAGES = [
    ({"2Mi": "64Mi"}, {"hugepages-2mi": ("/dev/hugepages", "HugePages-2Mi")}),
    (
        {"2Mi": "64Mi", "1Gi": "1Gi"},
        {
            "hugepages-2mi": ("/dev/hugepages-2Mi", "HugePages-2Mi"),
            "hugepages-1gi": ("/dev/hugepages-1Gi", "HugePages-1Gi"),
        },
    ),
]


@pytest.mark.parametrize(("sizes", "expected"), HUGEPAGES)
def test_hugepages_are_mounted(sizes, expected):
    container = b.container(resources={"cpu": "1", "memory": "1Gi", "hugepages": sizes})
    found = b.objects([b.service("detector", container)], [b.placed()])
    mounts = {one["name"]: one["mountPath"] for one in main_of(found)["volumeMounts"]}
    media = {one["name"]: one["emptyDir"]["medium"] for one in b.pod_of(found)["spec"]["volumes"]}
    assert {name: (mounts[name], media[name]) for name in mounts} == expected
    assert validate.faults(found) == []


LOCKS = [
    # container, devices, locks memory
    (b.container(), (), False),
    (b.container(sriov=1), (b.vf(),), False),
    (b.container(sriov=1, rdma=1), (b.vf(rdma=True),), True),
    (b.container(rdma=1), (b.shared_rdma(),), True),
]


@pytest.mark.parametrize(("container", "devices", "locks"), LOCKS)
def test_who_may_lock_memory(container, devices, locks):
    found = b.objects([b.service("detector", container)], [b.placed("detector", *devices)])
    assert ("securityContext" in main_of(found)) == locks


def test_promise():
    levels = [(b.vf()["address"], b.GPU, "PIX")]
    entry = b.placed("detector", b.vf(), b.card(), levels=levels)
    found = b.objects([b.service("detector", b.container(sriov=1, gpu=1))], [entry])
    promise = json.loads(b.pod_of(found)["metadata"]["annotations"]["gedge.io/promised-distance"])
    main = {"weight": 2, "levels": [list(levels[0])], "numa_nodes": [0], "devices": [b.vf()["address"], b.GPU]}
    assert promise == [{"replica": 0, "node": "node1", "containers": {"main": main}}]


def test_a_rollout_frees_devices_first():
    found = b.objects([b.service("a", b.container(gpu=1)), b.service("b")], [b.placed("a", b.card()), b.placed("b")])
    assert b.of_kind(found, "Deployment", "a")["spec"]["strategy"] == {"type": "Recreate"}
    assert "strategy" not in b.of_kind(found, "Deployment", "b")["spec"]


def scaled(horizontal=None, vertical=None, **more):
    return b.service(autoscaling={"horizontal": horizontal, "vertical": vertical}, **more)


HPA = {"min": 1, "max": 4, "cpu": 80}


def test_horizontal_autoscaling():
    found = b.objects([scaled(HPA, replicas=2)], [b.placed(), b.placed(replica=1, node="node2")])
    scaler = b.of_kind(found, "HorizontalPodAutoscaler", "detector")
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (1, 4)
    assert scaler["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 80
    assert scaler["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "detector"}
    (workload,) = b.of_kind(found, "Deployment")
    assert "replicas" not in workload["spec"], "each apply would set back what the autoscaler did"
    assert nodes_of(found) == ["node1", "node2"], "elsewhere it would take what was promised to others"
    assert validate.faults(found) == []


@pytest.mark.parametrize("mode", ["Off", "Initial", "Recreate", "InPlaceOrRecreate"])
def test_vertical_autoscaling(mode):
    found = b.objects([scaled(vertical={"mode": mode})], [b.placed()])
    assert b.of_kind(found, "VerticalPodAutoscaler", "detector")["spec"]["updatePolicy"] == {"updateMode": mode}
    assert validate.faults(found) == []


def test_both_autoscalers_keep_to_different_resources():
    found = b.objects([scaled(HPA, {"mode": "Initial"})], [b.placed()])
    spec = b.of_kind(found, "VerticalPodAutoscaler", "detector")["spec"]
    assert spec["resourcePolicy"]["containerPolicies"][0]["controlledResources"] == ["memory"]
    assert validate.faults(found) == []


PINNED = b.container(topology="restricted")
REFUSED = [
    # service, placement, part of the message
    (scaled(HPA, kind="Job"), [b.placed()], "no autoscaler changes the number of a Job's pods"),
    (scaled(HPA, kind="DaemonSet"), [b.placed()], "no autoscaler changes the number of a DaemonSet's pods"),
    (scaled(HPA, containers=[b.container(sriov=1)]), [b.placed("detector", b.vf())], "no static address"),
    (scaled(vertical={"mode": "Initial"}, containers=[PINNED]), [b.placed()], "nothing is pinned then"),
    (b.service(), [], "detector: replica 0 has no place: the placement does not have it"),
    (b.service(replicas=2), [b.placed()], "detector: replica 1 has no place"),
    (b.service(), [b.placed(replica=1), b.placed()], "has replica 1, and the service has 1"),
    (b.service(), [b.placed(container="other")], "has containers other on node1, the service has main"),
    (b.service(containers=[b.container(gpu=1)]), [b.placed()], "was given 0 gpu and asks for 1"),
    (b.service(), [b.placed("detector", b.vf())], "was given 1 sriov and asks for 0"),
]


@pytest.mark.parametrize(("service", "placement", "message"), REFUSED)
def test_refused(service, placement, message):
    with pytest.raises(ProblemsError) as caught:
        b.objects([service], placement)
    assert message in caught.value.text()


def test_two_services_that_would_make_one_object():
    services = [b.service("a", replicas=2), b.service("a-1")]
    entries = [b.placed("a"), b.placed("a", replica=1, node="node2"), b.placed("a-1")]
    with pytest.raises(ProblemsError, match="Deployment default/a-1 is made twice"):
        b.objects(services, entries)


def test_unplaced_services_can_wait():
    container = b.container(sriov=1, gpu=2)
    failed = [{"service": "detector", "namespace": "default", "replica": 0, "what": "no GPU", "advice": "Add one"}]
    with pytest.raises(ProblemsError, match="replica 0 has no place: no GPU"):
        b.objects([b.service("detector", container)], failed=failed)
    found = b.objects([b.service("detector", container, nodes=["node2"])], failed=failed, unplaced="pending")
    assert main_of(found)["resources"]["limits"] == {"gedge.io/sriov_a_21_00_0": "1", "nvidia.com/gpu": "2"}
    assert nodes_of(found) == ["node2"]
    assert b.of_kind(found, "Deployment", "detector")["metadata"]["annotations"] == {"gedge.io/unplaced": "[0]"}
    assert "ips" not in json.dumps(found).replace('"ips\\":true', ""), "what has no place has no address"


SCHEDULERS = [({}, None), ({"scheduler": "numa"}, "numa")]


@pytest.mark.parametrize(("options", "expected"), SCHEDULERS)
def test_another_scheduler(options, expected):
    found = b.objects([b.service()], [b.placed()], **options)
    assert b.pod_of(found)["spec"].get("schedulerName") == expected


def test_a_workload_keeps_its_name_while_others_come_and_go():
    """Else a new pod could get an address while the old one still has it."""
    service = b.service("detector", b.container(sriov=1), replicas=2)
    second = b.placed("detector", b.vf(1), replica=1)
    alone = b.objects([service], [second], unplaced="pending")
    both = b.objects([service], [b.placed("detector", b.vf(0)), second])
    for found in (alone, both):
        text = b.pod_of(found, "detector-1")["metadata"]["annotations"]["gedge.io/promised-distance"]
        assert [one["replica"] for one in json.loads(text)] == [1]
    waiting = b.of_kind(alone, "Deployment", "detector")["metadata"]["annotations"]
    assert waiting == {"gedge.io/unplaced": "[0]"}


def test_a_daemonset_has_its_name_wherever_it_runs():
    found = b.objects([b.service("detector", kind="DaemonSet")], [b.placed("detector", replica=1, node="node2")])
    assert [one["metadata"]["name"] for one in b.of_kind(found, "DaemonSet")] == ["detector"]


def test_namespaces_on_request():
    found = b.objects([b.service(namespace="edge")], [b.placed(namespace="edge")], namespaces=True)
    assert found[0]["kind"] == "Namespace" and found[0]["metadata"]["name"] == "edge"
    assert validate.faults(found) == []


def test_ports_with_one_name_are_told_apart():
    one = b.container(ports=[{"name": "http", "port": 80, "protocol": "TCP"}])
    other = b.container("side", ports=[{"name": "http", "port": 81, "protocol": "TCP"}])
    found = b.objects([b.service("detector", one, other)], [b.placed(), b.placed(container="side")])
    assert [port["name"] for port in b.of_kind(found, "Service", "detector")["spec"]["ports"]] == ["http", "http-81"]
