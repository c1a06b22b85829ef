# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Why one pod is where it is: all nodes that it might have had, with what each would cost and of what that is made."""

from __future__ import annotations

from ..errors import EngineError
from ..suggest import advice
from . import reasons, result
from .materialise import legs_of
from .weights import plain


def explain(outcome, service, namespace="default", replica=0, runs=False):
    """{service, namespace, replica, node, why, candidates, used}.

    candidates: [{node, chosen, cost, parts, entries, why}].
    outcome: a place.Outcome; runs: the pod is to be taken as where it runs, though it could move (see is_fixed).
    The chosen node comes first, then those that fit by cost, then the others by name. parts: the cost as distance,
    remote, shared_links, edges (saved, so negative) and move; None where it does not fit. entries: what the pod would
    get there, as in a result. used: {node: [VFs that it might have had but that the node uses itself]}.
    Raises EngineError for a service that is none.
    """
    board, plan = outcome.board, outcome.plan
    key = (namespace, service)
    places = [at for at, pod in enumerate(board.pods) if pod.key == key]
    found = [at for at in places if board.pods[at].replica == replica]
    if not found:
        if places or is_fixed(outcome, service, namespace):
            raise EngineError("%s has no replica %r" % (service, replica), "replica", "Write 0 for the first")
        known = sorted({pod.key[1] for pod in board.pods if pod.key[0] == namespace})
        what = 'there is no service "%s" in namespace %s' % (service, namespace)
        raise EngineError(what, "service", advice(service, known) if known else "")
    if runs:
        _home(board, plan, found[0])
    answer = _free(board, plan, found[0])
    return dict(answer, why="runs there, and is not to be moved. %s" % _sentence(answer["why"])) if runs else answer


def is_fixed(outcome, service, namespace="default", replica=None):
    """Whether a replica of a service (None: any) runs and may not move: it is then no part of the plan."""
    return any(
        pod.key == (namespace, service) and replica in (None, pod.replica) and pod.demand.asked
        for pods in outcome.board.present.fixed.values()
        for pod, dummy in pods
    )


def _home(board, plan, at):
    """Puts a pod where it runs."""
    home = board.homes[at]
    if plan.where[at] != home and (plan.where[at] is None or plan.remove(at)):
        plan.put(at, home)


def _sentence(text):
    return text[0].upper() + text[1:]


def _answer(board, pod, node, why, candidates):
    names = {"service": pod.key[1], "namespace": pod.key[0], "replica": pod.replica}
    return dict(names, node=node, why=why, candidates=candidates, used=_used(board, pod, candidates))


def _used(board, pod, candidates):
    networks, there = reasons.asked_networks(board.asked[pod.key]), {one["node"] for one in candidates}
    told = {
        node.name: [text for network in networks for text in node.ports.used(network)]
        for node in board.nodes
        if node.name in there
    }
    return {name: texts for name, texts in told.items() if texts}


def _free(board, plan, at):
    pod, home = board.pods[at], plan.where[at]
    why = reasons.of_pod(board, plan, at)
    candidates = [_here(board, plan, at, home)] if home is not None else []
    if home is None or plan.remove(at):
        candidates += _others(board, plan, at, why)
        if home is not None:
            plan.put(at, home)
    if home is None:
        failure = next(entry for entry in reasons.failed(board, plan) if _is(entry, pod))
        return _answer(board, pod, None, "%s. %s" % (failure["what"], failure["advice"]), candidates)
    return _answer(board, pod, board.nodes[home].name, _won(candidates), candidates)


def _is(entry, pod):
    return (entry["namespace"], entry["service"]) == pod.key and entry["replica"] == pod.replica


def _others(board, plan, at, why):
    """The candidates beside the chosen one."""
    fitting, rest = [], []
    for number in sorted(why):
        if plan.added(at, number) is None:
            entry = {"node": board.nodes[number].name, "chosen": False, "cost": None, "parts": None, "entries": []}
            rest.append(dict(entry, why=why[number]))
            continue
        plan.put(at, number)
        fitting.append(dict(_here(board, plan, at, number), chosen=False, why=why[number]))
        plan.remove(at)
    return sorted(fitting, key=lambda entry: entry["cost"]) + rest


def _here(board, plan, at, number):
    """The candidate of a pod on the node where the plan has it."""
    pod, node = board.pods[at], board.nodes[number]
    here = plan.outcome(number).here[len(board.base[number].here) :]
    mine = plan.on[number].index(at)
    option = here[mine].option
    users = plan.outcome(number).state.users
    weights = board.weights
    links = [(users[link] - 1, link < node.port_links) for link in option.links]
    distance = sum(weights.rank[leg.rank] for leg in legs_of(node, pod, option, weights))
    shared = sum(others * (weights.network_link if port else weights.pcie_link) for others, port in links)
    edges = board.saved(
        [other for place, other in enumerate(here) if place != mine] + list(board.base[number].here), pod.key, option
    )
    move = weights.move if board.homes[at] is not None and not option.stays else 0
    parts = {
        "distance": plain(distance),
        "remote": plain(option.own - distance),
        "shared_links": plain(shared),
        "edges": plain(-edges),
        "move": plain(move),
    }
    return {
        "node": node.name,
        "chosen": True,
        "cost": plain(option.own + shared - edges + move),
        "parts": parts,
        "entries": _entries(board, plan, number, pod),
        "why": "chosen",
    }


def _entries(board, plan, number, pod):
    return [entry for entry in result.of_node(board, plan, number) if _is(entry, pod)]


def _won(candidates):
    """In words, against the next best that fits."""
    chosen, others = candidates[0], [entry for entry in candidates[1:] if entry["cost"] is not None]
    if not others:
        return (
            "%s is the only node on which it fits" % chosen["node"] if len(candidates) > 1 else "there is no other node"
        )
    other = others[0]
    if other["cost"] < chosen["cost"]:
        return "%s alone would be cheaper by itself, but dearer for the other services" % other["node"]
    if other["cost"] == chosen["cost"]:
        return "%s is as good, and comes later" % other["node"]
    parts = []
    for name, words in WORDS:
        if other["parts"][name] > chosen["parts"][name]:
            parts.append("%s %g instead of %g" % (words, chosen["parts"][name], other["parts"][name]))
    return (
        "next is %s: here is %s" % (other["node"], ", ".join(parts)) if parts else "costs less than %s" % other["node"]
    )


WORDS = (
    ("distance", "data path"),
    ("remote", "CPUs and memory away from the device"),
    ("shared_links", "sharing of links"),
    ("edges", "nearness to its neighbours (less is nearer)"),
    ("move", "a move"),
)
