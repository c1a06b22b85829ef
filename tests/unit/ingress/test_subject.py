"""The filter on a real kernel's nftables: loaded, drift found by whatever hand, put back, taken away."""

import json

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.ingress import boot, ruleset
from ansible_collections.gedge.engine.plugins.module_utils.ingress.subject import LOAD, REMOVE, TARGET, Ingress, State

TABLE = ruleset.NAME
ASKED = [
    {
        "network": "sriov-a",
        "interfaces": ["ens1f0.30"],
        "allow": [
            {"from": ["192.168.20.96/28", "2001:db8::/64"], "protocol": "tcp", "ports": "5201,8000-8010"},
            {"protocol": "icmp", "rate": "10/second"},
        ],
    },
    {"network": "management", "interfaces": ["ens1f1"], "allow": None},
]


def bring(node, items):
    """Plan and apply; the steps."""
    ingress = Ingress(items, node)
    steps = ingress.plan(ingress.observe())
    for step in steps:
        assert ingress.acts(step)
        ingress.apply(step)
    return steps


def test_first_run_then_nothing(node):
    steps = bring(node, ASKED)
    assert [step.action for step in steps] == ["write-file"] * 4 + [LOAD]
    assert node.asked == ["daemon-reload"]
    assert bring(node, ASKED) == []
    assert node.listing() == steps[-1].after


DRIFT = {
    "a rule added": f"add rule {TABLE} in-sriov-a accept",
    "a rule in front": f"insert rule {TABLE} in-sriov-a tcp dport 22 accept",
    "rules flushed": f"flush chain {TABLE} in-sriov-a",
    "no hook": f"flush chain {TABLE} entry; delete chain {TABLE} entry",
    "a chain added": f"add chain {TABLE} mine",
    "a set added": f"add set {TABLE} mine {{ type ipv4_addr; }}",
    "policy": f"add chain {TABLE} separation {{ policy drop; }}",
    "the table gone": f"delete table {TABLE}",
    "all gone": "flush ruleset",
}


@pytest.mark.parametrize("title", DRIFT)
def test_drift_by_hand_is_found_and_mended(node, title):
    bring(node, ASKED)
    right = node.listing()
    node.run(["nft", DRIFT[title]])
    wrong = node.listing()
    assert wrong != right
    steps = bring(node, ASKED)
    assert [step.action for step in steps] == [LOAD]
    assert node.listing() == right
    assert bring(node, ASKED) == []


def test_tables_of_others_are_not_touched(node):
    node.run(
        ["nft", "add table inet theirs; add chain inet theirs c { type filter hook input priority 0; policy drop; }"]
    )
    before = node.listing()
    bring(node, ASKED)
    assert before in node.listing()
    bring(node, [])
    assert node.listing() == before


def test_absent_leaves_nothing(node):
    bring(node, ASKED)
    ingress = Ingress(ASKED, node, absent=True)
    steps = ingress.plan(ingress.observe())
    assert [step.action for step in steps] == ["remove-file"] * 4 + [REMOVE]
    for step in steps:
        ingress.apply(step)
    assert node.listing() == ""
    assert [node.exists(folder) for folder in boot.FOLDERS] == [False] * 3
    assert ingress.plan(ingress.observe()) == []


@pytest.mark.parametrize("before", ["nothing", "other filter", "drift"])
def test_put_back_brings_exactly_what_was(node, before):
    if before != "nothing":
        bring(node, [dict(ASKED[0], allow=[])])
    if before == "drift":
        node.run(["nft", f"add rule {TABLE} in-sriov-a udp dport 53 counter accept"])
    was, files = node.listing(), Ingress([], node).observe().files
    kept = Ingress([], node).observe().as_dict()
    bring(node, ASKED)
    assert node.listing() != was
    ingress = Ingress(ASKED, node)
    ingress.put_back(State.from_dict(json.loads(json.dumps(kept))))
    assert (node.listing(), ingress.observe().files) == (was, files)


@pytest.mark.parametrize("before", [[], [dict(ASKED[0], allow=[])]])
def test_restore_needs_nothing_of_this_code(node, before):
    bring(node, before)
    was = Ingress([], node).observe()
    bring(node, ASKED)
    words = was.restore()
    node.run(["nft", "-f", "-"], stdin=words["nft"])
    assert node.listing() == was.table
    assert set(words["files"]) | set(words["absent"]) == set(boot.PATHS)


@pytest.mark.parametrize("done", range(6))
def test_killed_after_any_step_the_next_run_converges(node, done):
    ingress = Ingress(ASKED, node)
    for step in ingress.plan(ingress.observe())[:done]:
        ingress.apply(step)
    node.asked.clear()
    bring(node, ASKED)
    assert bring(node, ASKED) == []
    assert done == 5 or node.asked == ["daemon-reload"]


def test_another_unit_text_is_told_to_systemd(node):
    bring(node, ASKED)
    node.write_file(boot.UNIT, "old\n")
    node.asked.clear()
    assert [step.action for step in bring(node, ASKED)] == ["write-file"]
    assert node.asked == ["daemon-reload"]


def test_without_nft_the_plan_is_the_same_but_for_spelling(node):
    (node.path("/usr/sbin/nft") and __import__("os").unlink(node.path("/usr/sbin/nft")))
    ingress = Ingress(ASKED, node)
    steps = ingress.plan(ingress.observe())
    assert [(step.target, step.action) for step in steps][-1] == (TARGET, LOAD)
    assert len(steps) == 5


def test_what_nft_refuses_is_said_before_anything_is_changed(node):
    ingress = Ingress(ASKED, node)
    ingress.text = ingress.text.replace("ct direction", "ct nonsense")
    with pytest.raises(EngineError, match="the filter cannot be loaded: "):
        ingress.plan(ingress.observe())


def test_all_faults_at_once():
    with pytest.raises(ProblemsError) as caught:
        Ingress([{"network": "a b", "interfaces": ["lo"], "allow": [{"ports": "0", "rate": "fast"}]}], None)
    assert [problem.path for problem in caught.value.problems] == [
        "filters[0].network",
        "filters[0].interfaces[0]",
        "filters[0].allow[0].ports",
        "filters[0].allow[0].ports",
        "filters[0].allow[0].rate",
    ]
