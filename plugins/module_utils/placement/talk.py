# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Services that talk to each other get VFs of one network, where their file leaves the choice.

It is settled before nodes are chosen, since networks reach across nodes: of each service the file leaves open, and that
talks, one VF is put into the network of whom it talks to most; where that is open too, into the network with the
shortest data paths and then the most VFs left. What a service holds already decides like its file.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

from .demand import Demand
from .floor import shortest

NEVER = 10**9  # the length of a data path that is not there
MAKES = 32  # makes of nodes that are looked at for it


def settle(board):
    """{service: {number of a VF's slot: network}} for slots that the file leaves open, of the pods of a Board."""
    held, talkers = board.present.held, {}
    pods = [pod for fixed in board.present.fixed.values() for pod, dummy in fixed] + board.pods
    for pod in pods:
        if pod.key not in talkers:
            talkers[pod.key] = _Talker(pod)
        talkers[pod.key].replicas += 1
    for (key, dummy), one in sorted(held.items()):
        if key in talkers:
            talkers[key].hold(one)
    edges = _edges(talkers)
    groups = _Groups({key: talkers[key] for key in sorted({key for pair in edges for key in pair})})
    for dummy, one, other in sorted((-weight, *pair) for pair, weight in edges.items()):
        groups.join(one, other)
    return groups.chosen(_Room(pods, held, board.nodes), _Lengths(board.nodes, board.weights))


def pinned(pods, pins):
    """The pods, with the networks of settle in their slots."""
    made = {}
    for pod in pods:
        if pod.key in pins and pod.key not in made:
            made[pod.key] = with_networks(pod.demand, pins[pod.key])
    return [replace(pod, demand=made[pod.key]) if pod.key in made else pod for pod in pods]


def with_networks(demand, networks):
    """The Demand with slots in networks: {number of the slot: network}."""
    needs, start = [], 0
    for need in demand.needs:
        numbered = enumerate(need.slots, start)
        slots = tuple(replace(slot, network=networks.get(number, slot.network)) for number, slot in numbered)
        needs.append(replace(need, slots=slots))
        start += len(need.slots)
    return Demand(tuple(needs), demand.source, demand.sink, demand.asked)


def vfs_of(demand):
    """[(number of the slot, Slot)] of those that are VFs."""
    return [pair for pair in enumerate(demand.slots) if not pair[1].macvlan and not pair[1].shared]


def network_of(device):
    """The network of a device of an entry, "" where that says none."""
    name = device.get("network")
    return name if isinstance(name, str) else ""


def _edges(talkers):
    """{(service, service): weight} of those that both have VFs."""
    found = {}
    for key, one in talkers.items():
        for other, weight in one.pod.traffic:
            if weight and one.vfs and other in talkers and talkers[other].vfs:
                pair = (min(key, other), max(key, other))
                found[pair] = found.get(pair, 0) + weight
    return found


class _Talker:
    """A service. vfs: {number of a slot: network, "" where it is open}; held: the same of each replica that runs."""

    def __init__(self, pod):
        self.pod, self.replicas, self.held = pod, 0, []
        self.named = {number: slot.network for number, slot in vfs_of(pod.demand)}

    def hold(self, held):
        """Takes in what a replica holds; what asks for other things by now holds nothing here."""
        networks = []
        for need in self.pod.demand.needs:
            entry = held.entry_of(need.name) or {"devices": []}
            networks += [network_of(device) for device in entry["devices"] if device.get("resource") == "sriov"]
        if len(networks) == len(self.named):
            self.held.append(dict(zip(sorted(self.named), networks)))

    @property
    def vfs(self):
        """Networks by slot: as named, else as all that run have it."""
        found = dict(self.named)
        for number, name in self.named.items():
            has = {networks[number] for networks in self.held}
            if not name and len(has) == 1:
                found[number] = has.pop()
        return found


class _Groups:
    """VFs that are to be in one network. A group is [network or "", [(service, slot)]]; joined ones are one list."""

    def __init__(self, talkers):
        self.talkers, self.of, self.open = talkers, {}, {}
        closed = {}
        for key, one in sorted(talkers.items()):
            vfs = sorted(one.vfs.items())
            self.of[key] = {number: closed.setdefault(name, [name, []]) for number, name in vfs if name}
            self.open[key] = [number for number, name in vfs if not name]

    def join(self, one, other):
        """Sees to it that two services have VFs in one network, if one of them leaves it open."""
        mine, theirs = self._groups(one), self._groups(other)
        if any(group is another for group in mine for another in theirs):
            return
        if theirs and self.open[one]:
            self._add(one, theirs[0])
        elif mine and self.open[other]:
            self._add(other, mine[0])
        elif self.open[one] and self.open[other]:
            group = ["", []]
            self._add(one, group)
            self._add(other, group)
        else:
            self._merge(mine, theirs)

    def _groups(self, key):
        return [self.of[key][number] for number in sorted(self.of[key])]

    def _add(self, key, group):
        number = self.open[key].pop(0)
        self.of[key][number] = group
        group[1].append((key, number))

    def _merge(self, mine, theirs):
        """Two groups become one, where one of them has no network yet."""
        pairs = [(one, other) for one in mine for other in theirs if not (one[0] and other[0])]
        if pairs:
            kept, gone = sorted(pairs[0], key=lambda group: not group[0])
            for key, number in gone[1]:
                self.of[key][number] = kept
            kept[1].extend(gone[1])

    def chosen(self, room, lengths):
        """{service: {slot: network}} with a network for each open group that has room in one."""
        pins = {
            key: {number: name for number, name in one.vfs.items() if name and not one.named[number]}
            for key, one in self.talkers.items()
        }
        groups = {id(group): group for key in sorted(self.of) for group in self._groups(key) if group[1]}
        for group in sorted(groups.values(), key=lambda group: (not group[0], min(group[1]))):
            name = group[0] or self._best(group, pins, room, lengths)
            for key, number in group[1] if name else ():
                pins[key][number] = name
                room.take(name, self.talkers[key].replicas)
        return {key: networks for key, networks in pins.items() if networks}

    def _best(self, group, pins, room, lengths):
        """The network of an open group; "" where no one has VFs enough."""
        wanted, best = sum(self.talkers[key].replicas for key, dummy in group[1]), None
        for name, left in sorted(room.left.items()):
            length = sum(self._length(key, {**pins[key], number: name}, lengths) for key, number in group[1])
            rank = (length, -left, name)
            if left >= wanted and length < NEVER and (best is None or rank < best):
                best = rank
        return best[2] if best else ""

    def _length(self, key, networks, lengths):
        one = self.talkers[key]
        return one.replicas * lengths.of(with_networks(one.pod.demand, networks), one.pod.nodes)


class _Room:
    """How many VFs each network has left for services that talk."""

    def __init__(self, pods, held, nodes):
        self.left = {}
        for pool in (pool for node in nodes for pool in node.pools if pool.resource == "sriov"):
            self.take(pool.network, -pool.total)
        for one in held.values():
            for device in (device for entry in one.entries for device in entry["devices"]):
                if device.get("resource") == "sriov":
                    self.take(network_of(device), 1)
        for pod in (pod for pod in pods if (pod.key, pod.replica) not in held):
            for dummy, slot in vfs_of(pod.demand):
                self.take(slot.network, 1)

    def take(self, name, count):
        """count VFs of a network less."""
        if name and (count < 0 or name in self.left):
            self.left[name] = self.left.get(name, 0) - count


class _Lengths:
    """The shortest data path of a demand on the nodes that it may use; kept by what the path hangs on."""

    def __init__(self, nodes, weights):
        self.weights, self.known = weights, {}
        self.forms = {}
        for node in nodes:
            self.forms.setdefault(node.form, []).append(node)

    def of(self, demand, allowed):
        """Thousandths; NEVER where no node has it."""
        plain = [
            replace(need, name="", milli=0, cpus=0, memory=0, hugepages=(), topology="none", guaranteed=False)
            for need in demand.needs
        ]
        demand = Demand(tuple(plain), demand.source, demand.sink)
        found = [self._on(form, nodes[0], demand) for form, nodes in itertools.islice(self._forms(allowed), MAKES)]
        return min((length for length in found if length is not None), default=NEVER)

    def _forms(self, allowed):
        for form, nodes in self.forms.items():
            if allowed is None or any(node.name in allowed for node in nodes):
                yield form, nodes

    def _on(self, form, node, demand):
        if (form, demand) not in self.known:
            self.known[form, demand] = shortest(node, demand, self.weights)
        return self.known[form, demand]
