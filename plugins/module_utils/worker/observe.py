# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node is to a cluster now."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from .. import own_files, systemd
from ..paths import sha256
from . import files

SERVER = re.compile(r"^\s*server:\s*(\S+)", re.M)
PROPERTIES = "LoadState ActiveState MainPID FragmentPath".split()


@dataclass
class State:
    """files: ours, {path: text}; strangers: paths of ours at which something of others stands; binaries: {path:
    SHA-256}; server: the API server of the kubelet's kubeconfig, "" where it has not joined; units: {unit: what systemd
    says}; replaced: units that run a program that has been replaced; vfs: {PF: number}; token: SHA-256 of kube-proxy's
    token, "" for none."""

    files: dict
    strangers: list = field(default_factory=list)
    binaries: dict = field(default_factory=dict)
    server: str = ""
    units: dict = field(default_factory=dict)
    replaced: list = field(default_factory=list)
    vfs: dict = field(default_factory=dict)
    token: str = ""

    def active(self, unit):
        """Whether a unit runs, or is about to."""
        return self.units[unit].get("ActiveState") in ("active", "activating", "reloading")


def read(system, paths, vfs):
    """The State of a node. paths: of binaries; vfs: PFs. Reads no file of ours that others have made a program."""
    strangers = [path for path in files.ALL if path.startswith(files.BIN) and _is_file(system, path)]
    state = State(own_files.read(system, [path for path in files.ALL if path not in strangers]), strangers)
    state.binaries = {path: sha256(system.path(path)) or "" for path in paths}
    state.server = server(system)
    for unit in (files.KUBELET, files.PROXY):
        state.units[unit] = systemd.show(system, unit, PROPERTIES)
        running = system.link("/proc/%s/exe" % (state.units[unit].get("MainPID") or "0")) or ""
        if running.endswith(" (deleted)"):
            state.replaced.append(unit)
    for pci in vfs:
        text = system.read("/sys/bus/pci/devices/%s/sriov_numvfs" % pci) or "0"
        state.vfs[pci] = int(text) if text.isdigit() else 0
    token = system.read_bytes(files.PROXY_TOKEN)
    state.token = hashlib.sha256(token).hexdigest() if token else ""
    return state


def server(system):
    """The API server of the kubelet's kubeconfig, "" where there is none."""
    hit = SERVER.search(system.read(files.KUBECONFIG) or "")
    return hit.group(1) if hit else ""


def _is_file(system, path):
    return system.link(path) is None and system.exists(path)
