# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node's kubelet is like now, as far as its managers depend on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .. import own_files
from ..errors import EngineError
from ..kubelet import cpu_topology, facts
from ..topology import cpus, numa
from . import checkpoint, document, launch, maturity, service
from .reserve import Machine

DECLARED = re.compile(r"MemTotal:\s*([0-9]{1,18}) kB")


@dataclass
class State:
    """launch: how it is started; unit: what systemd says; files: ours, {path: text}; alone: what its file says; base:
    the same with others' drop-ins before ours; after: [(path, patch)] of those after ours; checkpoints: {name: text or
    None}; running: flags of the process, {} where none runs; well: healthz answers; missing: folders that our files
    need and that are not there; unread: others' drop-ins that no kubelet reads so far."""

    launch: object
    unit: dict
    version: int
    files: dict
    alone: dict
    base: dict
    after: list
    checkpoints: dict
    machine: Machine
    running: dict = field(default_factory=dict)
    well: bool = False
    missing: list = field(default_factory=list)
    unread: list = field(default_factory=list)

    def runs(self):
        """True unless it is stopped for good."""
        return service.runs(self.unit)

    def config(self, files):
        """The whole configuration with our files, {path: text}: without a folder of drop-ins none of them counts."""
        if launch.DROP_IN not in files and not self.launch.flags.get(launch.CONFIG_DIR):
            return self.alone
        return document.merge(self.base, document.parse(files.get(self.launch.file())))


def read(system, version_of):
    """The State of a node. version_of(binary) -> its minor version. Raises EngineError."""
    unit = service.show(system)
    if unit.get("LoadState") != "loaded" or not unit.get("FragmentPath"):
        what = "systemd knows no such unit"
        raise EngineError(what, launch.UNIT, "Install the kubelet and join the node first; k3s and the like have none")
    start = launch.read(system, unit["FragmentPath"], unit.get("DropInPaths", "").split())
    alone = base = _base(system, start)
    before, after = document.drop_ins(system, start.folder(), start.file())
    for dummy, patch in before:
        base = document.merge(base, patch)
    document.check(base, start.flags.get("config", launch.UNIT))
    state = State(
        start,
        unit,
        version_of(start.argv[0]),
        # The last one: where others have named another folder since.
        own_files.read(system, dict.fromkeys((start.file(), launch.DROP_IN, launch.FILE, launch.BOOT))),
        alone,
        base,
        after,
        {name: system.read("%s/%s" % (start.root(), name)) for name in checkpoint.NAMES},
        machine(system),
        _running(system, unit),
    )
    state.well = state.runs() and service.answers(system, service.address(state.config(state.files), start.flags))
    folders = [start.folder()] + ([launch.UNIT_FOLDER] if start.unit_drop_in() else [])
    if launch.CONFIG_DIR not in start.flags and launch.DROP_IN not in state.files:
        state.unread = [path for path, dummy in before + after]
    state.missing = [folder for folder in folders if not system.exists(folder)]
    return state


def _base(system, start):
    path = start.flags.get("config")
    if not path:
        return {}
    text = system.read(path)
    if text is None:
        raise EngineError("is not there, though the kubelet is started with it", path, "Join the node first")
    return document.of_file(text, path)


def _running(system, unit):
    words = (system.read("/proc/%s/cmdline" % (unit.get("MainPID") or "0")) or "").split("\0")
    return launch.flags(words)


def version(system, binary):
    """The minor version of a kubelet. Raises EngineError."""
    said = system.run([binary, "--version"]).out
    found = maturity.minor(said)
    if found is None:
        raise EngineError("tells no version: %s" % said.strip()[:60], binary, "Look whether it is a kubelet")
    return found


def machine(system):
    """The Machine, as cAdvisor puts it together for the kubelet."""
    nodes = numa.gather(system)
    topology = {"cpus": cpus.gather(system, nodes), "numa_nodes": nodes}
    declared = DECLARED.search(system.read("/proc/meminfo") or "")
    return Machine(
        cpu_topology.from_facts(topology),
        facts.memory(topology),
        facts.distances(topology),
        int(declared.group(1)) * 1024 if declared else 0,
    )
