"""One call of kubectl where all goes well; what is refused is found by asking again, and told in sentences."""

import json

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.rollout import apply, kubectl
from ansible_collections.gedge.engine.plugins.module_utils.rollout.kubectl import AwayError
from ansible_collections.gedge.engine.plugins.module_utils.rollout.refusals import refusal
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult


def thing(kind, name, namespace="default", api="apps/v1"):
    """An object."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata}


CAMERA = thing("Deployment", "camera")
DETECTOR = thing("Deployment", "detector")
SPACE = thing("Namespace", "vision", None, "v1")
CONFIG = thing("ConfigMap", "settings", api="v1")
THEIRS = thing("ConfigMap", "settings", "vision", "v1")
ALL = [SPACE, CONFIG, THEIRS, CAMERA, DETECTOR]
GONE = 'error: unable to recognize "STDIN": Get "https://10.0.0.1:6443/api": dial tcp: connect: connection refused'
FORBIDDEN = 'Error from server (Forbidden): deployments.apps "camera" is forbidden: exceeded quota: q'


class Cluster:
    """kubectl before an API server that refuses some objects, as kubectl 1.37 does: it goes on, and names what it did.

    refused: {(namespace, name): its words}; away: how often it is away first; whole: of several objects it does none
    where it refuses one."""

    def __init__(self, refused=None, away=0, whole=False, besides=""):
        self.refused, self.away, self.whole, self.besides = refused or {}, away, whole, besides
        self.calls, self.have = [], set()

    def run(self, argv, check=True, stdin=None):
        """System.run."""
        assert not check
        objects = json.loads(stdin)["items"]
        self.calls.append((argv, objects))
        if len(self.calls) <= self.away:
            return CommandResult(1, "", GONE)
        said = [self.refused[where(one)] for one in objects if where(one) in self.refused]
        done = [] if said and self.whole else [one for one in objects if where(one) not in self.refused]
        self.have |= {where(one) for one in done}
        lines = "".join(f"{line(one)}\n" for one in done)
        return CommandResult(1 if said else 0, lines, self.besides + "\n".join(said))


def where(one):
    """(namespace, name) of an object."""
    return one["metadata"].get("namespace", ""), one["metadata"]["name"]


def line(one):
    """As kubectl -o name tells an object."""
    group = one["apiVersion"].rpartition("/")[0]
    return f"{one['kind'].lower()}{'.' + group if group else ''}/{one['metadata']['name']}"


def bring(cluster, objects, check_mode=False, **more):
    """What the module returns."""
    params = {"state": "present", "field_manager": "gedge-engine", "force_conflicts": False, "timeout": 60}
    text = objects if isinstance(objects, str) else json.dumps(objects)
    params = {**params, "kubeconfig": "/k", "kubectl": "kubectl", "objects": text, **more}
    return apply.bring(cluster, params, check_mode)


def test_all_goes_in_one_call():
    cluster = Cluster(besides="Warning: v1 Thing is old\n")
    assert bring(cluster, ALL) == {"changed": True, "refused": [], "warnings": ["v1 Thing is old"]}
    ((argv, objects),) = cluster.calls
    assert argv[:3] == ["kubectl", "--kubeconfig", "/k"] and "--server-side" in argv and objects == ALL
    assert "--field-manager=gedge-engine" in argv and "--force-conflicts" not in argv


WAYS = {
    "force": ({"force_conflicts": True}, ["--force-conflicts", "--field-manager=gedge-engine"], []),
    "another manager": ({"field_manager": "me"}, ["--field-manager=me"], ["--force-conflicts"]),
    "removed": ({"state": "absent"}, ["--ignore-not-found", "--wait=false", "--cascade=background"], ["--server-side"]),
}


@pytest.mark.parametrize("title", WAYS)
def test_how_kubectl_is_told(title):
    given, there, not_there = WAYS[title]
    cluster = Cluster()
    bring(cluster, ALL, **given)
    ((argv, dummy),) = cluster.calls
    assert set(there) <= set(argv) and not set(not_there) & set(argv)


REFUSED = {
    # who are refused, whether kubectl does nothing at all then
    "one": ([CAMERA], False),
    "one of two with one name": ([CONFIG], False),
    "the other of two with one name": ([THEIRS], False),
    "two": ([SPACE, DETECTOR], False),
    "all": (ALL, False),
    "one stops it before anything": ([CAMERA], True),
    "two stop it before anything": ([THEIRS, CAMERA], True),
}


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("title", REFUSED)
def test_each_that_is_refused_is_told_once_and_all_others_are_done(title, state):
    refused, whole = REFUSED[title]
    cluster = Cluster({where(one): f"error: no to {where(one)}" for one in refused}, whole=whole)
    found = bring(cluster, ALL, state=state)
    assert [said.partition(": ")[2] for said in found["refused"]] == [f"no to {where(one)}" for one in refused]
    assert cluster.have == {where(one) for one in ALL if one not in refused}
    assert found["changed"] == bool(cluster.have)


def test_many_refused_ones_do_not_take_a_call_each():
    many = [thing("Deployment", f"d{number}") for number in range(200)]
    cluster = Cluster({where(one): "error: no" for one in many})
    found = bring(cluster, many)
    assert len(cluster.calls) == apply.MOST_CALLS and not found["changed"]
    assert " more: not done either. Mend what is told above" in found["refused"][-1]


def test_an_api_server_that_comes_back_is_waited_for(monkeypatch):
    slept = []
    monkeypatch.setattr(apply.time, "sleep", slept.append)
    cluster = Cluster(away=2)
    assert bring(cluster, ALL)["changed"] and len(cluster.calls) == 3 and len(slept) == 2


def test_one_that_stays_away_is_named():
    with pytest.raises(AwayError, match=r"^/k: the API server does not answer: .* See that it runs"):
        bring(Cluster(away=9), ALL, timeout=0)


def test_a_webhook_that_does_not_answer_is_no_api_server_that_is_away():
    text = 'Error from server (InternalError): Internal error occurred: failed calling webhook "w": connection refused'
    (said,) = bring(Cluster({("default", "camera"): text}), [CAMERA])["refused"]
    assert said.startswith('Deployment default/camera: Internal error occurred: failed calling webhook "w"')


@pytest.mark.parametrize("text", ["error: stat /k: no such file or directory", "error: unknown flag: --server-side"])
def test_kubectl_that_cannot_begin_is_one_error(text):
    cluster = Cluster({where(one): text for one in ALL})
    with pytest.raises(EngineError, match=f"^/k: kubectl failed: {text}"):
        bring(cluster, ALL)
    assert len(cluster.calls) == 1


WRONG = {
    "{": "objects: is no JSON",
    '{"a": 1}': "objects: is not a list",
    '[{"kind": "x"}]': r"objects\[0\]: is no object",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_list_of_objects_asks_nobody(text):
    cluster = Cluster()
    with pytest.raises(EngineError, match=WRONG[text]):
        bring(cluster, text)
    assert cluster.calls == []


def test_check_mode_and_nothing_ask_nobody():
    cluster = Cluster()
    assert bring(cluster, ALL, True) == {"changed": True, "refused": []}
    assert bring(cluster, []) == {"changed": False, "refused": []}
    assert cluster.calls == []


ADVICE = "\nPlease review the fields above--they currently have other managers. Here\nare the ways you can resolve this"
ONE = 'error: Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas' + ADVICE
TWO = (
    'error: Apply failed with 3 conflicts: conflicts with "helm":\n- .spec.replicas\n- '
    '.spec.template.spec.containers[name="main"]'
    '.image\nconflicts with "kubectl-client-side-apply" using apps/v1 at 2026-11-29T02:00:00Z:\n- .metadata.labels.tier'
    + ADVICE
)
SECRET = '{"Containers":[{"Env":[{"Name":"TOKEN","Value":"s3cret: x"}]}]}'
# As kubectl 1.37.2 prints them, but for the last three.
SENTENCES = {
    "one field": (ONE, '.spec.replicas is set by "kubectl-edit" (someone who ran kubectl edit) to another value'),
    "several": (
        TWO,
        '.spec.replicas, .spec.template.spec.containers[name="main"].image is set by "helm" (a Helm release) to '
        'another '
        'value; .metadata.labels.tier is set by "kubectl-client-side-apply" (someone who ran kubectl apply) since '
        "2026-11-29T02:00:00Z to another value: take it back there, or run once with cluster_service_force_conflicts",
    ),
    "a subresource": (
        'error: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.x',
        '.spec.x is set by "kubectl" (someone who ran kubectl) to another value',
    ),
    "immutable": (
        f'The Job "x" is invalid: spec.template.spec: Invalid value: {SECRET}: field is immutable',
        "camera: spec.template.spec: Invalid value: field is immutable. Such a field cannot change: take the service",
    ),
    "several fields": (
        'The Deployment "x" is invalid: \n* spec.replicas: Invalid value: -1: must be greater than or equal to 0\n'
        '* spec.strategy: Unsupported value: "s3cret": supported values: "Recreate"',
        "spec.replicas: Invalid value: must be greater than or equal to 0; spec.strategy: Unsupported value: supported",
    ),
    "a value as Go shows it": (
        'The Job "x" is invalid: spec.a: Invalid value: core.PodSpec{Env: s3cret}: field is immutable',
        "camera: spec.a: Invalid value: field is immutable",
    ),
    "a field of another type": (
        "Error from server: failed to create typed patch object (default/x; /v1, Kind=ConfigMap): .data.a: expected "
        'string, got &value.valueUnstructured{Value:map[string]interface {}{"x":"s3cret"}}',
        ".data.a: expected string, got another",
    ),
    "quota": (FORBIDDEN, "exceeded quota: q. Use a kubeconfig that may do it, or raise the quota"),
    "namespace": (
        'Error from server (NotFound): namespaces "vision" not found',
        'namespaces "vision" not found. Make it, or write service_manifests: {namespaces: true}',
    ),
    "unknown kind": (
        'unable to recognize no matches for kind "HTTPRoute" in version "gateway.networking.k8s.io/v1"',
        "the cluster knows no kind HTTPRoute of gateway.networking.k8s.io/v1. Install its CustomResourceDefinition",
    ),
    "a policy": (
        "Warning: s3cret\nThe configmaps \"c\" is invalid: : ValidatingAdmissionPolicy 'p' denied request: no",
        "ValidatingAdmissionPolicy 'p' denied request: no",
    ),
    "unknown kind, as earlier kubectls say": (
        'error: resource mapping not found for name: "b" namespace: "" from "STDIN": no matches for kind "Bar" in '
        'version "foo.io/v1"\nensure CRDs are installed first',
        "the cluster knows no kind Bar of foo.io/v1",
    ),
    "another": ("Error from server: the moon", "Deployment default/camera: the moon"),
    "nothing": ("", "kubectl says nothing of it"),
}  # fmt: skip


@pytest.mark.parametrize("title", SENTENCES)
def test_what_is_refused_is_told_without_its_values(title):
    said, told = SENTENCES[title]
    found = refusal(CAMERA, said)
    assert found.startswith("Deployment default/camera: ") and told in found, found
    assert "s3cret" not in found and "Please review" not in found and "\n" not in found


def test_a_kubeconfig_in_the_home_folder(monkeypatch):
    """kubectl does not know "~": a shell does, and there is none."""
    monkeypatch.setenv("HOME", "/home/edge")
    read = ArgumentSpecValidator(kubectl.OPTIONS).validate({"kubeconfig": "~/.kube/config"})
    assert read.validated_parameters["kubeconfig"] == "/home/edge/.kube/config"
    assert ArgumentSpecValidator(kubectl.OPTIONS).validate({}).validated_parameters["kubeconfig"] == ""
