"""Waiting for pods that go, and why those that stay do: texts of kubelet, Multus, sriov-cni (sriov-cni#250, #445)."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.rollout import gone
from ansible_collections.gedge.engine.plugins.module_utils.rollout.explain import explain_ending

from .test_explain import event, node, pod
from .test_wait import REFUSED, Said, params
from .test_wait import pod as listed

KILL = (
    'error killing pod: failed to "KillPodSandbox" for "b3" with KillPodSandboxError: "rpc error: code = Unknown '
    'desc = failed to destroy network for sandbox \\"48161e\\": plugin type=\\"multus\\" '
    'name=\\"multus-cni-network\\" failed '
    "(delete): delegateDel: error invoking ConflistDel - "
)
ENDING = {
    # title: (reason, message, what the sentence has)
    "name taken": (
        "FailedKillPod",
        KILL + 'failed to rename link net1 to host name ens1f0v1: \\"file exists\\"',
        "its VF (net1) can't be given back: its name of the host is an alternative name",
    ),
    "not found": (
        "FailedKillPod",
        KILL + 'failed to get netlink device with name net1: \\"Link not found\\"',
        "its VF's interface can't be found",
    ),
    "no plugin": (
        "FailedKillPod",
        KILL + 'failed to find plugin "sriov" in path [/opt/cni/bin]',
        "the CNI plugin sriov is not in /opt/cni/bin there any more",
    ),
    "any other": ("FailedKillPod", "the cgroup is busy", "the kubelet can't end it: the cgroup is busy"),
}


@pytest.mark.parametrize("title", ENDING)
def test_it_does_not_end(title):
    reason, message, expected = ENDING[title]
    text = explain_ending(pod(), [event(reason, message)], [node("node1")])
    assert text.startswith("default/camera-1 on node1: ") and expected in text


def test_its_node_is_away():
    away = node("node1")
    away["status"] = {"conditions": [{"type": "Ready", "status": "Unknown"}]}
    assert "that node does not answer (not Ready)" in explain_ending(pod(), [], [away])


def test_nobody_says_why():
    ready = node("node1")
    ready["status"] = {"conditions": [{"type": "Ready", "status": "True"}]}
    assert explain_ending(pod(), [event("BackOff", "restarts")], [ready]) == ""


def test_pods_that_go(tmp_path):
    found = gone.wait_until_gone(Said([listed(ready=True)], []), params(tmp_path))
    assert found["available"]
    assert (tmp_path / "progress").read_text().splitlines()[-1] == "default/camera: 0 pods are left"


def test_pods_that_stay(tmp_path):
    with pytest.raises(EngineError, match="pods of default/camera are not gone"):
        gone.wait_until_gone(Said([listed(ready=True)]), dict(params(tmp_path), timeout=0))


def test_the_server_goes_away_meanwhile(tmp_path):
    with pytest.raises(EngineError, match="not gone after 0 s, and the API server is away"):
        gone.wait_until_gone(Said([listed(ready=True)], REFUSED), dict(params(tmp_path), timeout=0))
