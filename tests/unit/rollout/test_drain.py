"""A cordon of ours has our name on it; what fails leaves the node as it was; reasons are kubectl's own."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.rollout import drain
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult

PARAMS = {
    "node": "node1",
    "state": "drained",
    "owner": "me",
    "timeout": 40,
    "force": False,
    "delete_emptydir_data": False,
    "kubeconfig": "/k",
    "kubectl": "kubectl",
}
CORDON = {"metadata": {"annotations": {drain.MARK: "me"}}, "spec": {"unschedulable": True}}
UNCORDON = {"metadata": {"annotations": {drain.MARK: None}}, "spec": {"unschedulable": None}}
AWAY = "The connection to the server 192.168.0.1:6443 was refused - did you specify the right host or port?\n"
# As kubectl 1.37.2 prints them.
EVICTING = 'error when evicting pods/"web-1" -n "default"'
BUDGET = f"""\
{EVICTING} (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.
{EVICTING} (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.
There are pending pods in node "node1" when an error occurred: {EVICTING}: global timeout reached: 40s
pod/web-1
error: unable to drain node "node1" due to error: {EVICTING}: global timeout reached: 40s, continuing command...
There are pending nodes to be drained:
 node1
{EVICTING}: global timeout reached: 40s
"""
STORAGE = "cannot delete Pods with local storage (use --delete-emptydir-data to override): default/a"
ALONE = "cannot delete Pods that declare no controller (use --force to override): default/b"
LOCAL = f"""\
error: unable to drain node "node1" due to error: [{STORAGE}, {ALONE}], continuing command...
There are pending nodes to be drained:
 node1
{STORAGE}
"""


class Cluster:
    """kubectl before a node. fails: {verb: [what it says, one a call]}; asked: patches and drains, in order."""

    def __init__(self, cordoned=False, owner="", ready="True", **fails):
        self.node = {
            "metadata": {"annotations": {drain.MARK: owner} if owner else {}},
            "spec": {"unschedulable": True} if cordoned else {},
            "status": {"conditions": [{"type": "Ready", "status": ready}]},
        }
        self.fails, self.asked, self.slept = fails, [], 0

    def run(self, argv, check=True, stdin=None):
        """As System."""
        assert argv[:3] == ["kubectl", "--kubeconfig", "/k"] and not check
        verb, *words = argv[4:]
        said = self.fails[verb].pop(0) if self.fails.get(verb) else ""
        if verb == "get":
            return CommandResult(1 if said else 0, json.dumps(self.node), said)
        self.asked.append(json.loads(words[-1]) if verb == "patch" else [verb, *words])
        return CommandResult(1 if said else 0, "", said)

    def sleep(self, seconds):
        """Time passes."""
        self.slept += seconds


def call(cluster, check_mode=False, **params):
    """What the module returns."""
    return drain.bring(cluster, dict(PARAMS, **params), check_mode, cluster)


DRAIN = ["drain", "node1", "--ignore-daemonsets", "--timeout=40s"]


def test_it_is_cordoned_in_our_name_then_drained():
    cluster = Cluster()
    assert call(cluster) == {"changed": True, "ours": True, "drained": True}
    assert cluster.asked == [CORDON, DRAIN]


@pytest.mark.parametrize(
    ("params", "words"),
    [({"force": True}, ["--force"]), ({"delete_emptydir_data": True}, ["--delete-emptydir-data"])],
)
def test_what_may_go_too_is_told(params, words):
    cluster = Cluster()
    call(cluster, **params)
    assert cluster.asked[1] == DRAIN + words


@pytest.mark.parametrize(("owner", "ours"), [("", False), ("earlier", True)])
def test_a_cordon_that_was_there_is_drained_and_keeps_its_owner(owner, ours):
    cluster = Cluster(cordoned=True, owner=owner)
    assert call(cluster) == {"changed": False, "ours": ours, "drained": True}
    assert cluster.asked == [DRAIN]


def test_a_node_whose_kubelet_is_silent_is_cordoned_only():
    cluster = Cluster(ready="Unknown")
    done = call(cluster)
    assert not done["drained"] and "not Ready" in done["warnings"][0] and cluster.asked == [CORDON]


def test_check_mode_asks_and_changes_nothing():
    cluster = Cluster()
    assert call(cluster, check_mode=True) == {"changed": True, "ours": True, "drained": True}
    assert call(Cluster(owner="me", cordoned=True), True, state="schedulable")["changed"]
    assert cluster.asked == []


FAILS = {
    "budget": (
        BUDGET,
        f"node node1: is not drained: {EVICTING}: global timeout reached: 40s; {EVICTING}: Cannot evict pod as it would"
        " violate the pod's disruption budget.",
    ),
    "local storage": (LOCAL, f"node node1: is not drained: {STORAGE}, {ALONE}"),
    "anything": ("Error from server: no\n", "node node1: is not drained: Error from server: no"),
}


@pytest.mark.parametrize("title", FAILS)
def test_a_drain_that_fails_says_why_and_takes_the_cordon_back(title):
    said, told = FAILS[title]
    cluster = Cluster(drain=[said])
    with pytest.raises(EngineError) as caught:
        call(cluster)
    assert caught.value.text() == told
    assert cluster.asked == [CORDON, DRAIN, UNCORDON]


def test_a_server_that_goes_away_meanwhile_is_told():
    with pytest.raises(EngineError, match="the API server does not answer"):
        call(Cluster(drain=[AWAY]))


@pytest.mark.parametrize("owner", ["", "earlier"])
def test_a_drain_that_fails_leaves_the_cordon_that_was_there(owner):
    cluster = Cluster(cordoned=True, owner=owner, drain=[BUDGET])
    with pytest.raises(EngineError):
        call(cluster)
    assert cluster.asked == [DRAIN]


def test_a_cordon_that_cannot_be_taken_back_is_told():
    cluster = Cluster(drain=[AWAY], patch=["", *[AWAY] * drain.TRIES])
    with pytest.raises(EngineError, match=r"could not be uncordoned: .*kubectl uncordon node1$"):
        call(cluster)
    assert cluster.slept == drain.PAUSE_S * (drain.TRIES - 1)


def test_ours_is_uncordoned_also_where_the_server_was_away_for_a_while():
    cluster = Cluster(cordoned=True, owner="me", patch=[AWAY, AWAY])
    assert call(cluster, state="schedulable") == {"changed": True, "ours": True, "drained": False}
    assert cluster.asked == [UNCORDON] * 3


@pytest.mark.parametrize("cordoned", [True, False])
def test_one_that_others_have_cordoned_stays_so(cordoned):
    cluster = Cluster(cordoned=cordoned)
    assert call(cluster, state="schedulable") == {"changed": False, "ours": False, "drained": False}
    assert cluster.asked == []


def test_a_node_that_the_cluster_does_not_know():
    cluster = Cluster(get=['Error from server (NotFound): nodes "node1" not found\n'])
    with pytest.raises(EngineError, match=r'^node node1: cannot be read: .*nodes "node1" not found$'):
        call(cluster)
    assert cluster.asked == []
