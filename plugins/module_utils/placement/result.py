# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A plan as plain data: one entry per replica and container, sorted."""

from __future__ import annotations

from .. import cpuset
from ..quantities import cpu_text
from .materialise import Shelf, legs_of
from .rank import level
from .weights import plain

ORDER = ("namespace", "service", "replica", "container")


def placements(board, plan):
    """[entry] of all pods of the services that have a node."""
    entries = []
    for number in range(len(board.nodes)):
        entries += of_node(board, plan, number)
    return sorted(entries, key=lambda entry: [entry[name] for name in ORDER])


def placed(board, plan, number):
    """[(Pod, Option)] of a node: what runs untouched, then what was placed."""
    node = board.nodes[number]
    here = plan.outcome(number).here[len(board.base[number].here) :]
    pods = [board.pods[at] for at in plan.on[number]]
    return list(board.present.fixed.get(node.name, ())) + [(pod, one.option) for pod, one in zip(pods, here)]


def of_node(board, plan, number):
    """[entry] of the services' pods on one node."""
    node, pods, shelf = board.nodes[number], placed(board, plan, number), Shelf(board.nodes[number])
    for pod, option in pods:
        if option.stays:
            shelf.keep(board.present.held[pod.key, pod.replica])
    entries = []
    for pod, option in pods:
        if option.stays and not pod.demand.asked:
            continue  # not one of the services
        held = board.present.held.get((pod.key, pod.replica)) if option.stays else None
        given = _held(pod, held) if held else _given(node, pod, option, shelf)
        legs = legs_of(node, pod, option, board.weights)
        entries += _entries(board, node, pod, option, given, legs)
    return entries


def _held(pod, held):
    """[(CPUs, devices)] per container of a pod that stays."""
    found = [held.entry_of(need.name) for need in pod.demand.needs]
    return [(entry["cpus"], _sorted(entry["devices"])) for entry in found]


def _sorted(devices):
    """NICs first, as slots come before computing devices."""
    return [dev for dev in devices if dev.get("kind") == "nic"] + [dev for dev in devices if dev.get("kind") != "nic"]


def _given(node, pod, option, shelf):
    """[(CPUs, devices)] per container of a pod that is new here."""
    found = []
    for dummy, pick in zip(pod.demand.needs, option.picks):
        pools = [chosen for chosen in pick.slots if isinstance(chosen, int)] + list(pick.compute)
        devices = [_device(node, place, *shelf.take_device(place)) for place in pools]
        found.append((shelf.take_cpus(pick.cpus), devices))
    return found


def _device(node, place, address, number):
    pool = node.pools[place]
    return {
        "kind": pool.kind,
        "address": address,
        "pf": pool.pf if pool.resource == "sriov" else None,
        "vf": number,
        "network": pool.network,
        "numa_node": node.numa_ids[pool.told] if pool.told >= 0 else -1,
        "resource": pool.resource,
        "rdma": pool.rdma,
    }


def _entries(board, node, pod, option, given, legs):
    names = _slot_names(option, given)
    before = board.present.node_of(pod)
    moved = before if before is not None and not option.stays else None
    for at, (need, pick) in enumerate(zip(pod.demand.needs, option.picks)):
        cpus, devices = given[at]
        entry = {
            "service": pod.key[1],
            "namespace": pod.key[0],
            "replica": pod.replica,
            "container": need.name,
            "node": node.name,
            "numa_nodes": _numa_nodes(node, pick),
            "cpus": cpuset.render(cpus),
            "cpu": cpu_text(need.milli),
            "memory": need.memory,
            "hugepages": dict(need.hugepages),
            "devices": devices,
            "distance": _distance(board, [leg for leg in legs if leg.container == at], names, devices, node, pick),
            "moved_from": moved,
        }
        entry.update(_spread(node, pick, entry["numa_nodes"]))
        yield entry


def _slot_names(option, given):
    """The address of what each Slot of the pod got."""
    found = []
    for pick, (dummy, devices) in zip(option.picks, given):
        left = [device["address"] for device in devices]
        found += [left.pop(0) if isinstance(chosen, int) else chosen for chosen in pick.slots]
    return found


def _numa_nodes(node, pick):
    bound = pick.cpus is not None or pick.memory is not None or pick.compute or pick.slots
    if pick.affinity is not None:
        return list(pick.affinity) if bound else []
    numbers = {node.numa_ids[place] for place, count in enumerate(pick.cpus or ()) if count}
    return sorted(numbers | set(pick.cells))


def _spread(node, pick, numa_nodes):
    """Where memory and hugepages are, told only where numa_nodes does not say it."""
    found = {}
    if pick.memory is not None and list(pick.cells) != numa_nodes[:1]:
        found["memory_by_numa"] = _named(node, pick.memory, pick.cells)
    pages = {
        size: _named(node, given, ())
        for size, given in pick.hugepages
        if [node.numa_ids[place] for place, amount in enumerate(given) if amount] != numa_nodes[:1]
    }
    return dict(found, hugepages_by_numa=pages) if pages else found


def _named(node, given, cells):
    return {str(number): given[place] for place, number in enumerate(node.numa_ids) if given[place] or number in cells}


def _distance(board, legs, names, devices, node, pick):
    slots = sum(isinstance(chosen, int) for chosen in pick.slots)
    levels = [
        {
            "from": names[leg.end.name[1]] if leg.end.name[0] == "slot" else leg.end.name[1],
            "to": devices[slots + leg.device]["address"] if leg.device is not None else _cpu_name(node, pick),
            "level": level(leg.rank),
            "weight": plain(board.weights.rank[leg.rank]),
        }
        for leg in legs
    ]
    return {"weight": plain(sum(board.weights.rank[leg.rank] for leg in legs)), "levels": levels}


def _cpu_name(node, pick):
    """ "cpu" with the NUMA nodes of exclusive ones: "cpu numa0"."""
    numbers = [node.numa_ids[place] for place, count in enumerate(pick.cpus or ()) if count]
    return " ".join(["cpu"] + ["numa%d" % number for number in numbers])


def objective(board, plan):
    """{"weight": all that was minimised, "distance": of that the data paths, "shared_links": pairs on a link}."""
    distance = links = 0
    for number in range(len(board.nodes)):
        users = plan.outcome(number).state.users
        links += sum(count * (count - 1) // 2 for count in users)
        for pod, option in placed(board, plan, number):
            if pod.demand.asked:
                legs = legs_of(board.nodes[number], pod, option, board.weights)
                distance += sum(board.weights.rank[leg.rank] for leg in legs)
    return {"weight": plain(plan.cost), "distance": plain(distance), "shared_links": links}
