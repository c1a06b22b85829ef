# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the scheduler says of a pod that it has put nowhere, in words that name nodes and what to change. Pure."""

from __future__ import annotations

import re

# "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector. preemption: ..."
HEAD = re.compile(r"0/(\d+) nodes are available: (.*)", re.DOTALL)
PART = re.compile(r"(\d+) (.+)", re.DOTALL)
TAIL = re.compile(r"\.? *(?:no new claims to deallocate|preemption: )")
HOST = "kubernetes.io/hostname"
DEVICE_ADVICE = "See that its device plugin runs and has these devices (role cluster_sriov), then wait: no redeployment"


def reasons(message):
    """[(number of nodes, reason)] of a FitError's text; [(0, text)] for what is none."""
    hit = HEAD.match(message.strip())
    if not hit:
        return [(0, message.strip())]
    text = TAIL.split(hit[2])[0].strip().rstrip(".")
    found = []
    # A reason may have commas of its own: what does not begin with a number belongs to the one before.
    for part in text.split(", "):
        one = PART.fullmatch(part)
        if one:
            found.append((int(one[1]), one[2]))
        elif found:
            found[-1] = (found[-1][0], "%s, %s" % (found[-1][1], part))
        else:
            found.append((0, part))
    return found


def explain(message, pod, nodes):
    """(what, advice) for a pod's message; nodes: Node objects."""
    asked = hosts(pod)
    chosen = [node for node in nodes if not asked or name_of(node) in asked]
    absent = sorted(set(asked) - {name_of(node) for node in nodes})
    if absent and not chosen:
        what = "it may run on %s only, and the cluster has no node of that name" % ", ".join(absent)
        return what, "Join it to the cluster, or place the service anew without it"
    rows = [(count, reason) for count, reason in reasons(message) if not _is_affinity(reason)]
    told = [_explained(reason, pod, chosen) for dummy, reason in rows or reasons(message)]
    what = "the scheduler finds no node for it%s: %s" % (_only(asked), "; ".join(one for one, dummy in told))
    return what, " ".join(dict.fromkeys(advice.rstrip(".") + "." for dummy, advice in told))[:-1]


def _only(asked):
    return " (it may run on %s only)" % ", ".join(asked) if asked else ""


def _is_affinity(reason):
    return "node affinity/selector" in reason


def name_of(node):
    """The name that node affinity goes by."""
    labels = node["metadata"].get("labels") or {}
    return labels.get(HOST, node["metadata"]["name"])


def hosts(pod):
    """The nodes that a pod is bound to by node affinity, [] where it may run anywhere."""
    affinity = ((pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    ) or {}
    found = [
        value
        for term in affinity.get("nodeSelectorTerms") or ()
        for one in term.get("matchExpressions") or ()
        if one["key"] == HOST and one["operator"] == "In"
        for value in one["values"]
    ]
    return sorted(set(found))


def _explained(reason, pod, nodes):
    """(what, advice) of one reason."""
    hit = re.fullmatch(r"Insufficient (\S+)", reason)
    if hit:
        return _insufficient(hit[1], pod, nodes)
    for pattern, read in TABLE:
        hit = re.search(pattern, reason)
        if hit:
            return read(hit, pod, nodes)
    return reason, "See the events of the pod"


def asks(pod, resource):
    """How much of a resource the containers of a pod request, as texts."""
    found = [
        ((one.get("resources") or {}).get("requests") or {}).get(resource)
        for one in pod["spec"].get("containers") or ()
    ]
    return [amount for amount in found if amount is not None]


def _insufficient(resource, pod, nodes):
    asked = " + ".join(asks(pod, resource)) or "some"
    has = [(name_of(node), ((node.get("status") or {}).get("allocatable") or {}).get(resource, "0")) for node in nodes]
    lacking = sorted(name for name, amount in has if amount == "0")
    if "/" in resource and has and len(lacking) == len(has):
        what = "it asks for %s %s, and %s announces none" % (asked, resource, " and ".join(lacking))
        return what, DEVICE_ADVICE
    shown = ", ".join("%s has %s" % pair for pair in sorted(has)) or "no node has it"
    what = "it asks for %s %s, which is not free (in all %s)" % (asked, resource, shown)
    return what, "Take something away from there, ask for less, or place the service on another node"


def _cordoned(dummy, pod, nodes):
    names = sorted(name_of(node) for node in nodes if (node.get("spec") or {}).get("unschedulable"))
    shown = ", ".join(names) or "a node"
    return "%s is cordoned" % shown, "Run kubectl uncordon %s once it may take pods" % " ".join(names or ["NODE"])


def _taint(hit, dummy, nodes):
    taints = {taint["key"]: name_of(node) for node in nodes for taint in (node.get("spec") or {}).get("taints") or ()}
    text = (hit[1] if hit.lastindex else "").strip("{} ")
    name = taints.get(text.split(":")[0].split("=")[0].strip()) or ", ".join(sorted(set(taints.values()))) or "a node"
    shown = text or ", ".join(sorted(taints)) or "a taint"
    if "not-ready" in shown or "unreachable" in shown:
        return "%s is not ready (taint %s)" % (name, shown), "See why its kubelet is not ready: kubectl describe node"
    return "%s has the taint %s, which the pod does not tolerate" % (name, shown), "Remove the taint"


def _apart(dummy, pod, dummy_nodes):
    return (
        "pods that it must keep apart from (anti_affinity) are on every node that is left",
        "Add a node, use fewer replicas, or take the anti_affinity away",
    )


def _volume(hit, pod, dummy_nodes):
    names = [
        one["persistentVolumeClaim"]["claimName"]
        for one in pod["spec"].get("volumes") or ()
        if one.get("persistentVolumeClaim")
    ]
    what = "its storage is not there: %s (claims: %s)" % (hit[0], ", ".join(names) or "none")
    return what, "Give the cluster a StorageClass that makes ReadWriteMany volumes (role cluster_storage), or a volume"


def _align(hit, pod, nodes):
    """By the scheduler's plugin NodeResourceTopologyMatch, 0.34 of which names no container; older ones did."""
    names = ", ".join(map(name_of, nodes)) or "the nodes"
    who = "it" if hit[0].startswith("cannot align pod") else hit[1] or "a container"
    what = "no NUMA node of %s has all that %s asks for at once (%s)" % (names, who, _requests(pod))
    advice = "Ask for less, or take topology back to best-effort; what each NUMA node has tells "
    return what, advice + "kubectl get noderesourcetopologies -o yaml"


def _requests(pod):
    """What each container of a pod requests: "main: cpu 10, memory 1Gi"."""
    rows = [
        (one.get("name"), (one.get("resources") or {}).get("requests") or {})
        for key in ("initContainers", "containers")
        for one in pod["spec"].get(key) or ()
    ]
    told = [
        "%s: %s" % (name, ", ".join("%s %s" % pair for pair in sorted(asked.items()))) for name, asked in rows if asked
    ]
    return "; ".join(told) or "it requests nothing"


def _outdated(dummy, dummy_pod, nodes):
    names = ", ".join(map(name_of, nodes)) or "the nodes"
    what = "the scheduler waits for what tells it of the NUMA nodes of %s and of the pods there" % names
    advice = "See that NFD's topology updater runs there, or take cacheResyncPeriodSeconds out of the scheduler's"
    return what, advice + " configuration (cluster_control_plane_scheduler_config)"


def _claims(hit, dummy, dummy_nodes):
    return "its ResourceClaims cannot be met: %s" % hit[0], "See that the DRA driver runs and publishes these devices"


def _ports(hit, dummy, dummy_nodes):
    return "a host port that it asks for is taken on every node", "Ask for another hostPort, or for none"


def _pods(hit, dummy, nodes):
    shown = ", ".join(sorted(map(name_of, nodes))) or "the node"
    return "%s has as many pods as its kubelet takes" % shown, "Raise maxPods of the kubelet, or use another node"


def _affinity(hit, pod, dummy_nodes):
    shown = ", ".join(hosts(pod)) or "nodes that are not there"
    return "it may run on %s only, and no such node takes pods" % shown, "See that the node is in the cluster and ready"


TABLE = (
    (r"were unschedulable", _cordoned),
    (r"untolerated taint(?:\(s\))? ?(\{[^}]*\})?", _taint),
    (r"had taints that the pod didn't tolerate", _taint),
    (r"pods anti-affinity rules|pod anti-affinity rules", _apart),
    (r"unbound immediate PersistentVolumeClaims|persistentvolumeclaim \"[^\"]+\" .*|didn't find available persistent .*"
     r"|didn't match PersistentVolume's node affinity|volume node affinity conflict", _volume),
    (r"cannot align (?:(?:init |sidecar )?container:? ?(\S*)|pod:? ?\S*)", _align),
    (r"invalid node topology data", _outdated),
    (r"cannot allocate all claims|resourceclaim .*|waiting for .*claim.*", _claims),
    (r"free ports", _ports),
    (r"Too many pods", _pods),
    (r"node affinity/selector", _affinity),
)  # fmt: skip
