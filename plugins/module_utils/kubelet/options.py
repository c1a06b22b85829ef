# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of the Topology Manager's and the CPU manager's policies, as the kubelet parses and refuses them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import Problem, ProblemsError
from ..suggest import advice

POLICIES = ("none", "best-effort", "restricted", "single-numa-node")
SCOPES = ("container", "pod")
CLOSEST = "prefer-closest-numa-nodes"
MOST_NODES = "max-allowable-numa-nodes"
LEAST_MOST_NODES = 8

FULL_CORES = "full-pcpus-only"
ACROSS_NUMA = "distribute-cpus-across-numa"
ACROSS_CORES = "distribute-cpus-across-cores"
BY_SOCKET = "align-by-socket"
STRICT = "strict-cpu-reservation"
BY_UNCORE = "prefer-align-cpus-by-uncorecache"
ALPHA = (BY_SOCKET, ACROSS_CORES)
GATE = "CPUManagerPolicyAlphaOptions"
CONFLICTS = (
    (FULL_CORES, ACROSS_CORES),
    (ACROSS_NUMA, ACROSS_CORES),
    (BY_UNCORE, ACROSS_CORES),
    (BY_UNCORE, ACROSS_NUMA),
)
# Go's strconv.ParseBool.
TRUE = ("1", "t", "T", "TRUE", "true", "True")
FALSE = ("0", "f", "F", "FALSE", "false", "False")
NUMBER = re.compile(r"[+-]?[0-9]{1,9}")


@dataclass(frozen=True)
class TopologyOptions:
    """topologyManagerPolicyOptions."""

    closest: bool = False
    most_nodes: int = LEAST_MOST_NODES


@dataclass(frozen=True)
class CpuOptions:
    """cpuManagerPolicyOptions."""

    full_cores: bool = False
    across_numa: bool = False
    across_cores: bool = False
    by_socket: bool = False
    strict: bool = False
    by_uncore: bool = False


FIELDS = {
    FULL_CORES: "full_cores",
    ACROSS_NUMA: "across_numa",
    ACROSS_CORES: "across_cores",
    BY_SOCKET: "by_socket",
    STRICT: "strict",
    BY_UNCORE: "by_uncore",
}


def topology(given):
    """TopologyOptions out of {option: value}. Raises ProblemsError."""
    path, problems, found = "topologyManagerPolicyOptions.", [], {}
    for name, value in sorted((given or {}).items()):
        if name == CLOSEST:
            found["closest"] = _flag(path + name, value, problems)
        elif name == MOST_NODES:
            found["most_nodes"] = _most_nodes(path + name, value, problems)
        else:
            problems.append(Problem(path + name, "is no option of the Topology Manager", advice(name, NAMES), value))
    if problems:
        raise ProblemsError(problems)
    return TopologyOptions(**found)


NAMES = (CLOSEST, MOST_NODES)


def cpu(given, alpha=False):
    """CpuOptions out of {option: value}; alpha: the kubelet has the feature gate CPUManagerPolicyAlphaOptions.

    Raises ProblemsError.
    """
    path, problems, found = "cpuManagerPolicyOptions.", [], {}
    for name, value in sorted((given or {}).items()):
        if name not in FIELDS:
            problems.append(Problem(path + name, "is no option of the CPU manager", advice(name, FIELDS), value))
            continue
        if name in ALPHA and not alpha:
            problems.append(
                Problem(path + name, "is an alpha option", "Set the feature gate %s or leave it out" % GATE)
            )
        found[FIELDS[name]] = _flag(path + name, value, problems)
    problems += [
        Problem(path + one, "cannot be used together with %s" % other, "Keep one of them")
        for one, other in CONFLICTS
        if found.get(FIELDS[one]) and found.get(FIELDS[other])
    ]
    if problems:
        raise ProblemsError(problems)
    return CpuOptions(**found)


def _flag(path, value, problems):
    # A person writes true in YAML, a kubelet has text.
    text = str(value).lower() if isinstance(value, bool) else value
    if text not in TRUE + FALSE:
        problems.append(Problem(path, "is neither true nor false", 'Write "true" or "false"', value))
    return text in TRUE


def _most_nodes(path, value, problems):
    text = str(value)
    if isinstance(value, bool) or not NUMBER.fullmatch(text) or int(text) < LEAST_MOST_NODES:
        problems.append(Problem(path, "is no number from %d on" % LEAST_MOST_NODES, 'Write for example "8"', value))
        return LEAST_MOST_NODES
    return int(text)
