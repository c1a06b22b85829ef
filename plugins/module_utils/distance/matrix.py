# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The Resource Distance Matrix of a topology.

Two devices with the same root complex: one bridge above both (the same path) is PIX, the same first bridge
PXB, else PHB. Two root complexes: NODE or SYS by their NUMA nodes, UNKNOWN where one of them is not known.
Devices sorted by path lie in runs, one inside the other, so a row is three slices and not one decision per pair.
"""

from __future__ import annotations

from operator import itemgetter

from ..errors import EngineError
from . import devices as devs
from .levels import LEVELS, NODE, PHB, PIX, PXB, RANK, SYS, UNKNOWN, X, weights


def build(topology, kinds=None, devices=None, weights_over=None):
    """{devices: [address], level: [[str]], weight: [[number]]}; rows and columns in the order of devices.

    kinds, devices: which (all, by address); weights_over: {level: weight}. Raises EngineError.
    """
    table = weights(weights_over)
    known = devs.all_devices(topology)
    chosen = devs.select(known, kinds, devices)
    rows = ranks(chosen, devs.root_nodes(topology, known))
    faults = broken(rows)
    if faults:  # a defect of ours or a topology that was edited; never pass it on
        raise EngineError("the distances are no tree: %s" % faults, "topology", devs.EXPECTED)
    weight_of = [table[level] for level in LEVELS]
    return {
        "devices": [device["address"] for device in chosen],
        "level": [list(map(LEVELS.__getitem__, row)) for row in rows],
        "weight": [list(map(weight_of.__getitem__, row)) for row in rows],
    }


def ranks(chosen, node_of_root):
    """One bytes object per device: the rank of its level to each device, in the order of chosen."""
    paths = [tuple(device["pcie_path"]) for device in chosen]
    order = sorted(range(len(paths)), key=paths.__getitem__)
    tree = [paths[place] for place in order]
    places = [0] * len(order)  # where a chosen device lies in tree order
    for place, index in enumerate(order):
        places[index] = place
    arrange = itemgetter(*places) if len(places) > 1 else bytes  # itemgetter of one place gives no sequence
    by_path = _rows_by_path(tree, node_of_root)
    rows = []
    for index, path in enumerate(paths):
        row = bytearray(arrange(by_path[path]))
        row[index] = RANK[X]
        rows.append(bytes(row))
    return rows


def _rows_by_path(tree, node_of_root):
    """{path: row in tree order}; tree: the sorted paths of all devices."""
    roots, first_bridges, same = _runs(tree, 1), _runs(tree, 2), _runs(tree, None)
    rows = {}
    for path, (start, end) in same.items():
        row = bytearray()
        for root, (low, high) in roots.items():
            row += bytes([_between_roots(path[0], root, node_of_root)]) * (high - low)
        if len(path) > 1:
            low, high = first_bridges[path[:2]]
            row[low:high] = bytes([RANK[PXB]]) * (high - low)
            row[start:end] = bytes([RANK[PIX]]) * (end - start)
        rows[path] = row
    return rows


def _runs(tree, length):
    """{path cut to length: (first, past the last)} in tree order."""
    runs = {}
    for place, path in enumerate(tree):
        start, _end = runs.get(path[:length], (place, place))
        runs[path[:length]] = (start, place + 1)
    return runs if length != 1 else {key[0]: run for key, run in runs.items()}


def _between_roots(one, other, node_of_root):
    if one == other:
        return RANK[PHB]
    nodes = (node_of_root[one], node_of_root[other])
    if -1 in nodes:
        return RANK[UNKNOWN]
    return RANK[NODE] if nodes[0] == nodes[1] else RANK[SYS]


def broken(rows):
    """What is wrong with a matrix of ranks ("" for nothing): it must be symmetric and ultrametric.

    Ultrametric means that "not farther than a level" sorts the devices into classes, for each level: devices
    of one class then have the same row of yes and no, with as many yes as the class has members.
    """
    size = len(rows)
    flat = b"".join(rows)
    if any(flat[column::size] != row for column, row in enumerate(rows)):
        return "not symmetric"
    for rank in sorted(set(flat)):
        within = bytes(value <= rank for value in range(256))
        classes = {}
        for row in rows:
            members = row.translate(within)
            classes[members] = classes.get(members, 0) + 1
        if any(members.count(1) != count for members, count in classes.items()):
            return "not ultrametric at %s" % LEVELS[rank]
    return ""
