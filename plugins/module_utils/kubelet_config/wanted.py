# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the options of module kubelet ask for: a part of a KubeletConfiguration, with all faults that need no node."""

from __future__ import annotations

import re

from .. import cpuset, quantities
from ..errors import EngineError, Problem, ProblemsError
from ..kubelet import options as known
from ..suggest import advice
from . import maturity

# How an option is called in the kubelet's configuration.
FIELDS = {
    "cpu_manager_policy": "cpuManagerPolicy",
    "cpu_manager_policy_options": "cpuManagerPolicyOptions",
    "cpu_manager_reconcile_period": "cpuManagerReconcilePeriod",
    "topology_manager_policy": "topologyManagerPolicy",
    "topology_manager_scope": "topologyManagerScope",
    "topology_manager_policy_options": "topologyManagerPolicyOptions",
    "memory_manager_policy": "memoryManagerPolicy",
    "reserved_cpus": "reservedSystemCPUs",
    "kube_reserved": "kubeReserved",
    "system_reserved": "systemReserved",
    "eviction_hard": "evictionHard",
    "feature_gates": "featureGates",
}
NAMES = {field: option for option, field in FIELDS.items()}
# {options: the policy that they are of}
OPTION_MAPS = {
    "cpuManagerPolicyOptions": "cpuManagerPolicy",
    "topologyManagerPolicyOptions": "topologyManagerPolicy",
}
RESERVATIONS = ("kubeReserved", "systemReserved")
AMOUNTS = ("cpu", "memory", "ephemeral-storage", "pid")
SIGNALS = (
    "memory.available",
    "nodefs.available",
    "nodefs.inodesFree",
    "imagefs.available",
    "imagefs.inodesFree",
    "containerfs.available",
    "containerfs.inodesFree",
    "allocatableMemory.available",
    "pid.available",
)
PERIOD = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|ms|s|m|h))+")
PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")
LONGEST_WAIT_S = 3600


def read(params):
    """The configuration that is asked for, {field: value}, {} for absent; raises ProblemsError with all faults."""
    if params["state"] == "absent":
        return {}
    asked = {field: params[option] for option, field in FIELDS.items() if params[option] not in (None, "", {})}
    problems = _timeout(params["timeout"])
    made = {}
    for field, value in asked.items():
        reader = READERS.get(field)
        made[field] = reader(NAMES[field], value, problems) if reader else value
    # A policy without options is one that has none.
    made.update({field: made.get(field, {}) for field, policy in OPTION_MAPS.items() if policy in made})
    problems += _together(asked)
    if problems:
        raise ProblemsError(problems, where="kubelet")
    return made


def _timeout(seconds):
    if 1 <= seconds <= LONGEST_WAIT_S:
        return []
    return [Problem("timeout", "is not within 1 to %d seconds" % LONGEST_WAIT_S, "Write for example 120", seconds)]


def _together(asked):
    """reservedSystemCPUs takes the place of both amounts of CPUs."""
    if "reservedSystemCPUs" not in asked:
        return []
    return [
        Problem("%s.cpu" % NAMES[field], "does not count beside reserved_cpus", "Keep one of them")
        for field in RESERVATIONS
        if "cpu" in asked.get(field, {})
    ]


def _cpus(path, value, problems):
    try:
        return cpuset.render(cpuset.parse(value))
    except EngineError as error:
        problems.append(Problem(path, error.what, error.advice, value))
        return ""


def _period(path, value, problems):
    if not PERIOD.fullmatch(value) or not re.search("[1-9]", value):
        problems.append(Problem(path, "is no length of time", 'Write for example "5s"', value))
    return value


def _options(path, value, problems):
    """{option: text}: the kubelet takes only text, a person writes true and 8."""
    read_them = known.cpu if path.startswith("cpu") else known.topology
    try:
        read_them(value, True) if read_them is known.cpu else read_them(value)
    except ProblemsError as error:
        for problem in error.problems:
            problem.path = "%s.%s" % (path, problem.path.split(".", 1)[1])
        problems += error.problems
    return {str(name): str(one).lower() if isinstance(one, bool) else str(one) for name, one in value.items()}


def _amounts(path, value, problems):
    made = {}
    for name, one in sorted(value.items()):
        where = "%s.%s" % (path, name)
        if name not in AMOUNTS:
            problems.append(Problem(where, "cannot be reserved", advice(name, AMOUNTS), one))
            continue
        try:
            made[name] = _amount(name, one)
        except ValueError as error:
            example = "500m" if name == "cpu" else "1000" if name == "pid" else "512Mi"
            problems.append(Problem(where, str(error), 'Write for example "%s"' % example, one))
    return made


def _amount(name, value):
    if name == "cpu":
        return quantities.canonical_cpu(value)
    return quantities.canonical_memory(value) if name != "pid" else str(quantities.number_of_bytes(value))


def _signals(path, value, problems):
    made = {}
    for name, one in sorted(value.items()):
        where = "%s.%s" % (path, name)
        if name not in SIGNALS:
            problems.append(Problem(where, "is no signal of the kubelet", advice(name, SIGNALS), one))
            continue
        made[name] = str(one).strip()
        what = _threshold(made[name])
        if what:
            problems.append(Problem(where, what, 'Write for example "100Mi" or "10%"', one))
    return made


def _threshold(text):
    """What is wrong with a threshold, "" for nothing."""
    if text.endswith("%"):
        hit = PERCENT.fullmatch(text)
        return "" if hit and float(hit.group(1)) <= 100 else "is no percentage from 0 to 100"
    try:
        return "" if quantities.number_of_bytes(text) else "must be more than nothing"
    except ValueError as error:
        return str(error)


def _gates(path, value, problems):
    made = {}
    for name, one in sorted(value.items()):
        where = "%s.%s" % (path, name)
        if name not in maturity.GATES:
            what = "is no feature gate of the resource managers"
            problems.append(Problem(where, what, advice(name, maturity.GATES)))
        elif not isinstance(one, bool):
            problems.append(Problem(where, "is neither true nor false", "Write true or false", one))
        made[name] = one
    return made


READERS = {
    "cpuManagerPolicyOptions": _options,
    "cpuManagerReconcilePeriod": _period,
    "topologyManagerPolicyOptions": _options,
    "reservedSystemCPUs": _cpus,
    "kubeReserved": _amounts,
    "systemReserved": _amounts,
    "evictionHard": _signals,
    "featureGates": _gates,
}
