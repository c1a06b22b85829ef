"""Damaged input: an error with its place, or an answer, and never a traceback."""

import copy
import random

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from unit.placement import sites

JUNK = [None, "", "x", "node1", 0, -1, 7, 10**12, 1.5, True, [], {}, [7], {"x": 7}, ["node1"], [[]], [{}]]


def spots(value, found=()):
    """Every (container, key) of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from spots(inner)
    del found


def good(rng):
    nodes = sites.random_nodes(rng, 2)
    services = {"services": sites.random_services(rng, 4, nodes)}
    running = place.place(nodes, {"services": services["services"][:2]}, method="heuristic").result()["placements"]
    return {"nodes": nodes, "services": services, "running": running}


@pytest.mark.parametrize("part", ["nodes", "services", "running"])
@pytest.mark.parametrize("seed", range(8))
def test_damaged_input_is_told_or_taken(part, seed):
    rng = random.Random(seed)
    start = good(rng)
    for dummy in range(25):
        given = copy.deepcopy(start)
        places = list(spots(given[part]))
        if not places:
            return
        for where, key in rng.sample(places, min(len(places), rng.choice([1, 1, 2]))):
            if rng.random() < 0.2 and isinstance(where, dict):
                where.pop(key, None)
            elif isinstance(where, dict) or key < len(where):
                where[key] = rng.choice(JUNK)
        try:
            result = place.place(given["nodes"], given["services"], given["running"], method="heuristic").result()
        except EngineError as error:
            assert error.text()
            continue
        assert set(result) == {"placements", "rejected", "failed", "objective", "method", "gap", "notes"}


ABSURD = [
    ("replicas", lambda one: one.update(replicas=10**9)),
    ("gpu", lambda one: one["containers"][0]["acceleration"]["compute"].update(gpu=10**9)),
    ("sriov", lambda one: one["containers"][0]["acceleration"]["communication"].update(sriov=10**9)),
]


@pytest.mark.parametrize(("what", "edit"), ABSURD, ids=[row[0] for row in ABSURD])
def test_absurd_counts_are_refused(what, edit):
    rng = random.Random(1)
    asked = sites.service("a")
    edit(asked)
    with pytest.raises(EngineError, match=r"%s: is more than anybody can mean" % what):
        place.place(sites.random_nodes(rng, 1), {"services": [asked]})
