# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""How a kubelet does not work as asked for. Reads what it says of itself (/configz) and what its node shows."""

from __future__ import annotations

import re

from ...module_utils import cpuset, quantities
from .findings import finding

ADVICE = "Run role cluster_kubelet; find out what changed it"
CORDONED_BY = "gedge.io/cordoned-by"
UNCORDON = "Run role cluster_kubelet, which uncordons it once its kubelet is well; or kubectl uncordon"
PLAIN = {
    "cpu_manager_policy": "cpuManagerPolicy",
    "topology_manager_policy": "topologyManagerPolicy",
    "topology_manager_scope": "topologyManagerScope",
    "memory_manager_policy": "memoryManagerPolicy",
}
MAPS = {
    "cpu_manager_policy_options": "cpuManagerPolicyOptions",
    "topology_manager_policy_options": "topologyManagerPolicyOptions",
    "feature_gates": "featureGates",
    "eviction_hard": "evictionHard",
    "kube_reserved": "kubeReserved",
    "system_reserved": "systemReserved",
}
SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
PART = re.compile(r"([0-9.]+)(ns|us|ms|s|m|h)")


def kubelet(configz, node, asked, turn=False):
    """{findings, proof}. configz: {"kubeletconfig": ...}; node: the Node object; asked: options of module kubelet, {}
    for none; turn: whether the node is being changed, and may be cordoned by us."""
    config = configz["kubeletconfig"]
    rows = _fields(config, asked) + _allocatable(config, node["status"]) + _memory(config)
    rows += [] if turn else _cordon(node)
    capacity, shown = node["status"]["capacity"], node["status"]["allocatable"]
    proof = "kubelet: %s, %s, memory %s; %s of %s CPUs allocatable" % (
        config["cpuManagerPolicy"],
        config["topologyManagerPolicy"],
        config["memoryManagerPolicy"],
        shown["cpu"],
        capacity["cpu"],
    )
    if config["cpuManagerPolicy"] == "static":
        pinned = quantities.millicores(capacity["cpu"]) // 1000 - -(-_cpu(config) // 1000)
        proof += ", of which %d can be pinned" % pinned
    return {"findings": rows, "proof": [proof]}


def _cordon(node):
    """A cordon that a run of ours has left; that of others is theirs."""
    owner = (node.get("metadata", {}).get("annotations") or {}).get(CORDONED_BY)
    if not owner or not node.get("spec", {}).get("unschedulable"):
        return []
    what = "the node takes no pods: a run of %s that did not end well has cordoned it" % owner
    return [finding("cordon", what, UNCORDON)]


def _fields(config, asked):
    rows = [
        _differs(field, asked[option], config.get(field))
        for option, field in PLAIN.items()
        if asked.get(option) and asked[option] != config.get(field)
    ]
    for option, field in MAPS.items():
        has = config.get(field) or {}
        for name, value in sorted((asked.get(option) or {}).items()):
            if not _same(name, value, has.get(name)):
                rows.append(_differs("%s.%s" % (field, name), value, has.get(name)))
    reserved, has = asked.get("reserved_cpus") or "", config.get("reservedSystemCPUs") or ""
    if reserved and cpuset.parse(reserved) != cpuset.parse(has):
        rows.append(_differs("reservedSystemCPUs", reserved, has))
    period = asked.get("cpu_manager_reconcile_period")
    if period and _seconds(period) != _seconds(config.get("cpuManagerReconcilePeriod") or ""):
        rows.append(_differs("cpuManagerReconcilePeriod", period, config.get("cpuManagerReconcilePeriod")))
    return rows


def _differs(field, asked, found):
    return finding(
        field, "%s: %s asked for, %s found" % (field, asked, "none" if found in (None, "") else found), ADVICE
    )


def _same(name, asked, found):
    if found is None:
        return False
    try:
        return quantities.amount(str(asked)) == quantities.amount(str(found))
    except ValueError:
        return str(asked).lower() == str(found).lower()


def _seconds(text):
    return round(sum(float(number) * SECONDS[unit] for number, unit in PART.findall(text)), 9)


def _cpu(config):
    listed = cpuset.parse(config.get("reservedSystemCPUs") or "")
    named = [(config.get(field) or {}).get("cpu", "0") for field in ("kubeReserved", "systemReserved")]
    return len(listed) * 1000 if listed else sum(map(quantities.millicores, named))


def _reserved(config):
    """Bytes, None where a share of the machine is among them."""
    threshold = (config.get("evictionHard") or {}).get("memory.available", "0%")
    if threshold.endswith("%") and threshold not in ("0%", "100%"):
        return None
    named = [(config.get(field) or {}).get("memory", "0") for field in ("kubeReserved", "systemReserved")]
    return sum(map(quantities.number_of_bytes, named + ([] if threshold.endswith("%") else [threshold])))


def _allocatable(config, status):
    """What the scheduler sees against what is reserved."""
    capacity, shown, rows = status["capacity"], status["allocatable"], []
    left = quantities.millicores(capacity["cpu"]) - _cpu(config)
    if quantities.millicores(shown["cpu"]) != left:
        rows.append(_differs("allocatable cpu", quantities.cpu_text(left), shown["cpu"]))
    kept = _reserved(config)
    if kept is not None:
        huge = [size for name, size in capacity.items() if name.startswith("hugepages-")]
        left = quantities.number_of_bytes(capacity["memory"]) - kept - sum(map(quantities.number_of_bytes, huge))
        if quantities.number_of_bytes(shown["memory"]) != left:
            rows.append(_differs("allocatable memory", quantities.bytes_text(left), shown["memory"]))
    return rows


def _memory(config):
    """reservedMemory of the Static policy meets what is reserved."""
    kept = _reserved(config)
    if config.get("memoryManagerPolicy") != "Static" or kept is None:
        return []
    limits = [row["limits"] for row in config.get("reservedMemory") or []]
    total = sum(quantities.number_of_bytes(row.get("memory", "0")) for row in limits)
    return [] if total == kept else [_differs("sum of reservedMemory", kept, total)]
