# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The promise of a pod as manifests and ledger have it, and which pod of the cluster keeps which replica's. Pure."""

from __future__ import annotations

import json
from collections import namedtuple

from ...module_utils.manifests import names

# entries: {container: entry of the ledger}; order: the containers as the service has them; nets: [{interface, vlan,
# address}] in the order in which devices and macvlan interfaces were taken
Promise = namedtuple("Promise", "namespace service replica workload entries order nets")


def promises(ledger, objects):
    """[Promise] of all replicas of a ledger, sorted; objects: the manifests."""
    order = {(one["namespace"], one["name"]): [box["name"] for box in one["containers"]] for one in ledger["services"]}
    entries = {}
    for row in ledger["placements"]:
        entries.setdefault((row["namespace"], row["service"], row["replica"]), {})[row["container"]] = row
    networks = _networks(objects)
    places = _workloads(objects)
    found = []
    for (namespace, service, replica), boxes in sorted(entries.items()):
        workload, template = places.get((namespace, service, replica), ("", {}))
        nets = _nets(template, namespace, networks)
        known = order.get((namespace, service)) or sorted(boxes)
        found.append(Promise(namespace, service, replica, workload, boxes, known, nets))
    return found


def _networks(objects):
    """{(namespace, name): VLAN or None where the plugin sets none} of NetworkAttachmentDefinitions."""
    found = {}
    for one in objects:
        if one["kind"] == "NetworkAttachmentDefinition":
            config = json.loads(one["spec"]["config"])
            first = config["plugins"][0] if config.get("plugins") else config
            place = one["metadata"].get("namespace"), one["metadata"]["name"]
            found[place] = first.get("vlan", 0) if first["type"] == "sriov" else None
    return found


def _workloads(objects):
    """{(namespace, service, replica): (name of the workload, its pod template)}."""
    found = {}
    for one in objects:
        template = (one.get("spec") or {}).get("template") or {}
        metadata = template.get("metadata") or {}
        text = (metadata.get("annotations") or {}).get(names.PROMISE)
        for row in json.loads(text) if text else ():
            service = metadata["labels"][names.SERVICE]
            found[one["metadata"]["namespace"], service, row["replica"]] = one["metadata"]["name"], template
    return found


def _nets(template, namespace, networks):
    text = ((template.get("metadata") or {}).get("annotations") or {}).get(names.NETWORKS)
    return [
        {
            "interface": one["interface"],
            "vlan": networks.get((one.get("namespace") or namespace, one["name"])),
            "address": (one.get("ips") or [None])[0],
        }
        for one in (json.loads(text) if text else ())
    ]


def by_container(promise):
    """{container: [(device or None, net or None)]}: VFs and shared RDMA devices first, then macvlan interfaces, which
    stand with the first container; devices without an interface of their own (GPUs) have no net."""
    nets, found = list(promise.nets), {}
    for name in promise.order:
        rows = found[name] = []
        for device in promise.entries.get(name, {"devices": []})["devices"]:
            has_net = device["resource"] in ("sriov", "rdma")
            rows.append((device, nets.pop(0) if has_net and nets else None))
    if promise.order:
        found[promise.order[0]] += [(None, net) for net in nets]
    return found


def assign(promises_, pods, readings):
    """({(namespace, service, replica): pod}, [pod that keeps no promise]).

    Pods of one workload are alike: who has the very devices that were promised to a replica stands for that one, then
    who is on its node, then whoever is left."""
    left = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp") and _is_live(pod)]
    found = {}
    for fits in (_has_the_devices, _is_there, _is_of):
        for promise in promises_:
            key = promise[:3]
            hit = None if key in found else next((pod for pod in left if fits(promise, pod, readings)), None)
            if hit is not None:
                found[key] = hit
                left.remove(hit)
    return found, left


def _is_live(pod):
    return (pod.get("status") or {}).get("phase") in ("Running", "Pending")


def _is_of(promise, pod, dummy):
    labels = pod["metadata"].get("labels") or {}
    place = pod["metadata"].get("namespace"), labels.get(names.SERVICE)
    same = labels.get(names.WORKLOAD) == promise.workload if promise.workload else True
    return place == (promise.namespace, promise.service) and same


def _is_there(promise, pod, readings):
    node = next(iter(promise.entries.values()))["node"]
    return _is_of(promise, pod, readings) and pod["spec"].get("nodeName") == node


def _has_the_devices(promise, pod, readings):
    reading = readings.get(pod["metadata"].get("uid"))
    promised = {one["address"] for row in promise.entries.values() for one in row["devices"]}
    if not reading or not promised or not _is_there(promise, pod, readings):
        return False
    has = {one["pci"] for one in reading["interfaces"] if one["pci"]}
    for box in reading["containers"].values():
        has.update(box["gpus"])
        has.update(one["pci"] for one in box["vfio"])
    return promised <= has


def to_read(pods, node):
    """What module pod_facts takes: the running pods of a node that belong to services."""
    found = []
    for pod in pods:
        labels, status = pod["metadata"].get("labels") or {}, pod.get("status") or {}
        if pod["spec"].get("nodeName") == node and status.get("phase") == "Running" and names.SERVICE in labels:
            ids = {one["name"]: one.get("containerID") or "" for one in status.get("containerStatuses") or ()}
            found.append({key: pod["metadata"][key] for key in ("uid", "namespace", "name")})
            found[-1]["containers"] = ids
    return found
