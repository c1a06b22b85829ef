"""What a pod costs on a big site is counted, not timed: a handful of nodes is looked at, whatever their number."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.placement import heuristic, place
from unit.placement import sites


def site(count):
    machine = sites.Machine(2, 8, 1)
    for numa in (0, 1):
        machine.add_port(machine.path(numa, 0, 0), numa, "sriov-%d" % numa, 4)
        machine.add("gpu", machine.path(numa, 0, numa), numa, 2)
    return [machine.record("node%03d" % number) for number in range(count)]


def asked(count):
    boxes = [{"sriov": 1, "gpu": 1}, {"sriov": 1}, {"gpu": 1}, {}]
    return [
        sites.service("s%03d" % number, [sites.container("c", 1 + number % 3, **boxes[number % 4])])
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [50, 200, 400])
def test_a_pod_looks_at_a_handful_of_nodes(count, monkeypatch):
    monkeypatch.setattr(heuristic, "MOST_ROUNDS", 0)
    board = place.prepare(site(count), {"services": asked(count)})
    looks = []
    outcomes = board.outcomes
    monkeypatch.setattr(board, "outcomes", lambda *arguments: looks.append(1) or outcomes(*arguments))
    plan = heuristic.place(board)
    assert plan.left_out == [0]
    assert len(looks) <= 40 * count


def test_the_last_pod_that_fits_is_found_among_many_full_nodes():
    nodes = site(60)
    boxes = [sites.container("c", 7, gpu=2)]
    services = [sites.service("s%03d" % number, boxes) for number in range(130)]
    result = place.place(nodes, {"services": services}).result()
    assert len(result["failed"]) == 10
    assert all("short of" in one["what"] for one in result["failed"])
    used = [entry["node"] for entry in result["placements"]]
    assert [used.count(node["name"]) for node in nodes] == [2] * 60
