"""The filters and the solver as templates see them: plain data, text, a picture, and errors with the filter's name."""

import importlib
import json
import random
from xml.etree import ElementTree

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.plugin_utils.placement import highs, libraries, run
from helpers.seeds import seeds
from unit.placement import sites
from unit.placement.test_optimum import case, values


def filter_of(name):
    module = importlib.import_module("ansible_collections.gedge.engine.plugins.filter.%s" % name)
    return module.FilterModule().filters()[name]


def site():
    found = []
    for name, port in (("near", 0), ("far", 1)):
        machine = sites.Machine(2, 4, 1)
        machine.add_port(machine.path(0, 0, 0, (1,)), 0, "sriov-a", 2)
        machine.add("gpu", machine.path(0, 0, port, (1,)), 0)
        found.append(machine.record(name))
    asked = [
        sites.service("a", [sites.container("a", 2, sriov=1, gpu=1)]),
        sites.service("big", [sites.container("big", 9)]),
    ]
    return found, {"services": asked, "meshes": []}


def test_placement_gives_plain_data():
    nodes, asked = site()
    out = filter_of("placement")(asked, nodes, [], method="heuristic", costs={"move": 1}, weights={"SYS": 6})
    assert json.loads(json.dumps(out)) == out
    assert [entry["node"] for entry in out["placements"]] == ["near"]
    assert [entry["service"] for entry in out["failed"]] == ["big"]
    assert list(out) == ["placements", "rejected", "failed", "objective", "method", "gap", "notes"]


EXPLAINED = [
    (
        {"form": "table"},
        ["a, replica 0: near. next is far: here is data path 2 instead of 3.5", "*  near", "PIX", "PHB"],
    ),
    ({"form": "svg"}, ["<svg", "a on near", "NUMA 0", "PIX", "CPUs 1-2"]),
    ({"form": "svg", "node": "far"}, ["a on far", "PHB"]),
]


@pytest.mark.parametrize(("options", "parts"), EXPLAINED, ids=["table", "svg", "svg of another"])
def test_explain(options, parts):
    nodes, asked = site()
    out = filter_of("placement_explain")(asked, nodes, "a", **options)
    assert [part for part in parts if part not in out] == []
    if options["form"] == "svg":
        ElementTree.fromstring(out)


def test_explain_as_data_sums_up_to_the_cost():
    nodes, asked = site()
    out = filter_of("placement_explain")(asked, nodes, "a")
    assert [(one["node"], one["chosen"]) for one in out["candidates"]] == [("near", True), ("far", False)]
    assert all(sum(one["parts"].values()) == one["cost"] for one in out["candidates"])
    assert out["node"] == "near" and json.loads(json.dumps(out)) == out


def test_explain_of_what_fits_nowhere_and_of_what_runs():
    nodes, asked = site()
    out = filter_of("placement_explain")(asked, nodes, "big", form="table")
    assert "no node. fits on no node" in out and "short of 2 exclusive CPUs" in out
    running = filter_of("placement")(asked, nodes)["placements"]
    out = filter_of("placement_explain")(asked, nodes, "a", allocations=running)
    assert out["why"] == (
        "runs there, and is not to be moved. Next is far: here is data path 2 instead of 3.5, a move 0 instead of 5"
    )
    assert [(one["node"], one["cost"]) for one in out["candidates"]] == [("near", 2), ("far", 8.5)]


REFUSED = [
    ("placement", [7], {}, "services is no list|is no list of services"),
    ("placement", [], {"method": "best"}, "'best' is no method"),
    ("placement", [], {"solver": "best"}, "'best' is no solver"),
    ("placement", [], {"speed": 1}, 'there is no option "speed"'),
    ("placement", [], {"costs": {"moves": 1}}, 'Did you mean "move"'),
    ("placement", [], {"costs": {"move": -1}}, "is not a cost"),
    ("placement", [], {"weights": {"PIXX": 1}}, 'Did you mean "PIX"'),
    ("placement", [], {"reasons": "some"}, "is no choice"),
    ("placement", [], {"allocations": 7}, "is no list"),
    ("placement_explain", ["aa"], {}, 'there is no service "aa".*Did you mean "a"'),
    ("placement_explain", ["a"], {"replica": 4}, "has no replica 4"),
    ("placement_explain", ["a"], {"form": "pdf"}, "'pdf' is no form"),
    ("placement_explain", ["a"], {"form": "svg", "node": "nea"}, 'Did you mean "near"'),
    ("placement_explain", ["big"], {"form": "svg"}, "fits on no node"),
]


@pytest.mark.parametrize(("name", "more", "options", "what"), REFUSED, ids=[row[3] for row in REFUSED])
def test_filters_refuse(name, more, options, what):
    nodes, asked = site()
    if more == [7]:
        asked, more = 7, []
    with pytest.raises(AnsibleFilterError, match=r"(?s)gedge\.engine\.%s: .*(%s)" % (name, what)):
        filter_of(name)(asked, nodes, *more, **options)


@pytest.mark.skipif(bool(libraries.MISSING), reason="highspy is optional")
@pytest.mark.parametrize("seed", seeds(range(1, 21)))
def test_highs_agrees_with_our_search(seed, capfd):
    nodes, services = case(seed)
    outcome = run.place(services, nodes, solver="highs")
    assert outcome.plan.value() == values(seed)[1]
    assert (outcome.method, outcome.gap) == ("exact", 0.0)
    assert capfd.readouterr().out == ""


def test_highs_that_is_missing_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(libraries, "MISSING", "No module named 'highspy'. Run `pip install highspy`")
    nodes, asked = site()
    with pytest.raises(EngineError, match="solver highs needs a library: No module named 'highspy'"):
        run.place(asked, nodes, solver="highs")


@pytest.mark.skipif(bool(libraries.MISSING), reason="highspy is optional")
def test_highs_refuses_more_than_it_should_be_given(monkeypatch):
    monkeypatch.setattr(highs, "MOST_COLUMNS", 2)
    nodes, services = case(11)
    with pytest.raises(EngineError, match="more than 2 sets of pods"):
        run.place(services, nodes, solver="highs", method="exact")


@pytest.mark.skipif(bool(libraries.MISSING), reason="highspy is optional")
@pytest.mark.parametrize("seed", seeds(range(21, 33)))
def test_both_searches_agree_on_what_runs_and_may_move(seed):
    rng = random.Random(seed)
    nodes, services = case(seed)
    first = [dict(one, nodes=[]) for one in services["services"][:4]]
    running = run.place({"services": first}, nodes[:2], method="heuristic").result()["placements"]
    for one in services["services"]:
        one["move"] = rng.random() < 0.7
    own = run.place(services, nodes, running, method="exact", costs={"move": 1})
    other = run.place(services, nodes, running, method="exact", costs={"move": 1}, solver="highs")
    again = run.place(services, nodes, running, method="heuristic", costs={"move": 1})
    assert own.method == "exact"
    assert own.plan.value() == other.plan.value() <= again.plan.value()
