"""What is asked for beside the catalogue: taken as a command line gives it, refused by the names that were written."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.filter.benchmark_plan import benchmark_plan
from unit.benchmark.catalogue import CATALOGUE, OPTIONS, planned

REFUSED = [
    ("sriow", {}, "benchmark_comparisons: there is no such comparison (got 'sriow'). Did you mean \"sriov\"?"),
    ("same", {"nodes": ["node1"]}, "benchmark_nodes: are not two nodes: node1"),
    ("same", {"nodes": ["node1", "node1"]}, "benchmark_nodes: are not two nodes"),
    (
        "same",
        {"nodes": ["node1", "nope"], "workers": ["node1", "node2"]},
        "benchmark_nodes: there is no such worker (got",
    ),
    ("same", {"namespace": "default"}, "benchmark_namespace: is a namespace of others (got 'default')"),
    ("same", {"namespace": "kube-system"}, "benchmark_namespace: is a namespace of others"),
    ("same", {"namespace": "Bad_NS"}, "benchmark_namespace: must be a namespace"),
    ("same", {"image": "BAD IMAGE"}, "benchmark_image: must be an image reference"),
    ("same", {"runs": 1000}, "benchmark_runs: is out of bounds (got 1000). Write 1 to 200"),
    ("same", {"seconds": "0"}, "benchmark_seconds: is out of bounds (got 0)"),
    ("same", {"warmup": "many"}, "benchmark_warmup: is not a whole number (got 'many')"),
    ("same", {"warmup": True}, "benchmark_warmup: is not a whole number (got True)"),
    ([], {}, "benchmark_comparisons: is empty. Name what is to be compared. Known: dual, "),
    ("", {}, "benchmark_comparisons: is empty"),
    ([{}], {}, "benchmark_comparisons: is no list of names (got [{}])"),
    ({"same": 1}, {}, "benchmark_comparisons: is no list of names"),
]


@pytest.mark.parametrize(("names", "options", "text"), REFUSED)
def test_what_cannot_be_planned(names, options, text):
    """By what the operator wrote, and once, for all comparisons and pods that have it."""
    with pytest.raises(AnsibleFilterError) as told:
        benchmark_plan([CATALOGUE], ["same", "dual"] if names == "same" else names, dict(OPTIONS, **options))
    assert "benchmark: 1 problem\n  - " + text in str(told.value)


def test_all_of_it_is_told_at_once():
    with pytest.raises(AnsibleFilterError, match="benchmark: 4 problems"):
        benchmark_plan([CATALOGUE], "sriow", dict(OPTIONS, nodes="node1", runs="x", namespace="default"))


def test_what_a_command_line_gives_is_text():
    (same, dual) = benchmark_plan(
        [CATALOGUE], "same, dual", dict(OPTIONS, runs="20", warmup="-1", seconds="4", nodes="node2,node1")
    )
    assert [one["name"] for one in (same, dual)] == ["same", "dual"]
    assert [same["comparison"][key] for key in ("runs", "warmup", "seconds")] == [20, 1, 4]
    assert same["nodes"] == ["node2", "node1"] and [one["nodes"] for one in dual["services"][:2]] == [
        ["node2"],
        ["node1"],
    ]


def test_what_a_side_asks_for_is_told_by_its_own_path():
    side = {"name": "x", "path": "dual", "network": "nope"}
    other = {"name": "y", "memory": "12Q"}
    own = {"comparisons": {"own": {"title": "Own", "measure": "tcp-latency", "noise": 2, "a": side, "b": other}}}
    with pytest.raises(AnsibleFilterError) as told:
        planned("own", own, networks={"sriov-a": {}})
    assert "benchmark: 2 problems" in str(told.value)
    assert "- comparisons.own.a.network: there is no network nope. The testbed has: sriov-a" in str(told.value)
    assert "- comparisons.own.b.memory: has a unit that Kubernetes does not know (got '12Q')" in str(told.value)
