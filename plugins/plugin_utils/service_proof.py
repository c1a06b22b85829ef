# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Promised against achieved, for each container of each replica. Pure.

What is the kubelet's or a device plugin's to choose is equal where it is as good: any CPUs of the promised number and
NUMA nodes, any VF of the promised PF and VLAN, a GPU at the same distance."""

from __future__ import annotations

from ..module_utils import cpuset
from ..module_utils.manifests.table import is_vf
from . import service_ledger
from .proof import promises as promised
from .proof import shown
from .proof.distance import Ruler, achieved
from .proof.shown import ASPECTS

# Parts of a container's memory below this are not counted: a page here and there is the kernel's choice.
SHARE = 0.05
NO_MAC = ("", None, "00:00:00:00:00:00")


def proof(pods, readings, ledger, around, unseen=()):
    """{rows, equal, findings, notes, table}.

    pods: of the API server; readings: {node: result of pod_facts}; ledger: or its text; around: (manifests,
    topologies); unseen: nodes that nobody wanted to look at. Raises EngineError."""
    objects, topologies = around
    ledger = service_ledger.read(ledger)
    by_uid = {one["uid"]: dict(one, node=node) for node, read in readings.items() for one in read.get("pods", ())}
    well = {uid: one for uid, one in by_uid.items() if not one["problem"]}
    wanted = promised.promises(ledger, objects)
    chosen, extra = promised.assign(wanted, pods, well)
    rulers = {node: Ruler(topology) for node, topology in topologies.items()}
    rows, findings, left = [], [], []
    for promise in wanted:
        pod = chosen.get(promise[:3])
        if _places(promise, pod) <= set(unseen):
            left.append(promise)
            continue
        reading = by_uid.get(pod["metadata"].get("uid")) if pod else None
        lacking = _lacking(promise, pod, reading)
        findings += [lacking] if lacking else []
        for name in promise.order:
            if name in promise.entries:
                row = _row(promise, name, None if lacking else reading, rulers)
                rows.append(dict(row, pod=pod["metadata"]["name"] if pod else None))
                findings += [] if lacking else shown.findings(row)
    named = [pod for pod in extra if promised.names.SERVICE in (pod["metadata"].get("labels") or {})]
    notes = ["%(namespace)s/%(name)s was promised nothing: an autoscaler or a rollout made it" % pod["metadata"]
             for pod in named] + shown.left_out(unseen, map(_title, left))  # fmt: skip
    return {"rows": rows, "equal": not findings, "findings": findings, "notes": notes, "table": shown.table(rows)}


def _places(promise, pod):
    """The nodes that a promise is about: where its replica shall be, and where its pod is."""
    nodes = {entry["node"] for entry in promise.entries.values()}
    return nodes | {pod["spec"]["nodeName"]} if pod and pod["spec"].get("nodeName") else nodes


def _title(promise):
    return "%s/%s, replica %d" % promise[:3]


def _lacking(promise, pod, reading):
    """Why there is nothing to compare; "" where there is."""
    if pod is None:
        return "%s has no pod" % _title(promise)
    name, node = pod["metadata"]["name"], pod["spec"].get("nodeName")
    if reading is None:
        return "%s: pod %s on %s was not read" % (_title(promise), name, node or "no node yet")
    return "%s: pod %s on %s: %s" % (_title(promise), name, node, reading["problem"]) if reading["problem"] else ""


def _row(promise, name, reading, rulers):
    """One container."""
    entry = promise.entries[name]
    pairs = promised.by_container(promise)[name]
    asked = _asked(entry, pairs, rulers.get(entry["node"]) or Ruler(None))
    base = {"namespace": promise.namespace, "service": promise.service, "replica": promise.replica, "container": name}
    if reading is None:
        return dict(base, promised=asked, achieved=None, equal=dict.fromkeys(ASPECTS, False))
    got = _got(entry, pairs, (name, reading), rulers.get(reading["node"]) or Ruler(None))
    return dict(base, promised=asked, achieved=got, equal=_equal(entry, asked, got))


def _asked(entry, pairs, ruler):
    vfs = [(device, net) for device, net in pairs if device is not None and is_vf(device)]
    memory = entry.get("memory_by_numa") or {}
    return {
        "node": entry["node"],
        "cpus": entry["cpus"],
        "cpu_nodes": ruler.numa_of_cpus(cpuset.parse(entry["cpus"])),
        "memory_nodes": sorted(map(int, memory)) if memory else entry["numa_nodes"] if entry["cpus"] else [],
        "devices": [_name(device) for device, dummy in pairs if device is not None],
        "vlans": [net["vlan"] for dummy, net in vfs if net],
        "macs": ["the PF's" for dummy, net in vfs if net],
        "addresses": [net["address"] for dummy, net in pairs if net and net["address"]],
        "distance": entry["distance"]["weight"],
        "levels": [[one["from"], one["to"], one["level"]] for one in entry["distance"]["levels"]],
    }


def _name(device):
    return {"resource": device["resource"], "address": device["address"], "pf": device["pf"]}


def _got(entry, pairs, read, ruler):
    name, reading = read
    box = reading["containers"].get(name) or {"cpus": "", "memory": {}, "gpus": [], "vfio": [], "rdma": []}
    found = _Found(reading, box, ruler)
    devices = [found.of(device, net) for device, net in pairs]
    faces = [(found.face(net), device) for device, net in pairs if net]
    cpu_nodes = ruler.numa_of_cpus(cpuset.parse(box["cpus"])) if entry["cpus"] else ruler.numa_nodes
    swapped = {device["address"]: one["address"] if one else None
               for (device, dummy), one in zip(pairs, devices) if device is not None}  # fmt: skip
    ports = [((one or {}).get("vf") or {}).get("port") or {} for (device, net), one in zip(pairs, devices)
             if device is not None and is_vf(device) and net]  # fmt: skip
    macs = [(face or {}).get("mac") for face, device in faces if device is not None and is_vf(device)]
    far = achieved(ruler, entry["distance"], swapped, cpu_nodes)
    return {
        "node": reading["node"],
        "cpus": box["cpus"],
        "cpu_nodes": ruler.numa_of_cpus(cpuset.parse(box["cpus"])),
        "memory_nodes": _memory_nodes(box["memory"]),
        "memory": box["memory"],
        "devices": [one for (device, dummy), one in zip(pairs, devices) if device is not None],
        "vlans": [port.get("vlan") for port in ports],
        "macs": macs,
        "port_macs": [port.get("mac") for port in ports],
        "addresses": [address for face, dummy in faces for address in (face or {"addresses": []})["addresses"]],
        "rdma": [one["name"] for one in box["rdma"]],
        "distance": far["weight"],
        "levels": far["levels"],
    }


class _Found:
    """What a pod has, each thing given out once."""

    def __init__(self, reading, box, ruler):
        self.faces = {one["name"]: one for one in reading["interfaces"]}
        self.gpus, self.vfio, self.ruler = list(box["gpus"]), list(box["vfio"]), ruler

    def face(self, net):
        """The interface of a network of the annotation."""
        return self.faces.get(net["interface"])

    def of(self, device, net):
        """{resource, address, pf, vf} in place of a promised device, None where there is none."""
        if device is None:
            return None
        if device["resource"] == "gpu":
            return self._take(device, self.gpus, lambda one: one)
        face = self.face(net) if net else None
        if face and face["vf"]:
            return self._made(device, face["pci"], face["vf"])
        if face and not is_vf(device):
            return self._made(device, device["address"], None)  # the device that pods share, through macvlan
        hit = next((one for one in self.vfio if self._alike(device, one)), None)
        if hit is None:
            return None
        self.vfio.remove(hit)
        return self._made(device, hit["pci"], hit["vf"])

    def _alike(self, device, one):
        return one["vf"]["pf"] == (device["pf"] or device["address"]) if is_vf(device) and one["vf"] else (
            one["pci"] == device["address"])  # fmt: skip

    def _take(self, device, left, address_of):
        if not left:
            return None
        hit = next((one for one in left if address_of(one) == device["address"]), left[0])
        left.remove(hit)
        return self._made(device, address_of(hit), None)

    @staticmethod
    def _made(device, address, vf):
        return {"resource": device["resource"], "address": address, "pf": (vf or {}).get("pf"), "vf": vf}


def _memory_nodes(memory):
    whole = sum(memory.values())
    return sorted(int(node) for node, amount in memory.items() if amount >= SHARE * whole and amount)


def _equal(entry, asked, got):
    exclusive = bool(entry["cpus"])
    numbers = [len(cpuset.parse(one["cpus"])) for one in (asked, got)]
    return {
        "node": asked["node"] == got["node"],
        "cpus": not exclusive or (numbers[0] == numbers[1] and asked["cpu_nodes"] == got["cpu_nodes"]),
        "memory": not asked["memory_nodes"] or set(got["memory_nodes"]) <= set(asked["memory_nodes"]),
        "devices": all(_same(one, other, asked, got) for one, other in zip(asked["devices"], got["devices"])),
        "vlans": asked["vlans"] == got["vlans"],
        "macs": all(
            face is None or port in NO_MAC or face == port for face, port in zip(got["macs"], got["port_macs"])
        ),
        "addresses": set(asked["addresses"]) <= set(got["addresses"]),
        "distance": asked["distance"] == got["distance"],
    }


def _same(one, other, asked, got):
    """Whether a device is as good as the one that was promised."""
    if other is None or asked["node"] != got["node"]:
        return False
    if one["address"] == other["address"]:
        return True
    if one["pf"]:
        return one["pf"] == other["pf"]
    return one["resource"] == "gpu" and asked["distance"] == got["distance"]
