# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node is short of for a pod: of the whole node first, then of each NUMA node for itself."""

from __future__ import annotations

from typing import NamedTuple

from ..quantities import bytes_text, cpu_text
from .options import POLICY_RANK, fitting, options
from .state import State


class Lack(NamedTuple):
    """So much of a resource is missing on a node (numa None) or on one of its NUMA nodes (its place)."""

    resource: str  # cpu | milli | memory | hugepages SIZE | gpu | fpga | asic | vf | nvme | end | policy
    network: str
    rdma: bool
    wanted: int
    free: int
    total: int
    numa: int | None

    @property
    def missing(self):
        """How much more is needed."""
        return self.wanted - self.free

    def share(self):
        """The part of what is wanted that is missing: what is not there at all counts double."""
        return self.missing / max(1, self.wanted) * (2 if self.total < self.wanted else 1)


def lacks(node, state, demand):
    """[Lack] of the whole node; [] where its totals suffice (the kubelet may refuse all the same)."""
    empty, found = State(node), []
    if POLICY_RANK[node.policy] < POLICY_RANK[demand.topology]:
        found.append(Lack("policy", demand.topology, False, 1, 0, 0, None))
    found += _counted("milli", demand.milli, state.milli, empty.milli)
    found += _counted("cpu", demand.cpus, sum(state.cpus), sum(empty.cpus))
    found += _counted("memory", demand.memory, state.total, empty.total)
    for size, amount in demand.hugepages:
        has = [sum(one.hugepages.get(size, ())) for one in (state, empty)]
        found += _counted("hugepages " + size, amount, *has)
    for resource, count in demand.compute:
        places = node.pools_named.get((resource,), ())
        found += _counted(resource, count, *(sum(one.pools[place] for place in places) for one in (state, empty)))
    found += _vfs(node, state, empty, demand, None)
    for end in sorted({demand.source, demand.sink}):
        found += _end(node, end)
    return found


def _counted(resource, wanted, free, total, numa=None):
    return [Lack(resource, "", False, wanted, free, total, numa)] if wanted > free else []


def _vfs(node, state, empty, demand, numa):
    """VFs by what is asked of them, and ports for macvlans."""
    groups = {}
    for slot in demand.slots:
        groups[slot] = groups.get(slot, 0) + 1
    found = []
    for slot, count in sorted(groups.items(), key=str):
        resource = "port" if slot.macvlan else "shared rdma" if slot.shared else "vf"
        has = [_number(node, one, slot, numa) for one in (state, empty)]
        if has[0] < (1 if slot.macvlan else count):
            found.append(Lack(resource, slot.network, slot.rdma, count, has[0], has[1], numa))
    return found


def _number(node, state, slot, numa):
    if slot.macvlan:
        return len(fitting(node, state, slot))
    return sum(state.pools[place] for place in fitting(node, state, slot) if numa in (None, node.pools[place].told))


def _end(node, end):
    if end == "nvme" and not node.ports.nvmes:
        return [Lack("nvme", "", False, 1, 0, 0, None)]
    network = end.split(":", 1)[1] if end.startswith("network:") else None
    if network is not None and all(port.network != network for port in node.ports.all()):
        return [Lack("port", network, False, 1, 0, 0, None)]
    return []


def lacks_on(node, state, demand, numa):
    """[Lack] of one NUMA node (its place) that were to hold all of the pod."""
    empty, found = State(node), []
    found += _counted("cpu", demand.cpus, state.cpus[numa], empty.cpus[numa], numa)
    if node.pins_memory and all(need.guaranteed for need in demand.needs):
        found += _counted("memory", demand.memory, state.memory[numa], empty.memory[numa], numa)
        for size, amount in demand.hugepages:
            has = [one.hugepages[size][numa] for one in (state, empty)]
            found += _counted("hugepages " + size, amount, *has, numa)
    for resource, count in demand.compute:
        places = [place for place in node.pools_named[(resource,)] if node.pools[place].told in (numa, -1)]
        has = [sum(one.pools[place] for place in places) for one in (state, empty)]
        found += _counted(resource, count, *has, numa)
    return found + _vfs(node, state, empty, demand, numa)


def mended(node, state, demand, missing, weights):
    """Whether the pod would fit had the node what is missing: tried on a copy, with the kubelet's rules."""
    after = state.copy()
    for lack in missing:
        place = lack.numa if lack.numa is not None else 0
        if lack.resource == "milli":
            after.milli += lack.missing
        elif lack.resource == "cpu":
            after.cpus[place] += lack.missing
            after.milli += 1000 * lack.missing
        elif lack.resource == "memory":
            after.memory[place] += lack.missing
            after.total += lack.missing
        elif lack.resource.startswith("hugepages "):
            if lack.resource[10:] not in after.hugepages:
                return False
            after.hugepages[lack.resource[10:]][place] += lack.missing
        elif not _more_devices(node, after, demand, lack):
            return False
    after.forget()
    return bool(options(node, after, demand, weights, {}))


def _more_devices(node, after, demand, lack):
    """Adds devices to the first pool that suits; False where the node has no such pool."""
    empty = State(node)
    if lack.resource == "vf":
        slots = [slot for slot in demand.slots if (slot.network, slot.rdma) == (lack.network, lack.rdma)]
        places = [place for slot in slots for place in fitting(node, empty, slot) if not slot.macvlan]
    else:
        places = node.pools_named.get((lack.resource,), ())
    places = [place for place in places if lack.numa in (None, node.pools[place].told)]
    if places:
        after.pools[places[0]] += lack.missing
    return bool(places)


NOUNS = {"cpu": "exclusive CPU", "milli": "CPU", "gpu": "GPU", "fpga": "FPGA", "asic": "ASIC", "nvme": "NVMe disk"}
NOUNS.update({"vf": "VF", "port": "port", "shared rdma": "share of an RDMA device"})


def word(lack):
    """The lack's resource in words: "VF of sriov-a with RDMA"."""
    if lack.resource == "memory" or lack.resource.startswith("hugepages "):
        return lack.resource if lack.resource == "memory" else "%s hugepages" % lack.resource[10:]
    return NOUNS[lack.resource] + _kind(lack)


def _kind(lack):
    text = " of network %s" % lack.network if lack.network else ""
    if lack.resource == "port" and not lack.network:
        text = " for macvlan"
    return text + (" with RDMA" if lack.rdma and lack.resource == "vf" else "")


def amount(lack, number):
    """A number of the lack's resource in words: "2 CPUs", "512Mi of memory", "1 VF of network sriov-a"."""
    if lack.resource == "milli":
        return "%s CPU" % cpu_text(number)
    if lack.resource == "memory" or lack.resource.startswith("hugepages "):
        return "%s of %s" % (bytes_text(number), word(lack))
    plural = "shares of an RDMA device" if lack.resource == "shared rdma" else NOUNS[lack.resource] + "s"
    return "%d %s" % (number, (NOUNS[lack.resource] if number == 1 else plural) + _kind(lack))
