# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The data path of a pod on a node: source -> compute -> sink, its length and the links it takes."""

from __future__ import annotations

from typing import NamedTuple

from . import rank
from .demand import NVME


class End(NamedTuple):
    """Where data comes from or goes to: a device by its place in the PCIe tree."""

    name: tuple  # ("slot", number) | ("port", PCI address) | ("nvme", PCI address)
    path: tuple
    links: tuple


class Leg(NamedTuple):
    """One way: an End to a computing device (the container's place and which of its devices) or to its CPUs."""

    end: End
    container: int
    device: int | None
    rank: int


def ends(node, demand, slots):
    """([End] that may be the source, [End] that may be the sink), each [None] where the pod has none.

    slots: for each Slot of the pod its pool or its macvlan's Port. None instead of the pair: the node has no such end.
    """
    found = []
    for which, place in ((demand.source, 0), (demand.sink, -1)):
        one = _ends(node, demand, slots, which, place)
        if not one:
            return None
        found.append(one)
    return found


def _ends(node, demand, slots, which, place):
    nics = [_slot(node, number, chosen) for number, chosen in enumerate(slots)]
    if which == NVME:
        return [End(("nvme", disk.address), disk.path, (disk.pcie_link,)) for disk in node.ports.nvmes]
    if which.startswith("network:"):
        network = which.split(":", 1)[1]
        own = [nic for nic, chosen in zip(nics, slots) if _network(node, chosen) == network]
        if own:
            return [own[place]]
        return [End(("port", port.pci), port.path, port.links) for port in node.ports.all() if port.network == network]
    return [nics[place]] if nics else [None]


def _slot(node, number, chosen):
    thing = node.pools[chosen] if isinstance(chosen, int) else node.ports.by_pci[chosen]
    return End(("slot", number), thing.path, thing.links)


def _network(node, chosen):
    return node.pools[chosen].network if isinstance(chosen, int) else node.ports.by_pci[chosen].network


def numa_of(node, path):
    """Place of the NUMA node of a device, -1 unknown."""
    if len(node.numa_ids) == 1:
        return 0
    return node.place_of.get(node.root_nodes[path[0]], -1)


def to_cpu(node, path, places):
    """Rank between a device and CPUs on these NUMA nodes (places)."""
    numa = numa_of(node, path)
    if numa < 0:
        return rank.NOBODY_KNOWS
    return rank.LOCAL if set(places) == {numa} else rank.REMOTE


def legs(node, demand, source, sink, cpu_places, compute):
    """[Leg]: each way once, whatever goes both ways over it.

    cpu_places: per container the NUMA nodes of its CPUs; compute: per container the pools of its devices.
    """
    found = []
    both = [end for end in (source, sink) if end is not None]
    for end in both[:1] if len(both) == 2 and both[0].name == both[1].name else both:
        for place in sorted(demand.on_path):
            if compute[place]:
                for device, pool in enumerate(compute[place]):
                    length = node.ranks.between(end.path, node.pools[pool].path)
                    found.append(Leg(end, place, device, length))
            else:
                found.append(Leg(end, place, None, to_cpu(node, end.path, cpu_places[place])))
    return found


def anchor(node, compute, source):
    """Place of the NUMA node that CPUs and memory of a container should be on; -1: none."""
    if compute:
        return node.pools[compute[0]].numa
    return numa_of(node, source.path) if source is not None else -1


def remote(amounts, numa, weight):
    """weight for all of it away from the anchor, in proportion for a part. amounts: per NUMA node, or None."""
    total = sum(amounts) if amounts is not None else 0
    return 0 if numa < 0 or not total else weight * (total - amounts[numa]) // total
