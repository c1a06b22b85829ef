# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the kubelet would refuse of a configuration on this node, and the little that we refuse beyond it.

Each rule is a check of the kubelet's own (pkg/kubelet/apis/config/validation, pkg/kubelet/cm) unless its comment says
"ours"; test_oracle.py (unit) and test_kubelet_config.py (acceptance) hold them against its code.
"""

from __future__ import annotations

from .. import cpuset, quantities
from ..errors import EngineError, Problem, ProblemsError
from ..kubelet import options as known
from ..kubelet import topology_manager
from . import document, launch, maturity, reserve
from .wanted import NAMES

CGROUPS = ("systemReservedCgroup", "kubeReservedCgroup")
# Flags of the command line that win over every file.
FLAGS = {
    "cpu-manager-policy": "cpuManagerPolicy",
    "cpu-manager-policy-options": "cpuManagerPolicyOptions",
    "cpu-manager-reconcile-period": "cpuManagerReconcilePeriod",
    "topology-manager-policy": "topologyManagerPolicy",
    "topology-manager-scope": "topologyManagerScope",
    "topology-manager-policy-options": "topologyManagerPolicyOptions",
    "memory-manager-policy": "memoryManagerPolicy",
    "reserved-cpus": "reservedSystemCPUs",
    "reserved-memory": "reservedMemory",
    "kube-reserved": "kubeReserved",
    "system-reserved": "systemReserved",
    "eviction-hard": "evictionHard",
    "feature-gates": "featureGates",
}


def problems(config, state):
    """All Problems of a whole configuration, as it will be, on a node. state: observe.State."""
    found = _command_line(state) + _drop_ins(config, state) + _version(config, state)
    amounts = _amounts(config)
    found += amounts + _cpus(config, state.machine)
    if not amounts:
        found += _cpu_amount(config, state.machine) + _static(config, state.machine) + _memory(config, state.machine)
    return found + _topology(config, state.machine)


def warnings(config, state):
    """Texts: what will not do what one might expect of it."""
    texts = []
    static, aligned = config.get("cpuManagerPolicy") == "static", config.get("topologyManagerPolicy", "none") != "none"
    if aligned and not static:
        texts.append("topology_manager_policy aligns no CPUs while cpu_manager_policy is none")
    if config.get("memoryManagerPolicy") == "Static" and not aligned:
        texts.append(
            "memory_manager_policy Static is not aligned with CPUs and devices: topology_manager_policy is none"
        )
    if state.unread:
        texts.append("the kubelet reads %s from now on, which it has not read so far" % ", ".join(state.unread))
    if state.version > maturity.LAST:
        texts.append(
            "the rules of kubelet 1.%d are not known here; those of 1.%d hold" % (state.version, maturity.LAST)
        )
    return texts


def _command_line(state):
    """ours: the kubelet takes the flag, and what we write has no effect."""
    return [
        Problem(
            NAMES.get(field, "memory_manager_policy"),
            "the kubelet is started with --%s, which wins over every file" % flag,
            "Take it out of the unit, of %s/kubeadm-flags.env or of /etc/default/kubelet" % launch.ROOT,
            state.launch.flags[flag],
        )
        for flag, field in sorted(FLAGS.items())
        if flag in state.launch.flags
    ] + [
        Problem(path, "sets ExecStart and is read after %s" % launch.DROP_IN, "Give it a name that comes before")
        for path in state.launch.later
    ]


def _drop_ins(config, state):
    """ours: the kubelet reads the other file last, and what we write has no effect."""
    return [
        Problem(path, "sets %s and is read after ours" % key, "Take it out there", patch[key])
        for path, patch in state.after
        for key in sorted(set(patch) & (set(NAMES) | {"reservedMemory"}))
        if key in config and document.merge(config[key], patch[key]) != config[key]
    ]


def _version(config, state):
    """Options and the gates that they wait behind, in this kubelet."""
    if state.version < maturity.FIRST:
        what = "kubelet 1.%d reads no folder of drop-ins" % state.version
        return [Problem("kubelet", what, "Use 1.%d or later" % maturity.FIRST)]
    gates, found = config.get("featureGates") or {}, []
    for field, table in (
        ("cpuManagerPolicyOptions", maturity.CPU),
        ("topologyManagerPolicyOptions", maturity.TOPOLOGY),
    ):
        for option in sorted(set(config.get(field) or {}) & set(table)):
            path, gate = "%s.%s" % (NAMES[field], option), maturity.gate(option, state.version)
            if maturity.stage(option, state.version) == maturity.ABSENT:
                first = next(version for version in table[option] if version)
                what = "kubelet 1.%d does not know it yet" % state.version
                found.append(Problem(path, what, "It came with 1.%d" % first))
            elif gate and not maturity.is_open(gate, gates):
                advice = "Write feature_gates: {%s: true}, or leave it out" % gate
                found.append(Problem(path, "waits behind the feature gate %s" % gate, advice))
    return found


def _amounts(config):
    """What others wrote into the kubelet's files is as good as ours only if it can be read."""
    found = []
    for field in ("kubeReserved", "systemReserved"):
        for name, value in sorted((config.get(field) or {}).items()):
            try:
                (quantities.millicores if name == "cpu" else quantities.number_of_bytes)(str(value))
            except ValueError as error:
                found.append(Problem("%s.%s" % (NAMES[field], name), str(error), "Mend it there", value))
    value = (config.get("evictionHard") or {}).get(reserve.EVICTION)
    try:
        reserve.eviction(value, 1)
    except ValueError as error:
        found.append(Problem("eviction_hard.memory.available", str(error), "Mend it there", value))
    return found


def _cpus(config, machine):
    """reservedSystemCPUs: they must be there and online, and stand alone."""
    text = config.get("reservedSystemCPUs") or ""
    try:
        listed = set(cpuset.parse(text))
    except EngineError as error:
        return [Problem("reserved_cpus", error.what, error.advice, text)]
    if not listed:
        return []
    found = []
    missing = listed - set(machine.cpus.cpus)
    if missing:
        what = "CPU %s is not there, or offline" % cpuset.render(missing)
        found.append(Problem("reserved_cpus", what, "Online are %s" % cpuset.render(machine.cpus.cpus), text))
    if any(config.get(key) for key in CGROUPS):
        what = "cannot be used where %s is set" % " or ".join(key for key in CGROUPS if config.get(key))
        found.append(Problem("reserved_cpus", what, "Write system_reserved: {cpu: ...} instead", text))
    if found:
        return found
    return _split_cores(config, machine, listed, "reserved_cpus", text)


def _split_cores(config, machine, reserved, path, value):
    """ours: with full-pcpus-only the other thread of a reserved one is allocatable, but no pod can ever have it."""
    flag = str((config.get("cpuManagerPolicyOptions") or {}).get(known.FULL_CORES, "false"))
    whole = machine.cpus.whole_cores(reserved)
    if config.get("cpuManagerPolicy") != "static" or flag not in known.TRUE or whole == set(reserved):
        return []
    what = "splits a core, and with %s nothing can be pinned to CPU %s" % (
        known.FULL_CORES,
        cpuset.render(whole - set(reserved)),
    )
    return [Problem(path, what, 'Write reserved_cpus: "%s"' % cpuset.render(whole), value)]


def _cpu_amount(config, machine):
    have, kept = len(machine.cpus.cpus) * 1000, reserve.cpu(config)
    static = config.get("cpuManagerPolicy") == "static"
    path, value = "system_reserved.cpu", quantities.cpu_text(kept)
    if static and not kept:
        return [
            Problem("cpu_manager_policy", "static needs CPUs that are reserved", 'Write for example reserved_cpus: "0"')
        ]
    if kept > have:
        return [Problem(path, "reserves %s of %d CPUs" % (value, have // 1000), "Reserve fewer", value)]
    if static and kept > have - 1000:
        # ours: the kubelet starts, but no pod can have a CPU.
        return [Problem(path, "leaves no CPU that can be pinned", "Reserve fewer", value)]
    return []


def _static(config, machine):
    """The options of the static policy on these CPUs."""
    options = config.get("cpuManagerPolicyOptions") or {}
    if config.get("cpuManagerPolicy") != "static":
        what = "cannot be set while cpu_manager_policy is none"
        return [Problem("cpu_manager_policy_options", what, "Leave them out", sorted(options))] if options else []
    listed = set(cpuset.parse(config.get("reservedSystemCPUs") or ""))
    kept = reserve.cpu(config)
    if listed - set(machine.cpus.cpus) or not 0 < kept <= len(machine.cpus.cpus) * 1000:
        return []  # told already
    try:
        policy = reserve.static_policy(config, machine)
    except ProblemsError as error:
        for problem in error.problems:
            problem.path = "%s.%s" % (NAMES["cpuManagerPolicyOptions"], problem.path.split(".", 1)[1])
        return error.problems
    except EngineError as error:
        option = error.where.partition(".")[2]
        path = "%s.%s" % (NAMES["cpuManagerPolicyOptions"], option) if option else "reserved_cpus"
        return [Problem(path, error.what, error.advice)]
    amount = quantities.cpu_text(kept)
    return [] if listed else _split_cores(config, machine, policy.reserved, "system_reserved.cpu", amount)


def _topology(config, machine):
    policy = config.get("topologyManagerPolicy", "none")
    path = NAMES["topologyManagerPolicyOptions"]
    if policy == "none":
        return []
    try:
        topology_manager.manager(policy, machine.distances, config.get("topologyManagerPolicyOptions") or {})
    except ProblemsError as error:
        for problem in error.problems:
            problem.path = "%s.%s" % (path, problem.path.split(".", 1)[1])
        return error.problems
    except EngineError as error:
        return [Problem(path, error.what, error.advice)]
    return []


def _memory(config, machine):
    """Reservations against the machine, and reservedMemory of the Static policy."""
    kept = reserve.memory(config, machine.total)
    static = config.get("memoryManagerPolicy") == "Static"
    room = sum(max(0, size) for size in machine.rooms().values()) if static else machine.total
    if kept > min(room, machine.total):
        what = "all reservations together, %d MiB, are more than the %d MiB that are there beside hugepages"
        return [Problem("system_reserved.memory", what % (kept // reserve.MIB, room // reserve.MIB), "Reserve less")]
    if not static:
        return []
    if not kept:
        what = "Static needs memory that is reserved"
        return [Problem("memory_manager_policy", what, "Write for example system_reserved: {memory: 512Mi}")]
    threshold = str((config.get("evictionHard") or {}).get(reserve.EVICTION, ""))
    if threshold.endswith("%") and threshold not in ("0%", "100%"):
        # ours: the kubelet starts now, and not after a boot that counts a little less memory.
        what = "is a share of the memory, but reservedMemory of the Static policy must meet it to the byte"
        return [Problem("eviction_hard.memory.available", what, 'Write an amount, such as "100Mi"', threshold)]
    return []
