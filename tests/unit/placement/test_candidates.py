"""A run that is limited to some nodes: new pods go there, and nothing else changes."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from unit.placement import sites

METHODS = ("heuristic", "exact")


def nodes():
    machine = sites.Machine(1, 8, 1)
    return [machine.record(f"node{number}") for number in (1, 2, 3)]


def placed(services, running=None, **options):
    return place.place(nodes(), {"services": services}, running, **options).result()


def where(result):
    return {(entry["service"], entry["replica"]): entry["node"] for entry in result["placements"]}


@pytest.mark.parametrize("method", METHODS)
def test_new_pods_go_there_and_what_runs_stays(method):
    running = placed([sites.service("a", nodes=["node3"])])["placements"]
    asked = [sites.service("a", replicas=2), sites.service("b"), sites.service("m", move=True)]
    limited = placed(asked, running, candidates=["node2"], method=method)
    assert where(limited) == {("a", 0): "node3", ("a", 1): "node2", ("b", 0): "node2", ("m", 0): "node2"}
    later = placed(asked[:2], limited["placements"], method=method)
    assert where(later) == {key: node for key, node in where(limited).items() if key[0] != "m"}


@pytest.mark.parametrize("method", METHODS)
def test_what_may_move_stays_or_moves_there(method):
    running = placed([sites.service("m", nodes=["node3"])])["placements"]
    asked = [sites.service("m", move=True)]
    assert where(placed(asked, running, candidates=["node1"], method=method)) == {("m", 0): "node3"}
    heavy = [sites.service("m", move=True, traffic=[{"to": "b", "weight": 9}]), sites.service("b", nodes=["node1"])]
    cheap = placed(heavy, running, candidates=["node1"], costs={"move": 0}, method=method)
    assert where(cheap) == {("m", 0): "node1", ("b", 0): "node1"}


def test_a_daemon_set_gets_its_pods_of_these_nodes():
    asked = [sites.service("d", kind="DaemonSet")]
    first = placed(asked, candidates=["node2"])
    assert (where(first), first["failed"]) == ({("d", 1): "node2"}, [])
    assert where(placed(asked, first["placements"])) == {("d", 0): "node1", ("d", 1): "node2", ("d", 2): "node3"}


def test_who_may_use_none_of_them_is_told():
    (failed,) = placed([sites.service("a", nodes=["node1"])], candidates=["node2"])["failed"]
    assert failed["what"] == "may use none of the nodes that this run is limited to: node2"
    assert failed["advice"] == "Leave the limit out"


def test_all_nodes_are_no_limit():
    asked = [sites.service("a", replicas=3, anti_affinity=["self"])]
    free = placed(asked)
    assert placed(asked, candidates=[]) == placed(asked, candidates=["node1", "node2", "node3", "gone"]) == free
    with pytest.raises(EngineError, match="is no list of nodes"):
        placed(asked, candidates="node1")
