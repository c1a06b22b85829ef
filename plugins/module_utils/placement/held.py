# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Turns the entries of an earlier result back into what they take of a node."""

from __future__ import annotations

from . import path as data_path
from .demand import Demand, Need, Pod
from .options import price
from .state import Option, Pick


def option_of(node, pod, held, weights):
    """The Option of staying, None where the entries are not what the pod asks for now."""
    if {need.name for need in pod.demand.needs} != {entry["container"] for entry in held.entries}:
        return None
    picks = tuple(_pick(node, need, held.entry_of(need.name)) for need in pod.demand.needs)
    if None in picks:
        return None
    ends = data_path.ends(node, pod.demand, tuple(chosen for pick in picks for chosen in pick.slots))
    if ends is None:
        return None
    told = {address for entry in held.entries for address in entry["ends"]}
    found = [
        (-_as_told(told, source, sink), price(node, pod.demand, picks, source, sink, weights)[0])
        for source in ends[0]
        for sink in ends[1]
    ]
    return min(found, key=lambda pair: (pair[0], pair[1].own, pair[1].links))[1]._replace(stays=True)


def _as_told(told, *ends):
    """How many ends are those of the promise, where there was a choice: among equals it must not change."""
    return sum(end is not None and end.name[1] in told for end in ends)


def foreign(node, held, weights):
    """(Pod, Option) of what is not among the services: it holds what it holds, and its own cost is not ours."""
    needs, picks = [], []
    for entry in held.entries:
        cpus = cpus_of(node, entry)
        milli = entry["milli"] or 1000 * sum(cpus or ())
        pages = tuple(sorted(entry["hugepages"].items()))
        pinned = bool(cpus)
        need = Need(entry["container"], milli, sum(cpus or ()), entry["memory"], pages, (), (), "none", pinned)
        needs.append(need)
        picks.append(_given(node, need, entry, (), tuple(pools_of(node, entry) or ())))
    pod = Pod(held.key, held.replica, 0, Demand(tuple(needs), "", "", False), None, frozenset(), (), False)
    option = price(node, pod.demand, tuple(picks), None, None, weights)[0]
    return pod, Option(0, option.picks, option.pools, option.links, option.numa, True)


def cpus_of(node, entry):
    """Exclusive CPUs per NUMA node, None for none."""
    listed = set(entry["cpus"])
    return tuple(len(listed.intersection(cpus)) for cpus in node.cpus) if listed else None


def pools_of(node, entry):
    """Numbers of the pools of an entry's devices; None where the node has one of them no more."""
    found = [node.pool_of.get((device.get("resource"), device["address"])) for device in entry["devices"]]
    return None if None in found else found


def _pick(node, need, entry):
    """The Pick of an entry, None where it is not what the container asks for."""
    cpus, pools = cpus_of(node, entry), pools_of(node, entry)
    if pools is None or sum(cpus or ()) != need.cpus or entry["memory"] != need.memory:
        return None
    if dict(need.hugepages) != {size: amount for size, amount in entry["hugepages"].items() if amount}:
        return None
    compute = tuple(sorted(place for place in pools if node.pools[place].kind != "nic"))
    slots = _slots(node, need, [place for place in pools if node.pools[place].kind == "nic"])
    counted = [(name, sum(node.pools[place].resource == name for place in compute)) for name in ("gpu", "fpga", "asic")]
    if slots is None or tuple(pair for pair in counted if pair[1]) != need.compute:
        return None
    return _given(node, need, entry, slots, compute)


def _given(node, need, entry, slots, compute):
    pages = tuple((size, _per_numa(node, need, entry, "hugepages_by_numa", size)) for size, dummy in need.hugepages)
    memory = _per_numa(node, need, entry, "memory_by_numa", None)
    pages = tuple((size, given) for size, given in pages if given is not None)
    cells = ()
    if memory is not None:
        cells = tuple(number for number in node.numa_ids if str(number) in entry["memory_by_numa"])
        cells = cells or tuple(number for number in entry["numa_nodes"][:1] if number in node.place_of)
    affinity = tuple(number for number in entry["numa_nodes"] if number in node.place_of) or None
    return Pick(affinity, cpus_of(node, entry), memory, pages, cells, slots, compute)


def _per_numa(node, need, entry, key, size):
    """Bytes per NUMA node: as told, else all on the only one of numa_nodes; None where nobody gave it from one."""
    told = entry[key] if size is None else entry[key].get(size)
    if isinstance(told, dict) and told:
        return tuple(_number(told.get(str(number))) for number in node.numa_ids)
    if size is None and not (node.pins_memory and need.guaranteed and entry["memory"]):
        return None
    if not entry["numa_nodes"]:
        return None
    amount = entry["memory"] if size is None else entry["hugepages"][size]
    return tuple(amount if number == entry["numa_nodes"][0] else 0 for number in node.numa_ids)


def _number(value):
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _slots(node, need, vfs):
    """The VFs in the order of the slots, ports for macvlans; None where they do not fit the slots."""
    found, left = [], list(vfs)
    for slot in need.slots:
        if slot.macvlan:
            choices = [port.pci for port in node.ports.macvlan(slot.network)][:1]
        else:
            choices = [place for place in left[:1] if _suits(node.pools[place], slot)]
        if not choices:
            return None
        if not slot.macvlan:
            left.pop(0)
        found.append(choices[0])
    return None if left else tuple(found)


def _suits(pool, slot):
    shared = (pool.resource == "rdma") == slot.shared
    return shared and slot.network in ("", pool.network) and (pool.rdma or not slot.rdma)
