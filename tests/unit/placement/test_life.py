"""Growth, removal and runs again: nothing exclusive is given twice, what runs stays, and what is told is there."""

import itertools
import random

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import cpuset
from ansible_collections.gedge.engine.plugins.module_utils.placement import place
from helpers.seeds import seeds
from unit.placement import sites


def check(nodes, services, placements):
    """What must hold for any placement, read from the records alone."""
    seen, records = set(), {node["name"]: node for node in nodes}
    wanted = {one["name"]: one for one in services}
    for entry in placements:
        record = records[entry["node"]]
        numa = {cpu["cpu"]: cpu["numa_node"] for cpu in record["topology"]["cpus"]}
        kept = cpuset.parse(record["reserved_cpus"])
        for cpu in cpuset.parse(entry["cpus"]):
            assert cpu in numa and cpu not in kept
            assert (entry["node"], cpu) not in seen, "a CPU twice"
            seen.add((entry["node"], cpu))
        known = {device["address"]: device for device in record["topology"]["pci_devices"]}
        for device in entry["devices"]:
            assert device["address"] in known
            if device["resource"] != "rdma":
                assert (entry["node"], device["address"]) not in seen, "a device twice"
                seen.add((entry["node"], device["address"]))
            if device["vf"] is not None:
                assert known[device["pf"]]["sriov"]["vfs"][device["vf"]] == device["address"]
        box = next(box for box in wanted[entry["service"]]["containers"] if box["name"] == entry["container"])
        told = box["acceleration"]
        if told["topology"] == "single-numa-node" and record["policy"] == "single-numa-node":
            at = {numa[cpu] for cpu in cpuset.parse(entry["cpus"])}
            at |= {device["numa_node"] for device in entry["devices"] if device["numa_node"] >= 0}
            assert len(at) <= 1, "one NUMA node was promised"
        asked = {**told["compute"], "sriov": told["communication"]["sriov"]}
        assert asked == {kind: sum(d["resource"] == kind for d in entry["devices"]) for kind in asked}
    totals(records, wanted, placements)


def totals(records, wanted, placements):
    """No node gives more memory or CPUs than it has."""
    for name, record in records.items():
        here = [entry for entry in placements if entry["node"] == name]
        memory = sum(entry["memory"] for entry in here) + sum(sum(e["hugepages"].values()) for e in here)
        has = sum(entry["memory_bytes"] for entry in record["topology"]["numa_nodes"])
        assert memory <= has - record["reserved_memory"]
    boxes = {(one["name"], box["name"]) for one in wanted.values() for box in one["containers"]}
    assert {(entry["service"], entry["container"]) for entry in placements} <= boxes


def by_pod(placements):
    keys = {(entry["service"], entry["replica"]) for entry in placements}
    return {key: [e for e in placements if (e["service"], e["replica"]) == key] for key in keys}


@pytest.mark.parametrize("seed", seeds(range(40)))
def test_growth_removal_and_runs_again(seed):
    rng = random.Random(1000 + seed)
    nodes = sites.random_nodes(rng, rng.randint(2, 5))
    everything = sites.random_services(rng, 14, nodes)
    for one in everything:
        one["move"] = rng.random() < 0.3
    asked, running = [], []
    for turn in range(6):
        if turn % 3 == 2:
            gone = set(rng.sample(range(len(asked)), min(2, len(asked))))
            asked = [one for place_, one in enumerate(asked) if place_ not in gone]
            names = {one["name"] for one in asked}
            asked = [dict(one, traffic=[e for e in one["traffic"] if e["to"] in names]) for one in asked]
            running = [entry for entry in running if entry["service"] in names]
        else:
            names = {one["name"] for one in asked}
            asked += [one for one in everything if one["name"] not in names][:3]
        before = by_pod(running)
        result = place.place(nodes, {"services": asked}, running, method="heuristic").result()
        running = result["placements"]
        check(nodes, asked, running)
        after, may_move = by_pod(running), {one["name"] for one in asked if one["move"]}
        for (name, replica), entries in before.items():
            if name not in may_move:
                assert keep(after[name, replica]) == keep(entries), "what runs was touched"
        again = place.place(nodes, {"services": asked}, running, method="heuristic").result()
        still = {
            name: keep(entries) for name, entries in by_pod(again["placements"]).items() if name[0] not in may_move
        }
        assert still == {name: keep(entries) for name, entries in after.items() if name[0] not in may_move}


def keep(entries):
    """What a pod has, without how it came there."""
    return [{name: entry[name] for name in ("container", "node", "cpus", "numa_nodes", "devices")} for entry in entries]


@pytest.mark.parametrize("seed", seeds(range(20)))
def test_what_others_hold_is_not_given_again(seed):
    rng = random.Random(2000 + seed)
    nodes = sites.random_nodes(rng, 3)
    everything = sites.random_services(rng, 12, nodes)
    for one in everything:
        one["traffic"], one["anti_affinity"] = [], []
    first = place.place(nodes, {"services": everything[:4]}, method="heuristic").result()["placements"]
    second = place.place(nodes, {"services": everything[4:]}, first, method="heuristic").result()["placements"]
    assert not {entry["service"] for entry in first} & {entry["service"] for entry in second}
    check(nodes, everything, first + second)


def one_node(vfs=2, gpus=1):
    machine = sites.Machine(1, 8, 1)
    machine.add_port(machine.path(0, 0, 0), 0, "sriov-a", vfs)
    machine.add("gpu", machine.path(0, 0, 1), 0, gpus)
    return machine


def test_a_move_that_pays_is_made_and_one_that_does_not_is_not():
    near, far = sites.Machine(2, 8, 1), sites.Machine(2, 8, 1)
    for machine, numa in ((near, 0), (far, 1)):
        machine.add_port(machine.path(0, 0, 0), 0, "sriov-a", 2)
        machine.add("gpu", machine.path(numa, 0, 0 if numa == 0 else 1), numa, 1)
    records = {"far": far.record("far", "best-effort"), "near": near.record("near", "best-effort")}
    box = [sites.container("a", topology="best-effort", sriov=1, gpu=1)]
    running = place.place([records["far"]], {"services": [sites.service("a", box)]}).result()["placements"]
    for move, cost, expected in ((False, 0, "far"), (True, 1, "near"), (True, 100, "far")):
        asked = {"services": [sites.service("a", box, move=move)]}
        result = place.place(list(records.values()), asked, running, costs={"move": cost}).result()
        entry = result["placements"][0]
        assert entry["node"] == expected
        assert entry["moved_from"] == ("far" if expected == "near" else None)


LOST = [
    ("a VF that is gone", lambda entry: entry["devices"][0].update(address="0001:09:00.0")),
    ("another number of CPUs", lambda entry: entry.update(cpus="1")),
    ("other memory", lambda entry: entry.update(memory=1)),
    ("another container", lambda entry: entry.update(container="b")),
]


@pytest.mark.parametrize(("why", "edit"), LOST, ids=[row[0] for row in LOST])
def test_what_cannot_stay_is_placed_anew(why, edit):
    nodes = [one_node().record("node1")]
    asked = {"services": [sites.service("a", [sites.container("a", sriov=1, gpu=1)])]}
    running = place.place(nodes, asked).result()["placements"]
    edit(running[0])
    result = place.place(nodes, asked, running).result()
    assert [entry["moved_from"] for entry in result["placements"]] == ["node1"]


def test_a_pod_whose_node_is_gone_is_placed_anew():
    asked = {"services": [sites.service("a", [sites.container("a", sriov=1)])]}
    running = place.place([one_node().record("node1")], asked).result()["placements"]
    result = place.place([one_node().record("node2")], asked, running).result()
    assert [(entry["node"], entry["moved_from"]) for entry in result["placements"]] == [("node2", None)]


def test_all_orders_of_growth_end_without_a_clash():
    nodes = [one_node(3, 2).record("node1"), one_node(3, 2).record("node2")]
    boxes = {name: sites.service(name, [sites.container(name, 2, sriov=1, gpu=1)]) for name in "abcd"}
    for order in itertools.permutations("abcd"):
        running = []
        for count in range(1, 5):
            asked = [boxes[name] for name in order[:count]]
            running = place.place(nodes, {"services": asked}, running).result()["placements"]
            check(nodes, asked, running)
        assert len(running) == 4
