"""What is applied, what is removed and in which order."""

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.service_rollout import service_rollout

LABEL = {"app.kubernetes.io/managed-by": "gedge.engine"}
API = {
    "Deployment": "apps/v1",
    "NetworkAttachmentDefinition": "k8s.cni.cncf.io/v1",
    "PriorityClass": "scheduling.k8s.io/v1",
}


def thing(kind, name, namespace="default", **body):
    """An object of ours."""
    metadata = {"name": name, "labels": dict(LABEL), **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": API.get(kind, "v1"), "kind": kind, "metadata": metadata, **body}


CAMERA = thing("Deployment", "camera", spec={"replicas": 1})
NET = thing("NetworkAttachmentDefinition", "sriov-a", spec={"config": "{}"})
SERVICE = thing("Service", "camera", spec={"ports": []})
SPACE = thing("Namespace", "vision", None)
CONFIG = thing("ConfigMap", "sriovdp-config", "kube-system", data={})
ALL = [SPACE, NET, SERVICE, CAMERA]


def names(objects):
    """["Kind/name"]."""
    return [f"{one['kind']}/{one['metadata']['name']}" for one in objects]


def test_an_empty_cluster_gets_all_in_order():
    found = service_rollout([], [CAMERA, SERVICE, NET, SPACE, CONFIG], leave=["ConfigMap"])
    assert names(found["apply"]) == names(ALL) == names(found["record"])
    assert json.loads(found["text"]) == ALL
    assert found["workloads"] == [{"kind": "Deployment", "namespace": "default", "name": "camera"}]
    assert found["remove"] == {"users": [], "used": []}
    assert "create  Deployment" in found["table"]


def test_only_what_differs_is_applied():
    present = [dict(CAMERA, spec={"replicas": 2}), NET, SERVICE, SPACE]
    found = service_rollout(present, ALL, names_of(ALL))
    assert names(found["apply"]) == ["Deployment/camera"] and "spec.replicas" in found["table"]
    same = service_rollout(json.dumps([CAMERA, NET, SERVICE, SPACE]), ALL, names_of(ALL))
    assert same["apply"] == [] and same["text"] == "[]"
    assert same["table"] == "The cluster has all of it already." and same["notes"] == []


def names_of(objects):
    """A record of them, as its file has it."""
    return json.dumps(service_rollout([], objects)["record"])


def test_what_is_gone_goes_from_the_users_to_the_used():
    found = service_rollout(ALL, [], names_of(ALL))
    assert names(found["remove"]["users"]) == ["Deployment/camera", "Service/camera"]
    assert names(found["remove"]["used"]) == ["NetworkAttachmentDefinition/sriov-a", "Namespace/vision"]
    assert found["gone"] == [{"kind": "Deployment", "namespace": "default", "name": "camera"}]
    assert found["record"] == []
    assert set(found["remove"]["used"][0]) == {"apiVersion", "kind", "metadata"}


def test_what_others_made_is_neither_removed_nor_recorded():
    other = thing("Deployment", "theirs")
    found = service_rollout([other, NET], [NET, CAMERA], "")
    assert names(found["apply"]) == ["Deployment/camera"] == names(found["record"])
    assert found["gone"] == [] and "NetworkAttachmentDefinition sriov-a were there before" in found["notes"][0]
    later = service_rollout([other, NET, CAMERA], [], found["record"])
    assert names(later["remove"]["users"] + later["remove"]["used"]) == ["Deployment/camera"]


def test_a_namespace_with_strangers_stays_and_is_remembered():
    found = service_rollout(ALL, [], names_of(ALL), strangers={"vision": ["Deployment/other"]})
    assert "Namespace/vision" not in names(found["remove"]["used"])
    assert names(found["record"]) == ["Namespace/vision"]
    assert found["notes"] == ["namespace vision stays: it has Deployment/other of others"]


def test_a_run_that_was_cut_off_leaves_nothing_unknown():
    """The record has what is to be made before it is made: whatever of it is there, the next run finds it."""
    planned = service_rollout([], ALL)
    for made in range(len(ALL)):
        found = service_rollout(json.loads(planned["text"])[:made], [], planned["record"])
        assert len(found["remove"]["users"] + found["remove"]["used"]) == made


@pytest.mark.parametrize("text", ["{", "{}x", "[1]", '[{"kind": "x"}]', '{"a": 1}'])
def test_a_damaged_record_is_refused(text):
    with pytest.raises(AnsibleFilterError, match=r"deployed\.json: is no record of what was deployed"):
        service_rollout([], [], text)
