# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What it costs to put a set of pods on a node: the one thing that both the search and the heuristic ask.

Pods of a node are admitted in one fixed order, so what a set of them can do on a node follows from what the set
without its last one can do. Sets and nodes repeat, so every answer is kept.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

from .floor import shortest
from .options import options as ways
from .present import fits
from .state import Option, State


class Here(NamedTuple):
    """A pod on a node."""

    key: tuple  # of its service
    option: Option


class Outcome(NamedTuple):
    """One way to have a set of pods on a node."""

    cost: int
    state: State
    here: tuple  # of Here, in the order of admission


class Board:
    """Nodes with what is fixed on them, pods to be placed, and the costs of each combination."""

    def __init__(self, nodes, pods, graph, weights, present, candidates=None):
        """pods: in the order of admission; present: a present.Present; candidates: names of the nodes that a pod may be
        put on, None for all."""
        self.nodes, self.pods, self.graph, self.weights, self.present = nodes, pods, graph, weights, present
        self.options_of, self.outcomes_of, self.floor_of, self.price_of = {}, {}, {}, {}
        self.base = [self._base(number) for number in range(len(nodes))]
        kinds = {}
        self.kind = [
            kinds.setdefault((node.form, base.state.key(), base.here), len(kinds))
            for node, base in zip(nodes, self.base)
        ]
        running = [pod for fixed in present.fixed.values() for pod, dummy in fixed]
        self.asked = {pod.key: pod.demand for pod in running + list(pods)}  # as the services' file has it
        self.homes = {place: present.home_of(pod) for place, pod in enumerate(pods)}
        self.candidates = candidates
        self.allowed = [self._allowed(place, pod) for place, pod in enumerate(pods)]

    def with_pods(self, pods):
        """The Board of other pods in the same order, which differ in what they demand; what was worked out is kept."""
        other = copy.copy(self)
        other.pods, other.outcomes_of = pods, {}
        return other

    def _base(self, number):
        """The Outcome of what runs there and is not moved."""
        state, here, cost = State(self.nodes[number]), [], 0
        for pod, option in self.present.fixed.get(self.nodes[number].name, ()):
            cost += option.own + self._shared(state, option) - self.saved(here, pod.key, option)
            state.take(pod.demand.needs, option)
            here.append(Here(pod.key, option))
        return Outcome(cost, state, tuple(here))

    def _allowed(self, place, pod):
        """Numbers of the nodes that a pod may use: a frozenset, None for all. Where it runs it may stay."""
        if pod.nodes is None and self.candidates is None:
            return None
        return frozenset(
            number
            for number, node in enumerate(self.nodes)
            if (pod.nodes is None or node.name in pod.nodes)
            and (self.candidates is None or node.name in self.candidates or self.homes[place] == number)
        )

    def may(self, place, number, others):
        """Whether a pod may be on a node beside others (places of pods): allowed nodes and anti-affinity."""
        allowed, pod = self.allowed[place], self.pods[place]
        if allowed is not None and number not in allowed:
            return False
        if any(self._apart(pod, self.pods[other]) for other in others if other != place):
            return False
        fixed = self.present.fixed.get(self.nodes[number].name, ())
        return not any(self._apart(pod, other) for other, dummy in fixed)

    @staticmethod
    def _apart(pod, other):
        return other.key in pod.apart or pod.key in other.apart

    def outcomes(self, number, places, width):
        """[Outcome], cheapest first, of pods (ascending places) on a node; [] where they do not fit.

        width: how many to keep at each step, None for all.
        """
        if not places:
            return [self.base[number]]
        stays = tuple(place for place in places if self.homes[place] == number)
        key = (self.kind[number], places, stays, number if stays else None, width)
        found = self.outcomes_of.get(key)
        if found is None:
            before = self.outcomes(number, places[:-1], width)
            found = self.outcomes_of[key] = self.extended(number, before, places[-1], width)
        return found

    def cost(self, number, places, width):
        """Cost of pods on a node, None where they do not fit."""
        found = self.outcomes(number, places, width)
        return found[0].cost if found else None

    def extended(self, number, before, place, width):
        """Outcomes with one pod more, the last in the order."""
        pod, best = self.pods[place], {}
        talks = bool(self.graph.neighbours(pod.key))
        for cost, at, option in self._priced(number, before, place, width):
            outcome = before[at]
            state = outcome.state.copy()
            state.take(pod.demand.needs, option)
            numas = tuple(here.option.numa for here in outcome.here) + (option.numa if talks else (),)
            key = (state.key(), numas)
            if key not in best or cost < best[key].cost:
                best[key] = Outcome(cost, state, outcome.here + (Here(pod.key, option),))
        return sorted(best.values(), key=lambda outcome: outcome.cost)

    def _priced(self, number, before, place, width):
        """[(cost, place in before, option)] of the cheapest ways to extend."""
        found = [
            (outcome.cost + self.price(place, number, outcome, option), at, option)
            for at, outcome in enumerate(before)
            for option in self.options(number, outcome.state, place)
        ]
        found.sort(key=lambda item: item[0])
        return found if width is None else found[:width]

    def options(self, number, state, place):
        """Options of a pod on a node in some state; staying where it runs is one of them."""
        pod = self.pods[place]
        found = self.plain_options(number, state, pod.demand)
        if self.homes[place] == number:
            option = self.present.option_of(pod)
            if fits(state, pod, option):
                return [option] + found
        return found

    def plain_options(self, number, state, demand):
        """Options of a demand that is new on a node."""
        key = (self.nodes[number].form, state.key(), demand)
        found = self.options_of.get(key)
        if found is None:
            prices = self.price_of.setdefault((self.nodes[number].form, demand), {})
            found = self.options_of[key] = ways(self.nodes[number], state, demand, self.weights, prices)
        return found

    def floor(self, number, demand):
        """What a demand costs on a node at least by itself, None where it can never be there."""
        key = (self.nodes[number].form, demand)
        if key not in self.floor_of:
            self.floor_of[key] = shortest(self.nodes[number], demand, self.weights)
        return self.floor_of[key]

    def price(self, place, number, outcome, option):
        """What an option adds to a node's cost."""
        cost = option.own + self._shared(outcome.state, option)
        cost -= self.saved(outcome.here, self.pods[place].key, option)
        if not option.stays and self.homes[place] is not None:
            cost += self.weights.move
        return cost

    def _shared(self, state, option):
        """Each pod that is on a link already adds its share. Links of the network have the lower numbers."""
        return sum(
            state.users[link] * (self.weights.network_link if link < state.ports else self.weights.pcie_link)
            for link in option.links
        )

    def saved(self, here, key, option):
        """What an option of a service saves beside those that are on the node."""
        neighbours = self.graph.neighbours(key)
        if not neighbours:
            return 0
        return sum(
            self.graph.saved(key, option.numa, other.key, other.option.numa)
            for other in here
            if other.key in neighbours
        )
