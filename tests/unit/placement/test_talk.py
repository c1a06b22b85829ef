"""Services that talk to each other have VFs in one network, where their file leaves it open."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from helpers.seeds import seeds
from unit.placement import sites
from unit.placement.test_optimum import case

AB = {"to": "b", "weight": 10}


def machine(ports=((0, "sriov-a"), (1, "sriov-b")), vfs=4):
    """A node with a port of each network, one on each NUMA node."""
    made = sites.Machine(2, 8, 1)
    for at, network in ports:
        made.add_port(made.path(at, 0, 0), at, network, vfs)
    return made


def service(name, *networks, vfs=1, talks=(), **more):
    """A service with VFs, and whom it talks to with which weight."""
    box = sites.container(name, 1, sriov=vfs, **{key: more.pop(key) for key in ("gpu", "rdma") if key in more})
    traffic = [{"to": to, "weight": weight} for to, weight in talks]
    return sites.service(name, [box], networks={"sriov": list(networks), "macvlan": []}, traffic=traffic, **more)


def placed(nodes, services, running=None, **options):
    return place.place(nodes, {"services": services}, running, **options).result()


def networks(result):
    """{service: networks of its VFs, sorted, of all replicas}."""
    found = {}
    for entry in result["placements"]:
        found.setdefault(entry["service"], []).extend(one["network"] for one in entry["devices"] if one["network"])
    return {name: sorted(names) for name, names in found.items()}


CASES = {
    "both leave it open": (
        [service("a", talks=[("b", 10)]), service("b")],
        {"a": ["sriov-a"], "b": ["sriov-a"]},
    ),
    "one names it": (
        [service("a", talks=[("b", 10)]), service("b", "sriov-b")],
        {"a": ["sriov-b"], "b": ["sriov-b"]},
    ),
    "a chain follows its end": (
        [service("a", talks=[("b", 1)]), service("b", talks=[("c", 9)]), service("c", "sriov-b")],
        {"a": ["sriov-b"], "b": ["sriov-b"], "c": ["sriov-b"]},
    ),
    "who stands between two networks goes with the heavier edge": (
        [service("a", "sriov-a", talks=[("b", 1)]), service("b", talks=[("c", 9)]), service("c", "sriov-b")],
        {"a": ["sriov-a"], "b": ["sriov-b"], "c": ["sriov-b"]},
    ),
    "with two VFs it talks to both": (
        [service("a", "sriov-a", talks=[("b", 1)]), service("b", vfs=2, talks=[("c", 9)]), service("c", "sriov-b")],
        {"a": ["sriov-a"], "b": ["sriov-a", "sriov-b"], "c": ["sriov-b"]},
    ),
    "pairs that do not talk to each other get the two paths": (
        [service(name, talks=[(to, 1)]) for name, to in (("a", "b"), ("c", "d"))] + [service("b"), service("d")],
        {"a": ["sriov-a"], "b": ["sriov-a"], "c": ["sriov-b"], "d": ["sriov-b"]},
    ),
    "all replicas": (
        [service("a", replicas=3, talks=[("b", 1)]), service("b", "sriov-b")],
        {"a": ["sriov-b"] * 3, "b": ["sriov-b"]},
    ),
    "a flow is an edge": (
        [service("a", flow={"source": "", "sink": "service:b"}), service("b", "sriov-b")],
        {"a": ["sriov-b"], "b": ["sriov-b"]},
    ),
}


@pytest.mark.parametrize("title", CASES)
def test_networks(title):
    services, expected = CASES[title]
    ports = ((0, "sriov-a"), (0, "sriov-b"))
    result = placed([machine(ports).record("node1"), machine(ports).record("node2")], services)
    assert networks(result) == expected
    crossing = [] if title != "who stands between two networks goes with the heavier edge" else ["a.traffic"]
    assert [note["path"] for note in result["notes"]] == crossing


def test_two_networks_that_no_numa_node_has_are_too_many():
    """The kubelet's single-numa-node: b keeps the network of the heavier edge."""
    services = CASES["with two VFs it talks to both"][0]
    result = placed([machine().record("node1"), machine().record("node2")], services)
    assert networks(result) == {"a": ["sriov-a"], "b": ["sriov-b"] * 2, "c": ["sriov-b"]}
    assert [note["path"] for note in result["notes"]] == ["a.traffic"]


def test_the_nearer_network_is_the_one():
    made = machine()
    made.add("gpu", made.path(1, 0, 0), 1)
    result = placed([made.record("node1")], [service("a", gpu=1, talks=[("b", 1)]), service("b")])
    assert networks(result) == {"a": ["sriov-b"], "b": ["sriov-b"]}


def test_a_network_without_vfs_enough_is_not_chosen():
    ports = ((0, "sriov-a"), (1, "sriov-b"), (1, "sriov-b"))
    result = placed([machine(ports).record("node1")], [service("a", replicas=4, talks=[("b", 1)]), service("b")])
    assert networks(result) == {"a": ["sriov-b"] * 4, "b": ["sriov-b"]}


def test_where_the_file_keeps_them_apart_it_is_told():
    (note,) = placed([machine().record("node1")], [service("a", "sriov-a", talks=[("b", 1)]), service("b", "sriov-b")])[
        "notes"
    ]
    assert note["path"] == "a.traffic"
    assert note["what"] == (
        "talks to b, but their VFs are in networks that do not reach each other: sriov-a, and sriov-b"
    )
    assert note["advice"].startswith("Name one network in both (networks: {sriov: [...]})")


def test_better_in_another_network_than_nowhere():
    """VFs of both networks are there in all, but none has two."""
    result = placed([machine(vfs=1).record("node1")], [service("a", talks=[("b", 1)]), service("b")])
    assert not result["failed"]
    assert networks(result) == {"a": ["sriov-a"], "b": ["sriov-b"]} or networks(result) == {
        "a": ["sriov-b"],
        "b": ["sriov-a"],
    }
    assert [note["advice"][:32] for note in result["notes"]] == ["No network has VFs left for both"]


def test_better_in_another_network_than_nowhere_where_the_counts_would_do():
    """Two VFs of sriov-a on two nodes: but b may be on the second one only, where its CPUs are taken there."""
    nodes = [machine().record("node1"), machine(((0, "sriov-b"),)).record("node2")]
    asked = [service("a", "sriov-a", talks=[("b", 1)]), service("b", nodes=["node2"])]
    result = placed(nodes, asked)
    assert not result["failed"] and networks(result) == {"a": ["sriov-a"], "b": ["sriov-b"]}
    assert [note["path"] for note in result["notes"]] == ["a.traffic"]


def test_what_runs_stays_and_who_comes_joins_it():
    nodes = [machine().record("node1"), machine().record("node2")]
    running = placed(nodes, [service("b", "sriov-b")])["placements"]
    asked = [service("a", talks=[("b", 1)]), service("b", replicas=2)]
    result = placed(nodes, asked, running)
    assert networks(result) == {"a": ["sriov-b"], "b": ["sriov-b"] * 2}
    again = placed(nodes, asked, result["placements"])
    assert (again["placements"], again["notes"]) == (result["placements"], [])


def test_what_runs_apart_stays_and_is_told():
    nodes = [machine().record("node1")]
    running = placed(nodes, [service("a", "sriov-a"), service("b", "sriov-b")])["placements"]
    result = placed(nodes, [service("a", talks=[("b", 1)]), service("b")], running)
    assert result["placements"] == running
    assert [note["advice"][:32] for note in result["notes"]] == ["No network has VFs left for both"]


@pytest.mark.parametrize("seed", seeds(range(1, 61)))
def test_who_talks_has_a_network_in_common_or_a_note(seed):
    """Read from the result alone; and nobody who leaves a network open is kept apart while both networks have room."""
    nodes, services = case(seed)
    for one in services["services"]:
        one["networks"]["sriov"] = [""] * len(one["networks"]["sriov"]) if seed % 2 else one["networks"]["sriov"]
    result = place.place(nodes, services, method="heuristic").result("none")
    found = {}
    for entry in result["placements"]:
        names = {one["network"] for one in entry["devices"] if one["resource"] == "sriov"}
        if names:
            found.setdefault(entry["service"], []).append(names)
    apart = set()
    for one in services["services"]:
        for edge in one["traffic"]:
            pairs = [(mine, theirs) for mine in found.get(one["name"], ()) for theirs in found.get(edge["to"], ())]
            if any(not mine & theirs for mine, theirs in pairs):
                apart.add(frozenset((one["name"], edge["to"])))
    told = {frozenset((note["path"].split(".")[0], note["what"].split()[2].strip(","))) for note in result["notes"]}
    assert told == apart
