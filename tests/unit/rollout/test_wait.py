"""When waiting ends: all there, senseless, or the time is over; and what is said on the way."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.rollout import wait as waiting
from ansible_collections.gedge.engine.plugins.module_utils.rollout import workloads
from ansible_collections.gedge.engine.plugins.module_utils.rollout.kubectl import Kubectl, word
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult

KEY = ("default", "Deployment", "camera")


def deployment(there=1, wanted=1, generation=1, seen=1, **more):
    """A Deployment with its status."""
    status = {"observedGeneration": seen, "replicas": wanted, "availableReplicas": there, "updatedReplicas": there}
    metadata = {"name": "camera", "namespace": "default", "generation": generation}
    return {"kind": "Deployment", "metadata": metadata, "spec": {"replicas": wanted}, "status": dict(status, **more)}


def pod(name="camera-1", ready=False, ending=False, **status):
    """A pod of it."""
    labels = {"gedge.io/workload": "camera", "gedge.io/service": "camera"}
    metadata = {"name": name, "namespace": "default", "labels": labels, "uid": name}
    if ending:
        metadata["deletionTimestamp"] = "2026-11-29T02:00:00Z"
    conditions = [{"type": "Ready", "status": "True"}] if ready else []
    state = {"phase": "Running" if ready else "Pending", "conditions": conditions, **status}
    return {"kind": "Pod", "metadata": metadata, "spec": {"nodeName": "node1", "containers": []}, "status": state}


def refused(name):
    """A pod that its kubelet refused."""
    return pod(name, phase="Failed", reason="TopologyAffinityError", message="Resources cannot be allocated")


def stuck(reason, message=""):
    """A pod whose container waits."""
    return pod(containerStatuses=[{"name": "main", "state": {"waiting": {"reason": reason, "message": message}}}])


NEVER = stuck("ErrImageNeverPull", 'Container image "x" is not present with pull policy of Never')
CONFIG = stuck("CreateContainerConfigError", 'configmap "x" not found')
STATES = {
    # objects at the time 0 and 100, whether it is over at the first and at the second look
    "there": ([deployment(), pod(ready=True)], True, True),
    "not yet": ([deployment(there=0), pod()], False, False),
    "its controller has not looked": ([deployment(generation=2)], False, False),
    "an old pod is left": ([deployment(replicas=2)], False, False),
    "no object yet": ([], False, False),
    "an image that never comes": ([deployment(there=0), NEVER], True, True),
    "a trouble that may pass": ([deployment(there=0), CONFIG], False, True),
    "while an earlier pod ends": ([deployment(there=0), CONFIG, pod("old", ending=True)], False, False),
    "refused once": ([deployment(there=0), refused("a")], False, True),
    "refused three times": ([deployment(there=0), refused("a"), refused("b"), refused("c")], True, True),
    "its deadline is over": (
        [deployment(there=0, conditions=[{"type": "Progressing", "status": "False",
                                          "reason": "ProgressDeadlineExceeded", "message": "timed out"}])],
        True,
        True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", STATES)
def test_when_it_is_over(title):
    objects, first, second = STATES[title]
    watch = waiting.Watch([KEY], [], 45)
    watch.look(objects, [], [], 0)
    assert watch.over() == first
    watch.look(objects, [], [], 100)
    assert watch.over() == second


@pytest.mark.parametrize(
    "said, over", [("error waiting for pod: Get x: context deadline exceeded", False), ("y", True)]
)
def test_an_answer_that_comes_late_is_waited_for_however_often(said, over):
    about = {"kind": "Pod", "namespace": "default", "name": "camera-1"}
    event = {"type": "Warning", "reason": "FailedCreatePodSandBox", "message": said, "involvedObject": about}
    watch = waiting.Watch([KEY], [], 45)
    watch.look([deployment(there=0), pod()], [event], [], 0)
    watch.look([deployment(there=0), pod()], [event], [], 100)
    assert watch.over() == over


def test_it_waits_for_the_others_though_one_is_hopeless():
    other = ("default", "Deployment", "other")
    watch = waiting.Watch([KEY, other], [], 45)
    slow = deployment(there=0)
    slow["metadata"] = dict(slow["metadata"], name="other")
    watch.look([deployment(there=0), NEVER, slow], [], [], 0)
    assert not watch.over()
    slow["status"] = deployment()["status"]
    watch.look([deployment(there=0), NEVER, slow], [], [], 2)
    assert watch.over() and not watch.available()


def test_a_line_for_each_change_and_for_nothing_else():
    watch = waiting.Watch([KEY], [], 45)
    assert watch.look([], [], [], 0) == [("default/camera", "not there")]
    assert watch.look([deployment(there=0), pod()], [], [], 2) == [("default/camera", "0 of 1 available")]
    assert watch.look([deployment(there=0), pod()], [], [], 4) == []
    ((dummy, line),) = watch.look([deployment(there=0), NEVER], [], [], 6)
    assert line.startswith("0 of 1 available; default/camera-1 on node1: container main waits (ErrImageNeverPull)")
    assert watch.look([deployment(), pod(ready=True)], [], [], 8) == [("default/camera", "1 of 1 available")]


KINDS = {
    "StatefulSet": (
        {"replicas": 2},
        {"observedGeneration": 1, "availableReplicas": 2, "updatedReplicas": 2, "currentRevision": "a",
         "updateRevision": "a"},
        {"currentRevision": "b"},
    ),
    "DaemonSet": (
        {},
        {"observedGeneration": 1, "desiredNumberScheduled": 2, "numberAvailable": 2, "updatedNumberScheduled": 2},
        {"numberAvailable": 1},
    ),
    "Job": ({"parallelism": 2, "completions": 2}, {"ready": 1, "succeeded": 1}, {"ready": 0}),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds(kind):
    spec, well, change = KINDS[kind]
    one = {"kind": kind, "metadata": {"name": "x", "generation": 1}, "spec": spec, "status": well}
    assert workloads.progress(one)["available"] and workloads.progress(one)["there"] == 2
    assert not workloads.progress(dict(one, status=dict(well, **change)))["available"]


class Said:
    """A kubectl that answers one after the other: a list of objects, or a text on stderr."""

    def __init__(self, *answers):
        self.answers, self.ran = list(answers), []

    def run(self, argv, check=True, stdin=None):
        self.ran.append(argv)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            return CommandResult(1, "", answer)
        return CommandResult(0, json.dumps({"items": answer}), "")


REFUSED = "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?"


def params(tmp_path, **more):
    """Options of the module."""
    given = {
        "workloads": [dict(zip(("namespace", "kind", "name"), KEY))],
        "placements": [],
        "timeout": 5,
        "patience": 45,
        "delay": 0,
    }
    given.update(interval=0.01, progress_file=str(tmp_path / "progress"), kubeconfig="k", kubectl="kubectl", **more)
    return given


def test_a_server_that_comes_back_is_waited_for(tmp_path):
    found = waiting.wait(Said(REFUSED, [deployment(), pod(ready=True)]), params(tmp_path))
    assert found["available"] and not found["senseless"] and found["explained"] == []
    assert (tmp_path / "progress").read_text().splitlines() == [
        f"cluster: the API server does not answer: {REFUSED}",
        "default/camera: 1 of 1 available",
    ]


def test_a_server_that_stays_away_is_an_error(tmp_path):
    with pytest.raises(EngineError, match="the API server does not answer"):
        waiting.wait(Said(REFUSED), dict(params(tmp_path), timeout=0.05))


LOGGED = "".join(
    f'E1130 12:56:38.01451{n}    4711 memcache.go:265] "Unhandled Error" err="Get \\"https://127.0.0.1/api\\": EOF"\n'
    for n in range(5)
)


@pytest.mark.parametrize(("said", "told"), [(LOGGED + REFUSED, REFUSED), (LOGGED, " ".join(LOGGED.split()))])
def test_of_what_kubectl_logs_its_sentence_is_told_with_what_to_do(said, told):
    with pytest.raises(EngineError) as raised:
        Kubectl(Said(said), kubeconfig="/k").get(["Pod.v1."])
    advice = "See that it runs and can be reached from here, and that this kubeconfig is its"
    assert str(raised.value) == f"/k: the API server does not answer: {told}. {advice}"


@pytest.mark.parametrize(
    ("took", "interval", "rest"), [(0.1, 1, 1), (0.5, 1, 2), (1, 1, 4), (20, 1, 5), (20, 8, 8), (0.1, 0.01, 0.4)]
)
def test_a_look_that_takes_long_is_followed_by_rest(monkeypatch, took, interval, rest):
    clock, rested = [0.0], []
    monkeypatch.setattr(waiting.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(waiting.time, "sleep", rested.append)
    looks = [False, True]

    def look(dummy):
        clock[0] += took
        return looks.pop(0)

    assert waiting.until(look, 0, (100, interval, print)) is None
    assert rested == [pytest.approx(rest)]


@pytest.mark.parametrize(
    ("quiet", "refused", "asked"),
    [(0, False, [0, 5]), (3, False, [3]), (10, False, []), (10, True, [0, 5])],
)
def test_events_are_asked_for_now_and_then(quiet, refused, asked):
    said, when = Said([]), []
    surroundings = waiting.Surroundings(Kubectl(said, "kubectl", "k"), quiet)
    for now in (0, 1, 3, 4.9, 5, 6):
        before = len(said.ran)
        surroundings.at(now, refused)
        when += [now] * (len(said.ran) - before)
    assert when == [one for one in asked for _kind in ("events", "nodes")]


def test_the_time_is_over(tmp_path):
    found = waiting.wait(Said([deployment(there=0), pod(ready=True)]), dict(params(tmp_path), timeout=0.05))
    assert not found["available"] and not found["senseless"]


def test_kinds_that_the_cluster_does_not_know_are_left_out_and_told():
    system = Said('error: the server doesn\'t have a resource type "HTTPRoute"', [deployment()])
    found, unknown = Kubectl(system, "kubectl", "k").get(
        ["HTTPRoute.v1.gateway.networking.k8s.io", "Deployment.v1.apps"]
    )
    assert unknown == ["HTTPRoute.v1.gateway.networking.k8s.io"] and len(found) == 1
    assert system.ran[1][:5] == ["kubectl", "--kubeconfig", "k", "--request-timeout=20s", "get"]
    assert system.ran[1][5] == "Deployment.v1.apps"


def test_another_error_of_kubectl_is_told():
    with pytest.raises(EngineError, match="k: the cluster cannot be read: error: You must be logged in"):
        Kubectl(Said("error: You must be logged in"), "kubectl", "k").get(["Pod.v1."])


def test_how_kinds_are_told():
    assert (word("apps/v1", "Deployment"), word("v1", "Pod")) == ("Deployment.v1.apps", "Pod.v1.")
