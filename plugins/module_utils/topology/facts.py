# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node really has: CPUs, NUMA nodes, PCI devices. Reads sysfs and procfs below a root, runs nothing."""

from __future__ import annotations

from ..errors import EngineError
from . import cpus, kinds, numa, pci

PARTS = ("/sys/bus/pci/devices", "/sys/devices/system/cpu", "/sys/devices/system/node")


def gather(system, wanted=None, volatile=True):
    """The topology dict of the machine below system.root (see topology_facts, RETURN).

    wanted: kinds of PCI devices, None for all; volatile: with the numbers that change by themselves (free
    hugepages, link speed and width now). Raises EngineError for an unknown kind and a tree that is none.
    """
    chosen = kinds.wanted(wanted)
    _check_root(system)
    nodes = numa.gather(system, volatile)
    roots, devices = pci.gather(system, chosen, volatile)
    return {
        "root": system.root,
        "cpus": cpus.gather(system, nodes),
        "numa_nodes": nodes,
        "pcie_roots": roots,
        "pci_devices": devices,
    }


def _check_root(system):
    if not system.list("/"):
        raise EngineError(
            "is not a folder with a saved machine in it",
            system.root,
            "Unpack the tree first and name the folder that holds its sys folder",
        )
    if any(system.exists(part) for part in PARTS):
        return
    below = [name for name in system.list("/") if system.exists("/%s/sys/devices" % name)]
    hint = 'Name "%s/%s"' % (system.root.rstrip("/"), below[0]) if below else "Save /sys and /proc of the machine there"
    raise EngineError("has none of %s" % ", ".join(part.lstrip("/") for part in PARTS), system.root, hint)
