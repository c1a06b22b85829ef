# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Services onto nodes: the whole of placement in one call."""

from __future__ import annotations

from ..errors import EngineError
from . import heuristic, notes, reasons, result, talk
from . import node as node_records
from . import services as service_records
from .board import Board
from .exact import MOST_STEPS, Exact
from .graph import Graph
from .present import Present
from .weights import Weights

METHODS = ("auto", "exact", "heuristic")
# So many nodes for each of so many pods are searched through without being asked to.
FEW_PODS, FEW_NODES = 12, 8
AUTO_STEPS = 20000


class Outcome:
    """A placement that can be asked about: board, plan, and the result as plain data."""

    def __init__(self, board, plan, method, gap):
        self.board, self.plan, self.method, self.gap = board, plan, method, gap

    def left_out(self):
        """How many pods have no node, those of the highest priority first."""
        return self.plan.value()[0]

    def result(self, which_reasons="auto"):
        """The result as docs/placement.md describes it; which_reasons: see reasons.rejected."""
        placements = result.placements(self.board, self.plan)
        return {
            "placements": placements,
            "rejected": reasons.rejected(self.board, self.plan, which_reasons),
            "failed": reasons.failed(self.board, self.plan),
            "objective": result.objective(self.board, self.plan),
            "method": self.method,
            "gap": self.gap,
            "notes": notes.all_of(self.board, placements),
        }


def prepare(nodes, services, allocations=None, weights=None, costs=None, candidates=None):
    """The Board of node records, services in normal form and present allocations. Raises EngineError."""
    known = node_records.read(nodes)
    table = Weights(weights, costs)
    pods = service_records.read(services, [node.name for node in known])
    present = Present(allocations, pods, known, table)
    pods.sort(key=lambda pod: order(pod, (pod.key, pod.replica) in present.movers))
    replicas = {}
    for name in {(pod.key, pod.replica) for pod in pods} | set(present.held):
        replicas[name[0]] = replicas.get(name[0], 0) + 1
    graph = Graph({pod.key: pod.traffic for pod in pods}, replicas, table)
    limits = _limits(candidates, known)
    new = [pod for pod in pods if not (present.is_fixed(pod) or _is_beyond(pod, limits, present))]
    return Board(known, new, graph, table, present, limits)


def _limits(candidates, nodes):
    """The names of the nodes that pods may be put on, None for all."""
    if candidates is None or candidates == []:
        return None
    if not isinstance(candidates, (list, tuple)) or not all(isinstance(name, str) for name in candidates):
        raise EngineError("%r is no list of nodes" % (candidates,), "candidates", "Write names of nodes")
    names = frozenset(candidates)
    return None if names.issuperset(node.name for node in nodes) else names


def _is_beyond(pod, limits, present):
    """A pod of a DaemonSet for a node that this run leaves alone, and that does not run yet."""
    return pod.daemon and limits is not None and pod.nodes.isdisjoint(limits) and present.node_of(pod) is None


def order(pod, runs):
    """The order of admission: what runs, then by priority, then what asks for more, then by name."""
    demand = pod.demand
    devices = sum(count for dummy, count in demand.compute)
    size = (-devices, -len(demand.slots), -demand.cpus, -demand.memory, -demand.milli)
    return (not runs, -pod.priority) + size + (pod.key, pod.replica)


def place(nodes, services, allocations=None, weights=None, costs=None, method="auto", solver=None, candidates=None):
    """The Outcome. method: auto | exact | heuristic; solver: function(board, plan) -> (plan, proven, bound) instead of
    our own search in method exact; candidates: names of the nodes that pods may be put on, where they do not run yet.
    """
    if method not in METHODS:
        raise EngineError("%r is no method" % (method,), "method", "Write one of %s" % ", ".join(METHODS))
    board = prepare(nodes, services, allocations, weights, costs, candidates)
    pins = talk.settle(board)
    found = _solved(board, pins, method, solver)
    lost = {pod.key for pod, at in zip(board.pods, found.plan.where) if at is None}
    for fewer in _fewer(pins, lost, len(board.pods)):
        other = _solved(board, fewer, method, solver)
        found = other if other.left_out() < found.left_out() else found
    return found


def _fewer(pins, lost, count):
    """[pins] to try where pods of some services found no place: better in another network than nowhere; it is noted.

    First only the heaviest edge of those is kept, then none of theirs, then, of so few pods, none at all."""
    first = {key: {min(one): one[min(one)]} if key in lost else one for key, one in pins.items()}
    others = {key: one for key, one in pins.items() if key not in lost}
    tried = [pins]
    for some in (first, others, {}):
        if lost and some not in tried and (some or not others or count <= heuristic.MANY):
            tried.append(some)
    return tried[1:]


def _solved(board, pins, method, solver):
    """The Outcome of a Board, with VFs in the networks of talk.settle."""
    board = board.with_pods(talk.pinned(board.pods, pins))
    plan = heuristic.place(board)
    few = len(board.pods) <= FEW_PODS and len(board.nodes) <= FEW_NODES
    if method == "heuristic" or (method == "auto" and not few):
        return Outcome(board, plan, "heuristic", None)
    if solver is not None:
        plan, proven, bound = solver(board, plan)
    else:
        search = Exact(board, plan, MOST_STEPS if method == "exact" else AUTO_STEPS)
        plan, proven, bound = search.plan, search.proven, search.bound
    return Outcome(board, plan, "exact" if proven else "heuristic", 0.0 if proven else _gap(plan, bound))


def _gap(plan, bound):
    """By how much of the bound the plan may be too dear; None where the bound says nothing."""
    if plan.value()[0] != bound[0] or bound[1] <= 0:
        return None
    return round((plan.cost - bound[1]) / bound[1], 4) if plan.cost else 0.0
