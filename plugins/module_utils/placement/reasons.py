# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Why a pod is not on a node, in words; what the smallest change is that would let it be."""

from __future__ import annotations

from ..errors import EngineError
from ..suggest import advice as suggestion
from .shortage import amount, lacks, lacks_on, mended, word
from .weights import plain

CHOICES = ("auto", "all", "failed", "none")
MANY = 5000  # pairs of pod and node; with more of them auto tells of the pods only that were not placed
NAMED = 3  # nodes, and reasons, that the text of a failure names
TOLD = 100  # nodes that are asked for their reason


def rejected(board, plan, which="auto"):
    """[{service, namespace, replica, nodes: {node: why}}] of each node that a pod might have had and has not."""
    if which not in CHOICES:
        raise EngineError("%r is no choice" % (which,), "reasons", "Write one of %s" % ", ".join(CHOICES))
    if which == "auto":
        which = "all" if len(board.pods) * len(board.nodes) <= MANY else "failed"
    found = []
    for at, pod in enumerate(board.pods):
        if which == "none" or (which == "failed" and plan.where[at] is not None):
            continue
        why = of_pod(board, plan, at)
        if why:
            names = {"service": pod.key[1], "namespace": pod.key[0], "replica": pod.replica}
            found.append(dict(names, nodes={board.nodes[number].name: why[number] for number in sorted(why)}))
    return sorted(found, key=lambda entry: (entry["namespace"], entry["service"], entry["replica"]))


def of_pod(board, plan, at):
    """{node: why not} of a pod, as the plan stands without it."""
    home = there = plan.where[at]
    if home is not None and not plan.remove(at):
        home = None  # the others rely on it: it is judged as one more pod
    numbers = range(len(board.nodes)) if board.allowed[at] is None else sorted(board.allowed[at])
    best = plan.added(at, home) if home is not None else None
    why = {number: _why(board, plan, at, number, (home, best)) for number in numbers if number not in (home, there)}
    if home is not None:
        plan.put(at, home)
    return why


def _why(board, plan, at, number, chosen):
    pod = board.pods[at]
    enemies = apart(board, plan, at, number)
    if enemies:
        return "has %s, from which it must keep apart" % ", ".join(enemies)
    added = plan.added(at, number)
    if added is not None:
        return _dearer(board, chosen, added)
    node, state = board.nodes[number], plan.outcome(number).state
    missing = lacks(node, state, pod.demand)
    if missing:
        return "; ".join(short(node, lack) for lack in missing)
    return refused(node, state, pod.demand)


def apart(board, plan, at, number):
    """Names of services on a node that exclude the pod, or that it excludes."""
    pod = board.pods[at]
    others = [board.pods[other] for other in plan.on[number] if other != at]
    others += [other for other, dummy in board.present.fixed.get(board.nodes[number].name, ())]
    return sorted({other.key[1] for other in others if other.key in pod.apart or pod.key in other.apart})


def _dearer(board, chosen, added):
    home, best = chosen
    if best is None:
        return "fits by itself, but not beside what was placed before it"
    name = board.nodes[home].name
    if added == best:
        return "fits as well as %s (adds %g too)" % (name, plain(added))
    if added < best:
        return "adds %g, less than the %g on %s, but others would then have to move" % (plain(added), plain(best), name)
    return "fits, but adds %g where %s adds %g" % (plain(added), name, plain(best))


def short(node, lack):
    """ "short of 2 GPUs: wants 2, 0 of 4 are free" """
    if lack.resource == "policy":
        return "its topology policy %s does not promise %s" % (node.policy, lack.network)
    where = "" if lack.numa is None else " on NUMA node %d" % node.numa_ids[lack.numa]
    own = _own(node, [lack.network]) if lack.resource == "vf" else ""
    if lack.total == 0:
        return "has no %s%s%s" % (word(lack), where, own)
    if lack.resource in ("milli", "memory") or lack.resource.startswith("hugepages"):
        return "short of %s%s" % (amount(lack, lack.missing), where)
    text = "short of %s%s: wants %d, %d of %d free"
    return text % (amount(lack, lack.missing), where, lack.wanted, lack.free, lack.total) + own


def _own(node, networks):
    """What is there and no pod gets, in brackets."""
    used = [text for network in networks for text in node.ports.used(network)]
    more = "; %d more" % (len(used) - NAMED) if len(used) > NAMED else ""
    return " (%s%s)" % ("; ".join(used[:NAMED]), more) if used else ""


def refused(node, state, demand):
    """Why the kubelet refuses what the node's totals have: what each NUMA node is short of."""
    parts = []
    for place, number in enumerate(node.numa_ids):
        missing = lacks_on(node, state, demand, place)
        text = ", ".join(amount(lack, lack.missing) for lack in missing) or "nothing"
        parts.append("NUMA node %d is short of %s" % (number, text))
    if node.full_cores and any(need.cpus % node.threads for need in demand.needs):
        return "full-pcpus-only gives whole cores of %d CPUs, and it asks for a part of one" % node.threads
    own = _own(node, asked_networks(demand))
    return "the kubelet's %s refuses it: %s%s" % (node.policy, "; ".join(parts), own)


def asked_networks(demand):
    """Networks of which VFs are asked for, [""] for any."""
    found = {slot.network for slot in demand.slots if not slot.macvlan and not slot.shared}
    return [""] if "" in found else sorted(found)


def failed(board, plan):
    """[{service, namespace, replica, what, advice}] of the pods without a node."""
    found = [_failure(board, plan, at) for at, number in enumerate(plan.where) if number is None]
    return sorted(found, key=lambda entry: (entry["namespace"], entry["service"], entry["replica"]))


def _failure(board, plan, at):
    pod = board.pods[at]
    known = set().union(*(node.ports.networks() for node in board.nodes))
    unknown = sorted({slot.network for slot in pod.demand.slots if slot.network} - known)
    numbers = range(len(board.nodes)) if board.allowed[at] is None else sorted(board.allowed[at])
    changes = sorted(_change(board, plan, at, number) for number in numbers)
    what = _what(board, plan, at, [number for dummy, number, dummy2 in changes])
    limits = board.candidates is not None
    advice = changes[0][2] if changes else "Leave the limit out" if limits else "Name nodes that exist"
    if unknown and known:
        what, advice = "no node has a port in network %s" % unknown[0], suggestion(unknown[0], known)
    return {
        "service": pod.key[1],
        "namespace": pod.key[0],
        "replica": pod.replica,
        "what": what,
        "advice": advice,
    }


def _what(board, plan, at, numbers):
    """Nodes by reason, those first where the least is missing."""
    groups = {}
    for number in numbers[:TOLD]:
        why = _why(board, plan, at, number, (None, None))
        groups.setdefault(why, []).append(board.nodes[number].name)
    texts = []
    for why, names in list(groups.items())[:NAMED]:
        more = len(names) - NAMED
        texts.append("%s%s: %s" % (", ".join(names[:NAMED]), " and %d more" % more if more > 0 else "", why))
    left = len(numbers) - sum(len(names) for names in list(groups.values())[:NAMED])
    texts += ["%d more nodes" % left] if left else []
    if not texts:
        limits = "none of the nodes that this run is limited to: %s" % ", ".join(sorted(board.candidates or ()))
        return "may use %s" % (limits if board.candidates is not None else "no node that there is")
    return "fits on no node: " + "; ".join(texts)


def _change(board, plan, at, number):
    """(size, node, advice): the smallest change that lets the pod on a node."""
    pod, node = board.pods[at], board.nodes[number]
    state, demand = plan.outcome(number).state, pod.demand
    enemies = apart(board, plan, at, number)
    head = "Let it be beside %s, and " % ", ".join(enemies) if enemies else ""
    ranked = []
    for missing in filter(None, _ways(node, state, demand)):
        size = sum(lack.share() for lack in missing) + len(missing) - 1
        ranked.append((_doubt(node, state, demand, missing, board.weights), size, missing))
    doubt, size, missing = min(ranked, key=lambda item: item[:2]) if ranked else (2, 1, [])
    text = _advice(node, missing) if missing else "Use a node with a weaker topology policy than %s" % node.policy
    text = head + (text[0].lower() + text[1:] if head else text)
    return (doubt * 100 + size + 3 * len(enemies), number, text)


def _doubt(node, state, demand, missing, weights):
    """0: tried, and it fits then; 1: the node itself would have to be another, so it cannot be tried; 2: not enough."""
    if any(lack.total < lack.wanted or lack.resource in ("policy", "port", "nvme") for lack in missing):
        return 1
    return 0 if mended(node, state, demand, missing, weights) else 2


def _ways(node, state, demand):
    """Lists of Lack: each would do, if the kubelet then agrees."""
    whole = lacks(node, state, demand)
    yield whole
    for place in range(len(node.numa_ids)):
        if not any(lack.resource in ("policy", "nvme", "port") for lack in whole):
            here = lacks_on(node, state, demand, place) if _has_pools(node, demand) else []
            told = {lack.resource for lack in here}
            yield here + [lack for lack in whole if lack.resource not in told and lack.resource != "cpu"]


def _has_pools(node, demand):
    return all((resource,) in node.pools_named for resource, dummy in demand.compute) and all(
        size in node.hugepages for size, dummy in demand.hugepages
    )


def _advice(node, missing):
    parts = []
    for lack in missing:
        where = "%s" % node.name if lack.numa is None else "NUMA node %d of %s" % (node.numa_ids[lack.numa], node.name)
        if lack.resource == "policy":
            parts.append("give %s the topology policy %s" % (where, lack.network))
        elif lack.total < lack.wanted:
            parts.append("add %s to %s" % (amount(lack, lack.wanted - lack.total), where))
        else:
            parts.append("free %s on %s" % (amount(lack, lack.missing), where))
    text = " and ".join(parts)
    if len(missing) == 1 and missing[0].free > 0 and missing[0].resource != "policy":
        text += ", or ask for %s" % amount(missing[0], missing[0].free)
    return text[0].upper() + text[1:]
