"""What a cluster has against ours: what servers add is no difference, what we changed or took away is."""

import copy
import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.manifests.diff import diff, quantity
from unit.manifests import builder as b

LAST = "kubectl.kubernetes.io/last-applied-configuration"


def ours():
    container = b.container(
        sriov=1,
        env={"A": "1", "B": ""},
        topology="restricted",
        ports=[{"name": "http", "port": 80, "protocol": "TCP"}],
        resources={"cpu": "4", "memory": "4096Mi", "hugepages": {"2Mi": "64Mi"}},
    )
    return b.objects([b.service("detector", container, priority=3)], [b.placed("detector", b.vf())])


def served(objects):
    """The objects as an API server gives them back: with defaults, status and other forms of quantities."""
    found = copy.deepcopy(objects)
    for one in found:
        one["metadata"].update({"uid": "1", "resourceVersion": "7", "generation": 1, "managedFields": []})
        one["metadata"].setdefault("annotations", {})["deployment.kubernetes.io/revision"] = "1"
        one["status"] = {"observedGeneration": 1}
    deployment = b.of_kind(found, "Deployment")[0]["spec"]
    deployment.update({"progressDeadlineSeconds": 600, "revisionHistoryLimit": 10})
    pod = deployment["template"]["spec"]
    pod.update({"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler"})
    main = pod["containers"][0]
    main.update({"imagePullPolicy": "IfNotPresent", "terminationMessagePath": "/dev/termination-log"})
    for part in main["resources"].values():
        part["memory"] = "4Gi"
    main["env"][1] = {"name": "B"}  # an empty value is left out
    service = b.of_kind(found, "Service")[0]["spec"]
    service.update({"clusterIP": "10.0.0.1", "type": "ClusterIP", "sessionAffinity": "None"})
    return found


def test_what_a_server_adds_is_no_difference():
    assert diff(served(ours()), ours()) == []


def test_all_is_created_in_order_and_deleted_in_the_opposite_one():
    created = diff([], ours())
    kinds = [one["kind"] for one in created]
    order = ["PriorityClass", "ConfigMap", "NetworkAttachmentDefinition", "Service", "Deployment"]
    assert kinds == order and {one["change"] for one in created} == {"create"}
    deleted = diff(served(ours()), [])
    assert [one["kind"] for one in deleted] == kinds[::-1] and {one["change"] for one in deleted} == {"delete"}


def test_objects_of_others_are_left_alone():
    other = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kubernetes", "namespace": "default"}}
    assert diff([other], []) == []


def main_of(objects):
    return b.pod_of(objects)["spec"]["containers"][0]


POD = "spec.template.spec."
MAIN = POD + "containers[main]."
CHANGES = [
    # what the cluster has otherwise, the path that is told
    (lambda have: b.of_kind(have, "Deployment")[0]["spec"].update(replicas=3), "spec.replicas"),
    (lambda have: main_of(have).update(image="old"), MAIN + "image"),
    (lambda have: main_of(have)["resources"]["limits"].update(cpu="5"), MAIN + "resources.limits.cpu"),
    (lambda have: main_of(have)["resources"]["limits"].update(memory="5Gi"), MAIN + "resources.limits.memory"),
    (
        lambda have: main_of(have)["resources"]["limits"].update({"nvidia.com/gpu": "1"}),
        MAIN + "resources.limits.nvidia.com/gpu",
    ),
    (lambda have: main_of(have)["resources"]["limits"].pop("hugepages-2Mi"), MAIN + "resources.limits.hugepages-2Mi"),
    (lambda have: main_of(have)["env"].append({"name": "C", "value": "3"}), MAIN + "env[C]"),
    (lambda have: main_of(have)["env"].pop(0), MAIN + "env[A]"),
    (lambda have: b.pod_of(have)["spec"].pop("priorityClassName"), POD + "priorityClassName"),
    (
        lambda have: b.pod_of(have)["metadata"]["annotations"].update({"gedge.io/old": "1"}),
        "spec.template.metadata.annotations.gedge.io/old",
    ),
    (lambda have: b.of_kind(have, "ConfigMap")[0]["data"].update(old="1"), "data.old"),
    (lambda have: b.of_kind(have, "Service")[0]["spec"]["selector"].update(old="1"), "spec.selector.old"),
    (lambda have: b.of_kind(have, "Service")[0]["spec"]["ports"][0].update(port=81), "spec.ports[http].port"),
]


@pytest.mark.parametrize(("change", "path"), CHANGES)
def test_a_change_is_told_by_its_path(change, path):
    have = served(ours())
    change(have)
    (found,) = diff(have, ours())
    assert found["change"] == "update" and [one["path"] for one in found["fields"]] == [path]
    (field,) = found["fields"]
    assert field["was"] != field["now"]


def test_what_was_applied_before_and_is_wanted_no_more():
    have = served(ours())
    deployment = b.of_kind(have, "Deployment")[0]
    deployment["spec"]["minReadySeconds"] = 5
    assert diff(have, ours()) == [], "nobody says that it was ours"
    deployment["metadata"]["annotations"][LAST] = json.dumps({"spec": {"minReadySeconds": 5}})
    (found,) = diff(have, ours())
    assert found["fields"] == [{"path": "spec.minReadySeconds", "was": 5, "now": None}]


QUANTITIES = [
    ("1000m", "1"),
    ("1Gi", "1024Mi"),
    ("1k", "1000"),
    ("0.5", "500m"),
    ("1e3", "1k"),
    ("1Ei", "1024Pi"),
]


@pytest.mark.parametrize(("one", "other"), QUANTITIES)
def test_quantities(one, other):
    assert quantity(one) == quantity(other) and quantity(one) != quantity("7")
    assert quantity("x") is None


@pytest.mark.parametrize("wrong", [None, {}, [1], [{"kind": "Pod"}], [{"kind": "Pod", "metadata": {}}]])
def test_what_is_no_list_of_objects(wrong):
    with pytest.raises(EngineError):
        diff(wrong, [])
    with pytest.raises(EngineError):
        diff([], wrong)
