"""The Topology Manager's merge and admission, by the kubelet's documented rules. test_oracle.py asks the kubelet."""

import itertools

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.kubelet import topology_manager
from oracle import cases, model, walk

BEST, RESTRICTED, SINGLE, NONE = "best-effort", "restricted", "single-numa-node", "none"
ZERO, ONE, BOTH = ((0,), True), ((1,), True), ((0, 1), False)
BOTH_PREFERRED = ((0, 1), True)
EITHER = [ZERO, ONE, BOTH]  # what a provider says that can serve from any of two NUMA nodes

MERGES = [
    # what, providers' hints, (affinity, admitted by best-effort, restricted, single-numa-node), single's own affinity
    ("no provider", [], (0, 1), (True, True, True), None),
    ("a provider without a preference", [{}], (0, 1), (True, True, True), None),
    ("a provider that says nothing", [None], (0, 1), (True, True, True), None),
    ("a resource without a preference", [{"a": None}], (0, 1), (True, True, True), None),
    ("a resource that cannot be had", [{"a": []}], (0, 1), (True, False, False), None),
    ("one resource of one that cannot be had", [{"a": EITHER, "b": []}], (0,), (True, False, False), None),
    ("one node only", [{"a": [ONE]}], (1,), (True, True, True), (1,)),
    ("either: the lower number", [{"a": EITHER}, {"b": EITHER}], (0,), (True, True, True), (0,)),
    ("either and one: that one", [{"a": EITHER}, {"b": [ONE]}], (1,), (True, True, True), (1,)),
    ("no preference and one: that one", [{"a": None}, {"b": [ONE]}], (1,), (True, True, True), (1,)),
    ("in one provider", [{"a": EITHER, "b": [ONE]}], (1,), (True, True, True), (1,)),
    ("apart: nothing in common", [{"a": [ZERO]}, {"b": [ONE]}], (0, 1), (True, False, False), None),
    ("apart, beside either", [{"a": [ZERO]}, {"b": [ONE]}, {"c": EITHER}], (0, 1), (True, False, False), None),
    (
        "wide and preferred by all",
        [{"a": [BOTH_PREFERRED]}, {"b": [BOTH_PREFERRED]}],
        (0, 1),
        (True, True, False),
        None,
    ),
    ("wide beside narrow", [{"a": [BOTH_PREFERRED]}, {"b": [ZERO]}], (0,), (True, False, False), None),
    ("not preferred", [{"a": [((0,), False)]}], (0,), (True, False, False), None),
    ("one not preferred", [{"a": [((0,), False)]}, {"b": [ZERO]}], (0,), (True, False, False), None),
    ("preferred beats narrow", [{"a": [((0,), False), BOTH_PREFERRED]}], (0, 1), (True, True, False), None),
    ("an affinity of no node", [{"a": [((), True)]}], (0, 1), (True, False, False), None),
    ("wide only, by a machine half full", [{"cpu": [BOTH]}], (0, 1), (True, False, False), None),
    ("any, but not preferred", [{"a": [(None, False)]}, {"b": [ZERO]}], (0,), (True, False, False), None),
    ("any or one, preferred", [{"a": [(None, True), ONE]}], (1,), (True, True, True), (1,)),
    ("a node that is not there", [{"a": [((5,), True)]}], (0, 1), (True, False, False), None),
]


@pytest.mark.parametrize(("what", "hints", "affinity", "admitted", "single"), MERGES)
def test_two_numa_nodes(what, hints, affinity, admitted, single):
    assert topology_manager.admit(BEST, hints, (0, 1)) == (admitted[0], affinity)
    assert topology_manager.admit(RESTRICTED, hints, (0, 1)) == (admitted[1], affinity)
    assert topology_manager.admit(SINGLE, hints, (0, 1)) == (admitted[2], single)
    assert topology_manager.admit(NONE, hints, (0, 1)) == (True, None)


def of_size(nodes, preferred):
    """Hints for each set of NUMA nodes; preferred: of what size."""
    sizes = range(1, len(nodes) + 1)
    return [(ids, size == preferred) for size in sizes for ids in itertools.combinations(nodes, size)]


FOUR = (0, 1, 2, 3)
WIDER = [
    ("the widest need decides", [{"a": of_size(FOUR, 1)}, {"b": [((0, 1), True), ((2, 3), True)]}], (0, 1)),
    ("as many nodes as the neediest asks for", [{"a": [((0, 1), False), ((0, 1, 2), False)]}], (0, 1)),
    ("not wider than that", [{"a": [((0, 1, 2), False)]}, {"b": [(FOUR, False), ((1,), False)]}], (0, 1, 2)),
    ("all", [{"a": [(FOUR, True)]}, {"b": [(FOUR, True)]}], FOUR),
    ("what two wide ones share", [{"a": [((0, 1), True)]}, {"b": [((1, 2), True)]}], (1,)),
]


@pytest.mark.parametrize(("what", "hints", "affinity"), WIDER)
def test_four_numa_nodes(what, hints, affinity):
    assert topology_manager.admit(BEST, hints, FOUR) == (True, affinity)


# Two pairs of near nodes: 0 and 2, 1 and 3.
PAIRS = {0: (10, 31, 11, 31), 1: (31, 10, 31, 11), 2: (11, 31, 10, 31), 3: (31, 11, 31, 10)}
TWO_OF_FOUR = [{"cpu": of_size(FOUR, 2)[4:10]}]
CLOSEST = {"prefer-closest-numa-nodes": "true"}


@pytest.mark.parametrize(
    ("policy", "options", "affinity"),
    [
        (BEST, {}, (0, 1)),
        (BEST, CLOSEST, (0, 2)),
        (RESTRICTED, CLOSEST, (0, 2)),
        (RESTRICTED, {"prefer-closest-numa-nodes": "false"}, (0, 1)),
        (SINGLE, CLOSEST, None),
    ],
)
def test_near_nodes_are_preferred_where_asked_for(policy, options, affinity):
    assert topology_manager.admit(policy, TWO_OF_FOUR, PAIRS, options) == (policy != SINGLE, affinity)


def test_near_nodes_count_among_those_that_not_all_prefer():
    hints = [{"cpu": [(ids, False) for ids, dummy in of_size(FOUR, 2)[4:10]]}]
    assert topology_manager.admit(BEST, hints, PAIRS, CLOSEST) == (True, (0, 2))


def test_hints_out_of_json_are_taken_too():
    assert topology_manager.admit(SINGLE, [{"a": [[[1], True]]}], [0, 1]) == (True, (1,))


def test_the_order_of_hints_and_providers_changes_nothing():
    hints = [{"a": EITHER}, {"b": [BOTH, ONE, ZERO]}, {"c": [((0,), False), BOTH]}]
    found = {
        topology_manager.admit(BEST, [{name: found[::-1] for name, found in one.items()} for one in order], (0, 1))
        for order in itertools.permutations(hints)
    }
    assert found == {topology_manager.admit(BEST, hints, (0, 1))}


def test_the_short_cut_comes_to_the_same_as_the_kubelets_walk():
    few = [case for case in cases.some(cases.merge, 2000, seed=4) if walk.combinations(case) < 500]
    assert len(few) > 1000
    assert [case for case in few if model.merge(case) != walk.merge(case)] == []


CLOSER = "prefer-closest-numa-nodes"
FAULTS = [
    ("no policy", "strict", (0, 1), {}, "there is no such policy"),
    ("a policy that is no text", ["restricted"], (0, 1), {}, "there is no such policy"),
    ("an option that is no text", BEST, (0, 1), {CLOSER: ["true"]}, "neither true nor false"),
    ("too many nodes", BEST, range(9), {}, "does not start on 9 NUMA nodes, its limit is 8"),
    ("a limit below 8", BEST, (0, 1), {"max-allowable-numa-nodes": "7"}, "is no number from 8 on"),
    ("a limit that is none", BEST, (0, 1), {"max-allowable-numa-nodes": "many"}, "is no number from 8 on"),
    ("a misspelled option", BEST, (0, 1), {"prefer-closest-numa-node": "true"}, "prefer-closest-numa-nodes"),
    ("neither true nor false", BEST, (0, 1), {"prefer-closest-numa-nodes": "yes"}, "neither true nor false"),
    ("distances that nobody knows", BEST, (0, 1), CLOSEST, "distances of NUMA node 0 are not known"),
    ("a row that is too short", BEST, {0: (10, 20), 1: (20,)}, CLOSEST, "distances of NUMA node 1"),
    ("an impossible node", BEST, (0, 64), {}, "64 is no NUMA node"),
]


@pytest.mark.parametrize(("what", "policy", "nodes", "options", "said"), FAULTS)
def test_what_the_kubelet_would_not_start_with_is_refused(what, policy, nodes, options, said):
    with pytest.raises(EngineError, match=said):
        topology_manager.admit(policy, [], nodes, options)


@pytest.mark.parametrize("value", [True, "true", "True", "T", 1])
def test_options_as_yaml_has_them(value):
    assert topology_manager.admit(BEST, TWO_OF_FOUR, PAIRS, {CLOSER: value}) == (True, (0, 2))


def test_the_limit_of_numa_nodes_can_be_raised():
    nine = tuple(range(9))
    assert topology_manager.admit(BEST, [], nine, {"max-allowable-numa-nodes": "9"}) == (True, nine)
    assert topology_manager.admit(NONE, [], nine) == (True, None)


@pytest.mark.parametrize("node", [-1, 64, "0", None])
def test_a_hint_with_an_impossible_node_is_refused(node):
    with pytest.raises(EngineError, match="is no NUMA node"):
        topology_manager.admit(BEST, [{"a": [((node,), True)]}], (0, 1))
