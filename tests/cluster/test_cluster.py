"""The cluster itself: two workers, ready; a second run changes nothing and asks little; every layer is verified."""

from helpers.lab import is_module

MOST = 40  # module results of a node in a run that has nothing to do


def test_two_workers_are_ready(cluster):
    assert cluster.ready() == cluster.workers and cluster.cordoned() == []
    for node in cluster.workers:
        told = cluster.get("node", node)["status"]
        assert {"type": "InternalIP", "address": f"192.168.10.{100 + cluster.workers.index(node)}"} in told["addresses"]
        assert told["allocatable"]["gedge.io/sriov_b_81_00_0"] == "3"


def test_the_second_run_changes_nothing_and_asks_little(cluster):
    play = cluster.made("cluster")
    changed = [(task, node) for task, node, result in play.tasks if result.get("changed")]
    assert changed == []
    counts = {
        node: sum(is_module(result) for dummy, host, result in play.tasks if host == node) for node in cluster.nodes
    }
    assert max(counts.values()) <= MOST, counts
