# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The device manager's choice: which devices of a resource a container may get.

Which of several equal devices it is, the kubelet leaves to the order of a Go map, so to chance: two runs differ. A
plugin can state a preference (GetPreferredAllocation); this model is that of a plugin without one.
"""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):
    """The device manager turns the container away; its text is the kubelet's."""


@dataclass(frozen=True)
class Choice:
    """certain: devices that it gets; count more come out of candidates, by chance (count = 0: nothing is open)."""

    certain: tuple
    count: int = 0
    candidates: tuple = ()


def tally(devices, names):
    """{tuple of NUMA ids: count} of some devices, as hints.device takes it. devices: {name: NUMA ids, () for none}."""
    found = {}
    for name in names:
        found[devices[name]] = found.get(devices[name], 0) + 1
    return found


def numa_ids(numa_node):
    """The NUMA ids that a plugin reports for a device of a topology: () for -1 and None."""
    return () if numa_node is None or numa_node < 0 else (numa_node,)


def choose(devices, available, count, affinity, reusable=()):
    """The Choice of count devices. Raises Refused.

    devices: {name: tuple of NUMA ids, () for none} of the whole resource; available: names that are healthy and not
    given; affinity: the Topology Manager's, or None; reusable: names that init containers of the pod had.
    """
    reusable, available = sorted(reusable), set(available)
    if count <= len(reusable):
        return _some((), reusable, count)
    certain, count = tuple(reusable), count - len(reusable)
    if len(available) < count:
        raise Refused("requested number of devices unavailable")
    for group in _groups(devices, sorted(available - set(reusable)), affinity):
        if count <= len(group):
            return _some(certain, group, count)
        certain, count = certain + tuple(group), count - len(group)
    raise Refused("unexpectedly allocated less resources than required")


def _some(certain, candidates, count):
    if count == len(candidates):
        return Choice(tuple(sorted(certain + tuple(candidates))))
    return Choice(tuple(sorted(certain)), count, tuple(candidates)) if count else Choice(tuple(sorted(certain)))


def _groups(devices, names, affinity):
    """Devices in the affinity, then on other NUMA nodes, then without one; all alike where nothing is aligned."""
    if affinity is None or not any(devices.values()):
        return [names]
    inside = [name for name in names if set(devices[name]) & set(affinity)]
    outside = [name for name in names if devices[name] and name not in inside]
    return [inside, outside, [name for name in names if not devices[name]]]
