"""What is applied, what is removed and in which order; what an API server refuses, in sentences."""

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.service_refusals import service_refusals
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
    assert found["workloads"] == [{"kind": "Deployment", "namespace": "default", "name": "camera"}]
    assert found["remove"] == {"users": [], "used": []}
    assert "create  Deployment" in found["table"]


def test_only_what_differs_is_applied():
    present = [dict(CAMERA, spec={"replicas": 2}), NET, SERVICE, SPACE]
    found = service_rollout(present, ALL, names_of(ALL))
    assert names(found["apply"]) == ["Deployment/camera"] and "spec.replicas" in found["table"]
    same = service_rollout([CAMERA, NET, SERVICE, SPACE], ALL, names_of(ALL))
    assert same["apply"] == [] and same["table"] == "The cluster has all of it already." and same["notes"] == []


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
        found = service_rollout(planned["apply"][:made], [], planned["record"])
        assert len(found["remove"]["users"] + found["remove"]["used"]) == made


@pytest.mark.parametrize("text", ["{", "{}x", "[1]", '[{"kind": "x"}]', '{"a": 1}'])
def test_a_damaged_record_is_refused(text):
    with pytest.raises(AnsibleFilterError, match=r"deployed\.json: is no record of what was deployed"):
        service_rollout([], [], text)


def refused(message, code=409):
    """As kubernetes.core tells it: Python's show of the API server's bytes."""
    status = json.dumps({"kind": "Status", "status": "Failure", "message": message, "code": code}).encode()
    return {
        "changed": False,
        "result": {},
        "error": {"msg": f"Failed to apply object: {status!r}", "reason": "Conflict"},
    }


ONE = 'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas'
TWO = (
    'Apply failed with 3 conflicts: conflicts with "helm":\n- .spec.replicas\n- '
    '.spec.template.spec.containers[name="main"]'
    '.image\nconflicts with "kubectl-client-side-apply" using apps/v1 at 2026-11-29T02:00:00Z:\n- .metadata.labels.tier'
)
REFUSED = {
    "one field": (ONE, 409, '.spec.replicas is set by "kubectl-edit" (someone who ran kubectl edit) to another value'),
    "several": (
        TWO,
        409,
        '.spec.replicas, .spec.template.spec.containers[name="main"].image is set by "helm" (a Helm release) to '
        'another '
        'value; .metadata.labels.tier is set by "kubectl-client-side-apply" (someone who ran kubectl apply) since '
        "2026-11-29T02:00:00Z to another value: take it back there, or run once with cluster_service_force_conflicts",
    ),
    "immutable": (
        'Job.batch "x" is invalid: spec.template: Invalid value: {}: field is immutable',
        422,
        "field is immutable. Such a field cannot change: take the service away",
    ),
    "quota": ('deployments.apps "x" is forbidden: exceeded quota: q', 403, "exceeded quota: q. Use a kubeconfig"),
    "namespace": ('namespaces "vision" not found', 404, 'write service_manifests: {namespaces: true}'),
    "another": ("the moon", 500, "the moon"),
}  # fmt: skip


@pytest.mark.parametrize("title", REFUSED)
def test_what_is_refused_is_told(title):
    message, code, told = REFUSED[title]
    rows = [{"changed": True, "result": {}}, refused(message, code)]
    (said,) = service_refusals({"changed": True, "result": {"results": rows}}, [NET, CAMERA])
    assert said.startswith("Deployment default/camera: ") and told in said, said
    # One object is told in another form.
    (alone,) = service_refusals(refused(message, code), [CAMERA])
    assert alone == said


def test_a_kind_that_nobody_knows():
    error = {
        "msg": "Failed to find exact match for gateway.networking.k8s.io/v1.HTTPRoute by [kind, name, singularName]"
    }
    (said,) = service_refusals({"result": {}, "error": error}, [CAMERA])
    assert "the cluster knows no kind HTTPRoute of gateway.networking.k8s.io/v1. Install its Custom" in said


def test_all_went_well():
    assert service_refusals({"changed": True, "result": {"results": [{"changed": True, "result": {}}]}}, [CAMERA]) == []
    assert service_refusals({"changed": True, "result": {"kind": "Deployment"}, "method": "apply"}, [CAMERA]) == []


def test_the_task_itself_failed():
    (said,) = service_refusals({"failed": True, "msg": "Could not load the kubeconfig"}, [CAMERA])
    assert said == "Could not load the kubeconfig"
