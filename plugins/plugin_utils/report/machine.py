# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a node really has, out of its saved topology: sums, devices, and the tree from NUMA node to device."""

from __future__ import annotations

from ...module_utils import cpuset
from ...module_utils.errors import EngineError
from ..render.distance import View

MIB = 1024 * 1024
NEVER = "No topology is saved: run playbooks discover or site"


def machine(saved):
    """{"state", "fault", "time", "found", "devices", "tree", "distance"} of a node's topology file (reader.read).

    state "missing" or "unreadable": found is None, and fault says why."""
    told = {"state": saved["state"], "fault": saved["fault"] or (NEVER if saved["state"] == "missing" else None)}
    told.update(time=saved["time"], found=None, devices={}, tree=[], distance=None, view=None)
    if saved["state"] != "read":
        return told
    try:
        return dict(told, **_read(saved["data"]))
    except (EngineError, KeyError, TypeError, AttributeError, ValueError) as error:
        fault = error.text() if isinstance(error, EngineError) else "it is not what topology_facts gives: %r" % error
        return dict(told, state="unreadable", fault=fault)


def _read(topology):
    view = View(topology)
    devices = {device["address"]: _device(device, view) for device in view.devices}
    return {
        "found": _sums(topology, devices),
        "devices": devices,
        "tree": _tree(topology, devices),
        "distance": {"devices": list(devices), "level": [list(row) for row in view.level]},
        "view": view,
    }


def _device(device, view):
    link, sriov = device.get("link") or {}, device.get("sriov") or {}
    node = view.nodes[device["address"]]
    return {
        "kind": device.get("kind"),
        "names": list(device.get("net") or []),
        "rdma": list(device.get("rdma") or []),
        "id": "%s:%s" % (device.get("vendor"), device.get("device")),
        "driver": device.get("driver"),
        "numa_node": node if node >= 0 else None,
        "pcie_path": list(device["pcie_path"]),
        "max_speed_gts": link.get("max_speed_gts"),
        "max_width": link.get("max_width"),
        "role": sriov.get("role"),
        "pf": sriov.get("pf"),
        "vf": sriov.get("index"),
        "vfs": sriov.get("num") if sriov.get("role") == "pf" else None,
        "vfs_total": sriov.get("total") if sriov.get("role") == "pf" else None,
        "vf_addresses": list(sriov.get("vfs") or []),
    }


def _sums(topology, devices):
    cpus, nodes = topology.get("cpus") or [], topology.get("numa_nodes") or []
    kinds = [device["kind"] for device in devices.values() if device["role"] != "vf"]
    return {
        "cpus": len(cpus),
        "cores": len({(cpu.get("socket"), cpu.get("core")) for cpu in cpus}),
        "sockets": len({cpu.get("socket") for cpu in cpus}),
        "isolated_cpus": cpuset.render(cpu["cpu"] for cpu in cpus if cpu.get("isolated")),
        "memory_mib": sum(node.get("memory_bytes") or 0 for node in nodes) // MIB,
        "numa_nodes": {str(node["node"]): _numa(node) for node in nodes},
        "devices": {kind: kinds.count(kind) for kind in sorted(set(kinds), key=str)},
        "vfs": sum(1 for device in devices.values() if device["role"] == "vf"),
        "rdma_devices": sorted({name for device in devices.values() for name in device["rdma"]}),
    }


def _numa(node):
    pages = node.get("hugepages") or {}
    return {
        "cpus": cpuset.render(node.get("cpus") or []),
        "memory_mib": (node.get("memory_bytes") or 0) // MIB,
        "hugepages": {
            size: (pages[size] or {}).get("total") for size in sorted(pages, key=lambda text: (len(text), text))
        },
    }


def _tree(topology, devices):
    """[{"numa_node": int or None, "roots": [{"name", "below": [...]}]}]: each entry of below is {"bridge", "below"} or
    {"device": address, "vfs": [addresses]}. A VF hangs below its PF where that is known."""
    nodes = [node["node"] for node in topology.get("numa_nodes") or []]
    unknown = [None] if any(device["numa_node"] not in nodes for device in devices.values()) else []
    found = []
    for node in nodes + unknown:
        here = {
            address: device
            for address, device in devices.items()
            if device["numa_node"] == node or (node is None and device["numa_node"] not in nodes)
        }
        found.append({"numa_node": node, "roots": _roots(here)})
    return found


def _roots(devices):
    roots = {}
    for address, device in devices.items():
        if device["pf"] in devices:
            continue
        level = roots
        for place in device["pcie_path"]:
            level = level.setdefault(place, {})
        level[address] = None
    return [{"name": name, "below": _below(inner, devices)} for name, inner in roots.items()]


def _below(level, devices):
    rows = []
    for name, inner in level.items():
        if inner is None:
            vfs = [address for address, device in devices.items() if device["pf"] == name]
            rows.append({"device": name, "vfs": sorted(vfs, key=lambda address: devices[address]["vf"] or 0)})
        else:
            rows.append({"bridge": name, "below": _below(inner, devices)})
    return rows
