# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which option of the CPU and Topology Manager which kubelet knows, and which feature gate it waits behind."""

from __future__ import annotations

import re

from ..kubelet import options as known

# --config-dir works without an environment variable from 1.30 on; 1.37 is the last that was held against its sources.
FIRST, LAST = 30, 37
ALPHA, BETA, STABLE, ABSENT = "alpha", "beta", "stable", "absent"
# option: the minor versions from which on it is alpha, beta, stable; 0 for never. Of 1.37 by its sources, of earlier
# ones by the enhancement proposals.
CPU = {
    known.FULL_CORES: (22, 23, 33),
    known.ACROSS_NUMA: (23, 33, 0),
    known.BY_SOCKET: (25, 0, 0),
    known.ACROSS_CORES: (31, 0, 0),
    known.STRICT: (32, 33, 35),
    known.BY_UNCORE: (32, 34, 36),
}
TOPOLOGY = {known.CLOSEST: (26, 28, 32), known.MOST_NODES: (0, 31, 35)}
# gate: its default
GATES = {
    "CPUManagerPolicyAlphaOptions": False,
    "CPUManagerPolicyBetaOptions": True,
    "TopologyManagerPolicyAlphaOptions": False,
    "TopologyManagerPolicyBetaOptions": True,
}
MANAGERS = ((CPU, "CPUManagerPolicy%sOptions"), (TOPOLOGY, "TopologyManagerPolicy%sOptions"))
VERSION = re.compile(r"v?1\.([0-9]{1,3})\b")


def minor(text):
    """37 out of "Kubernetes v1.37.2", None where no version is told."""
    hit = VERSION.search(text or "")
    return int(hit.group(1)) if hit else None


def stage(option, version):
    """How far an option has come in a minor version: ABSENT, ALPHA, BETA or STABLE."""
    since = dict(CPU, **TOPOLOGY)[option]
    found = ABSENT
    for name, first in zip((ALPHA, BETA, STABLE), since):
        if first and version >= first:
            found = name
    return found


def gate(option, version):
    """The feature gate that the option waits behind, "" for a stable one."""
    level = stage(option, version)
    pattern = next(pattern for table, pattern in MANAGERS if option in table)
    return pattern % level.capitalize() if level in (ALPHA, BETA) else ""


def is_open(name, gates):
    """Whether a gate is open. gates: {gate: bool} of the configuration; some of a name not in GATES is closed."""
    return bool(gates.get(name, GATES.get(name, False)))
