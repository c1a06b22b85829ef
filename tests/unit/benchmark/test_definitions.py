"""The catalogue: what is in it works, and what is wrong in one is told with its path and what to write."""

import copy

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import ProblemsError
from ansible_collections.gedge.engine.plugins.plugin_utils.benchmark import definitions
from unit.benchmark.catalogue import CATALOGUE

OWN = {
    "measures": {
        "mine": {
            "title": "Mine",
            "unit": "1/s",
            "better": "more",
            "server": ["serve"],
            "client": ["ask", "{address}"],
            "read": {"pattern": "rate ([0-9]+)"},
        }
    },
    "comparisons": {"own": {"title": "Own", "measure": "mine", "a": {"name": "x", "path": "dual"}, "b": {"name": "y"}}},
}


def test_the_catalogue_is_sound_and_each_measure_is_of_use():
    found = definitions.read(CATALOGUE)
    assert set(found["comparisons"]) == {
        "same", "dual", "sriov", "sriov-latency", "sriov-macvlan", "pinned", "near", "rdma",
    }  # fmt: skip
    assert {one["unit"] for one in found["measures"].values()} == {"bit/s", "us", "1/s"}


def test_an_operator_adds_one_without_code():
    found = definitions.read(CATALOGUE, OWN)
    assert found["comparisons"]["own"]["b"]["path"] == "basic"
    assert (found["comparisons"]["own"]["runs"], found["measures"]["mine"]["read"]["factor"]) == (12, 1.0)


FAULTS = [
    # (keys, value or None to take away, the problem)
    (["measures", "mine", "bettr"], "more", 'measures.mine.bettr: unknown key. Did you mean "better"?'),
    (["measures", "mine", "better"], None, "measures.mine.better: is missing. Write more or less"),
    (["measures", "mine", "client"], ["{adress}"], "measures.mine.client: nobody fills in {adress}"),
    (["measures", "mine", "client"], "ask", "measures.mine.client: is not a list (got 'ask')"),
    (["measures", "mine", "read"], {"json": "a", "pattern": "(b)"}, "measures.mine.read: needs either json or pattern"),
    (["measures", "mine", "read", "pattern"], "(", "measures.mine.read.pattern: is no regular expression"),
    (["measures", "mine", "read", "pattern"], "x", "measures.mine.read.pattern: has 0 groups"),
    (["comparisons", "own", "a", "path"], "sriov", "comparisons.own.a.path: is not basic or dual or accelerated"),
    (["comparisons", "own", "a", "cpus"], "near", "comparisons.own.a.cpus: there is no device that CPUs could be near"),
    (["comparisons", "own", "a", "rdma"], True, "comparisons.own.a.path: has no RDMA (got 'dual')"),
    (["comparisons", "own", "b", "network"], "sriov-a", "comparisons.own.b.network: the overlay is in none"),
    (["comparisons", "own", "b", "name"], "x", "comparisons.own.b.name: is the name of a, too"),
    (["comparisons", "own", "b", "measure"], "tcp-latency", "comparisons.own: the measures of a and b have not"),
    (["comparisons", "own", "measure"], "min", "1 problem\n  - comparisons.own.measure: there is no such measure"),
    (["comparisons", "own", "measure"], None, "1 problem\n  - comparisons.own.measure: is missing"),
    (["comparisons", "own", "measure"], 5, "1 problem\n  - comparisons.own.measure: is not a text (got 5)"),
    (
        ["comparisons", "own", "b", "measure"],
        "min",
        "1 problem\n  - comparisons.own.b.measure: there is no such measure",
    ),
    (["comparisons", "own", "a", "measure"], "rdma-latency", "comparisons.own.a.rdma: the measure needs an RDMA"),
    (["comparisons", "own", "runs"], 0, "comparisons.own.runs: is out of bounds (got 0). Write 1 to 200"),
    (["comparisons", "own", "runs"], True, "comparisons.own.runs: is not a whole number"),
    (["comparisons", "own", "a"], "x", "comparisons.own.a: is not a mapping"),
    (["comparisons", "own", "b"], ["y"], "comparisons.own.b: is not a mapping"),
    (["comparisons", "Own_"], {}, "comparisons.Own_: is no name of pods"),
    (["comparison"], {}, 'comparison: unknown key. Did you mean "comparisons"?'),
    (["measures"], [], "measures: is not a mapping"),
]


@pytest.mark.parametrize(("keys", "value", "text"), FAULTS, ids=lambda each: str(each)[:40])
def test_a_fault_is_told(keys, value, text):
    faulty = copy.deepcopy(OWN)
    place = faulty
    for key in keys[:-1]:
        place = place[key]
    if value is None:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    with pytest.raises(ProblemsError) as told:
        definitions.read(CATALOGUE, faulty)
    assert text in told.value.text()


def test_all_faults_at_once():
    with pytest.raises(ProblemsError) as told:
        definitions.read({"measures": {"x": {}}, "comparisons": {"y": {}}})
    assert len(told.value.problems) >= 10
