# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node's containerd is like now."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .. import own_files, systemd
from . import config, images, kernel, toml

PROPERTIES = "LoadState FragmentPath DropInPaths ActiveState MainPID".split()
TASKS = "/run/containerd/io.containerd.runtime.v2.task/k8s.io"
VERSION = re.compile(r"v?(\d+\.\d+\.\d+)")


@dataclass
class State:
    """installed: systemd knows containerd; active: it runs; with_ours: with our file; command, path: its own start and
    configuration; base: that configuration without ours; files: ours; images: {name: digest}, None where it was not
    asked; pods: whether containers of Kubernetes run; joined: a kubelet uses it; modules, values: see kernel."""

    installed: bool = False
    active: bool = False
    with_ours: bool = False
    command: str = ""
    path: str = config.USUAL
    base: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    images: dict | None = None
    pods: bool = False
    joined: bool = False
    modules: list = field(default_factory=list)
    values: dict = field(default_factory=dict)
    version: str = ""


def read(system, hosts, with_images):
    """The State of a node. hosts: paths of files for mirrors that may be ours. Raises EngineError."""
    unit = systemd.show(system, config.UNIT, PROPERTIES)
    own = (config.ROOT, config.PART, config.DROP_IN, kernel.MODULES, kernel.SYSCTLS)
    state = State(
        installed=unit.get("LoadState") == "loaded",
        active=unit.get("ActiveState") in ("active", "reloading"),
        files=own_files.read(system, dict.fromkeys(own + tuple(hosts))),
        pods=bool(system.list(TASKS)),
        joined=system.exists("/etc/kubernetes/kubelet.conf"),
        modules=kernel.loaded(system),
        values=kernel.values(system),
    )
    if not state.installed:
        return state
    state.command, state.path = config.launch(system, unit["FragmentPath"], unit.get("DropInPaths", "").split())
    binary = state.command.split()[0].lstrip("-@:+!") if state.command else "containerd"
    state.base = toml.parse(system.run([binary, "--config", state.path, "config", "dump"]).out)
    found = VERSION.search(system.run([binary, "--version"]).out)
    state.version = found.group(1) if found else ""
    line = system.read("/proc/%s/cmdline" % (unit.get("MainPID") or "0")) or ""
    state.with_ours = config.ROOT in line.split("\0")
    if with_images and state.active:
        state.images = images.listed(system)
    return state
