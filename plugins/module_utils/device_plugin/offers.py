# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node offers by each kind of plugin: VFs, RDMA that pods share, cards. What they share is in subsystem."""

from __future__ import annotations

from ..errors import Problem
from . import cards, observe, pod_resources, pools, shared


class Offer:
    """Pools of one kind. word: the kind, as the module is told it; given: its pools."""

    def __init__(self, word, given):
        self.word, self.given = word, given

    def problems(self):
        """[Problem] that are there on any node."""
        return pools.problems(self.given, self.word)

    def observe(self, system, state):
        """Add to a State what only this kind asks for, and what pods hold where that decides."""
        if self.may_withdraw():
            state.held = pod_resources.held(system) or {}

    def may_withdraw(self):
        """Whether devices may go that a pod holds. A pod keeps its VF where a pool changes; where none is left, the CNI
        program that gives it back goes next."""
        return not self.given

    def members(self, state):
        """({resource: addresses, or their number}, [Problem])"""
        raise NotImplementedError

    def devices(self, state):
        """The devices of all pools, as a topology has them."""
        chosen = {address for ids in self.members(state)[0].values() for address in ids}
        return [device for device in state.devices if device["address"] in chosen]

    def rows(self, state):
        """The list in the plugin's configuration."""
        return self.given

    def lacks(self, system):
        """[Problem] of what the plugin needs on the node."""
        if any(map(system.exists, observe.IDS)):
            return []
        what = "this node has no pci.ids, without which the plugin finds no device"
        return [Problem("program", what, "Install package pci.ids")]

    def refusals(self, state, expected, ours, drained):
        """[Problem] of what must not be done. ours: resources as they are offered by us; drained: no pod runs here."""
        return _leaving(ours, {}, state.held) if self.may_withdraw() and not drained else []

    def gone(self, system, expected):
        """Resources out of these that the kubelet knows from a plugin that is gone."""
        return [name for name in sorted(expected) if not observe.serves(system, name)]

    def warnings(self, state, expected):
        """Of which pools a pod would have nothing."""
        return []


class Vfs(Offer):
    """VFs, and PFs without them, by SR-IOV's device plugin."""

    def members(self, state):
        return pools.members(self.given, self.word, state.devices, state.registered)

    def warnings(self, state, expected):
        return pools.bare(self.given, state.devices, expected)


class SharedRdma(Offer):
    """RDMA devices that many pods use at once, by Mellanox's plugin."""

    def members(self, state):
        return shared.members(self.given, state.devices)

    def devices(self, state):
        return [device for device in state.devices if device["rdma"] and device["driver"]]

    def gone(self, system, expected):
        return []  # it names its sockets otherwise


class Cards(Offer):
    """GPUs, FPGAs and other accelerators, by the plugin of our own: it is told each card, and looks after it."""

    def problems(self):
        return cards.problems(self.given)

    def observe(self, system, state):
        super().observe(system, state)
        state.cards = cards.observe(system, self.given, state.devices)

    def may_withdraw(self):
        """Any card that is no longer in a pool."""
        return True

    def members(self, state):
        return cards.members(self.given, state.cards)

    def rows(self, state):
        return cards.rows(self.given, state.cards)

    def lacks(self, system):
        return []

    def refusals(self, state, expected, ours, drained):
        found = cards.foreign(expected, ours, state.registered)
        return found + ([] if drained else _leaving(ours, expected, state.held))


def _leaving(ours, expected, held):
    """[Problem] for devices that pods hold and that would no longer be offered.

    ours: resources that are offered now; held: {resource: {id: "namespace/pod"}}."""
    found = []
    for name in ours:
        users = {who for one, who in held.get(name, {}).items() if one not in expected.get(name, ())}
        if users:
            what = "is held by %s, and would no longer be offered" % ", ".join(sorted(users))
            hint = "Remove these pods first; services by playbook service with -e deploy=true -e service_state=absent"
            found.append(Problem(name, what, hint))
    return found


OFFERS = {"sriov": Vfs, "rdma-shared": SharedRdma, "accelerators": Cards, "gpus": Cards}
