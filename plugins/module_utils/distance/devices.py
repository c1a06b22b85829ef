# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The devices of a topology, as the distances need them. Says what is wrong with a topology that is none."""

from __future__ import annotations

from ..errors import EngineError
from ..suggest import advice
from ..topology import kinds as device_kinds
from ..topology.address import complete, sort_key
from ..topology.roots import consensus

EXPECTED = "Give what gedge.engine.topology_facts returned as topology"


def unwrap(topology):
    """The topology dict of a topology or of the module's whole result."""
    if isinstance(topology, dict) and "pci_devices" not in topology and isinstance(topology.get("topology"), dict):
        topology = topology["topology"]
    if not isinstance(topology, dict) or not isinstance(topology.get("pci_devices"), (list, tuple)):
        raise EngineError("has no list pci_devices", "topology", EXPECTED)
    return topology


def all_devices(topology):
    """List of the checked device dicts, sorted by address."""
    found = {}
    for place, device in enumerate(unwrap(topology)["pci_devices"]):
        _check(device, "topology.pci_devices[%d]" % place)
        found[device["address"]] = device
    return [found[address] for address in sorted(found, key=sort_key)]


def _check(device, where):
    if not isinstance(device, dict):
        raise EngineError("is not a mapping", where, EXPECTED)
    if not isinstance(device.get("address"), str):
        raise EngineError("has no address", where, EXPECTED)
    path = device.get("pcie_path")
    if not isinstance(path, (list, tuple)) or not path or not all(isinstance(part, str) for part in path):
        raise EngineError("is not a list of names, root complex first", where + ".pcie_path", EXPECTED)
    node = device.get("numa_node")
    if isinstance(node, bool) or not isinstance(node, int):
        raise EngineError("%r is not a number" % (node,), where + ".numa_node", EXPECTED)


def select(devices, kinds=None, names=None):
    """The devices of the kinds, or the named ones in the order of the names. Raises EngineError for unknown ones."""
    wanted = device_kinds.wanted(kinds)
    if names:
        if isinstance(names, str):
            names = [part.strip() for part in names.split(",") if part.strip()]
        if not isinstance(names, (list, tuple)):
            raise EngineError("%r is not a list of addresses" % (names,), "devices", "Write for example [0000:21:00.0]")
        devices = _once([find(devices, name, "devices[%d]" % place) for place, name in enumerate(names)])
    return [device for device in devices if not kinds or device.get("kind") in wanted]


def _once(chosen):
    return list({device["address"]: device for device in chosen}.values())


def find(devices, name, where="device"):
    """The device with this address (domain 0000 may be left out) or with this network or RDMA device."""
    address = complete(name)
    for device in devices:
        if device["address"] == address or name in _aliases(device):
            return device
    known = [device["address"] for device in devices] + [alias for device in devices for alias in _aliases(device)]
    raise EngineError('the topology has no device "%s"' % (name,), where, advice(name, known) if known else EXPECTED)


def _aliases(device):
    return list(device.get("net") or []) + list(device.get("rdma") or [])


def root_nodes(topology, devices):
    """{root complex: NUMA node} of the checked devices; where the topology has no pcie_roots, its devices vote.

    One answer per root keeps the distances a tree where functions of one card disagree or some say -1.
    """
    nodes = consensus((device["pcie_path"][0], device["numa_node"]) for device in devices)
    told = unwrap(topology).get("pcie_roots")
    for place, entry in enumerate(told if isinstance(told, (list, tuple)) else ()):
        root, node = _root(entry, "topology.pcie_roots[%d]" % place)
        if root in nodes:
            nodes[root] = max(node, -1)
    return nodes


def _root(entry, where):
    if isinstance(entry, dict) and isinstance(entry.get("root"), str) and isinstance(entry.get("numa_node"), int):
        return entry["root"], entry["numa_node"]
    raise EngineError("has no root and numa_node", where, EXPECTED)
