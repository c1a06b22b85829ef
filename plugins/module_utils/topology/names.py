# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Network and RDMA device names of PCI devices."""

from __future__ import annotations

from . import kinds
from .address import is_address

CLASSES = {"net": "/sys/class/net", "infiniband": "/sys/class/infiniband"}


def gather(system, folders, chosen):
    """({address: [net names]}, {address: [RDMA names]}) of the chosen devices {address: (kind, ids)}.

    One link per name in /sys/class, not one folder per device; it also finds what hangs deeper (virtio).
    """
    return tuple(_by_class(system, name, folders, chosen) for name in ("net", "infiniband"))


def _by_class(system, name, folders, chosen):
    found = {}
    entries = system.list(CLASSES[name])
    for entry in entries:
        target = system.link("%s/%s" % (CLASSES[name], entry))
        if target is None:
            return _by_device(system, name, folders, chosen)  # a tree saved without links
        owner = [part for part in target.split("/") if is_address(part)]
        if owner:
            found.setdefault(owner[-1], []).append(entry)
    if not entries and not system.exists("/sys/class"):
        return _by_device(system, name, folders, chosen)
    return found


def _by_device(system, name, folders, chosen):
    """The same from the devices' own folders; a virtio device has its name one folder deeper."""
    found = {}
    for address, (kind, _ids) in chosen.items():
        if kind == kinds.NIC:
            place = folders[address]
            deeper = [below for below in system.list(place) if below.startswith("virtio")]
            places = [place] + ["%s/%s" % (place, below) for below in deeper]
            found[address] = sorted(entry for below in places for entry in system.list("%s/%s" % (below, name)))
    return found
