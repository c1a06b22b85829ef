# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The state files of the CPU and memory manager: which of them a kubelet would refuse to start with.

It compares them when its container manager starts (pkg/kubelet/cm/cpumanager/policy_static.go validateState and its
namesake in memorymanager), and ends itself where they do not fit. Only those that do not fit are removed: the others
hold what running pods have.
"""

from __future__ import annotations

import json

from .. import cpuset
from ..errors import EngineError
from ..kubelet.memory_static import MEMORY
from . import reserve

CPU, MEMORY_STATE = "cpu_manager_state", "memory_manager_state"
NAMES = (CPU, MEMORY_STATE)
DAMAGED = "cannot be read"


def policies(config):
    """{name of a state file: the policy that it must name}."""
    return {
        CPU: config.get("cpuManagerPolicy") or "none",
        MEMORY_STATE: config.get("memoryManagerPolicy") or "None",
    }


def policy(text):
    """The policy that a state file names, None where it cannot be read."""
    try:
        return _data(text)["policyName"]
    except (ValueError, KeyError, TypeError):
        return None


def stale(texts, config, machine):
    """{name: reason} of those state files, {name: text}, that the kubelet would refuse with this configuration."""
    found = {}
    for name, asked in policies(config).items():
        if texts.get(name) is None:
            continue
        try:
            reason = _reason(name, _data(texts[name]), asked, config, machine)
        except (ValueError, KeyError, TypeError, AttributeError, EngineError):
            reason = DAMAGED
        if reason:
            found[name] = reason
    return found


def _data(text):
    """The content: newer kubelets keep it as text in a text, beside a copy for older ones."""
    found = json.loads(text)
    return json.loads(found["data"]) if found.get("data") else found


def _reason(name, data, asked, config, machine):
    if data["policyName"] != asked:
        return "it is of policy %s" % data["policyName"]
    if name == CPU:
        return _cpus(data, reserve.static_policy(config, machine)) if asked == "static" else ""
    return _memory(data, config, machine) if asked == "Static" else ""


def _cpus(data, static):
    """Why the CPUs in the file are not those of the static policy, "" for nothing."""
    default, given = set(cpuset.parse(data["defaultCpuSet"])), set()
    for containers in (data.get("entries") or {}).values():
        for text in containers.values():
            given |= set(cpuset.parse(text))
    if not default:
        return "it gives all CPUs to pods" if given else ""
    known = set(static.topology.cpus) - (static.reserved if static.options.strict else set())
    if static.options.strict and static.reserved & default:
        return "reserved CPUs %s are among those for all" % cpuset.render(static.reserved & default)
    if not static.options.strict and static.reserved - default:
        return "reserved CPUs %s are not among those for all" % cpuset.render(static.reserved - default)
    if given & default:
        return "it gives CPU %s twice" % cpuset.render(given & default)
    if given | default != known:
        return "it knows other CPUs: %s, not %s" % (cpuset.render(given | default), cpuset.render(known))
    return ""


def _memory(data, config, machine):
    """Why the memory in the file is not that of the Static policy, "" for nothing."""
    state = data["machineState"]
    if not state:
        return "it gives memory, and knows none" if data.get("entries") else ""
    if {int(node) for node in state} != set(machine.memory):
        return "it knows other NUMA nodes"
    kept = reserve.by_node(config)
    for node, sizes in sorted(machine.memory.items()):
        expected, tables = tables_of(sizes, kept.get(node, {})), state[str(node)]["memoryMap"]
        if set(tables) != set(expected):
            return "NUMA node %d has other kinds of memory" % node
        for name, table in expected.items():
            if any(tables[name][key] != table[key] for key in table):
                return "NUMA node %d has other amounts of %s" % (node, name)
    return ""


def tables_of(sizes, kept):
    """{resource: {total, systemReserved, allocatable}} of a NUMA node, as the kubelet counts them."""
    huge = sum(size for name, size in sizes.items() if name != MEMORY)
    return {
        name: {
            "total": size,
            "systemReserved": kept.get(name, 0),
            "allocatable": size - kept.get(name, 0) - (huge if name == MEMORY else 0),
        }
        for name, size in sizes.items()
    }
