# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The objects of one service: workloads, claims, volumes, its Service, autoscaling."""

from __future__ import annotations

from ..errors import Problem
from . import claims, names, pod
from .replicas import floats, groups, guaranteed

APPS = {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Job": "batch/v1"}
SCALABLE = ("Deployment", "StatefulSet")


def objects(service, replicas, mesh, options, problems):
    """All objects of a service; replicas: its [Replica], with addresses."""
    found = []
    for index, group in enumerate(groups(service, replicas)):
        name = _name(service, index, group[0].number)
        labels = {names.APP: service["name"], names.SERVICE: service["name"], names.WORKLOAD: name}
        for container, claim in sorted(group[0].claims.items()):
            claim_name = pod.claim_name(name, container)
            found.append(claims.template(claim_name, service["namespace"], labels, claim["spec"]))
        found.append(_workload(name, service, group, (labels, mesh), options))
        found += _scaling(name, service, labels)
    _check(service, len(found), replicas, problems)
    ports = _service(service, mesh)
    return found + ([ports] if ports else [])


def _name(service, index, number):
    """By the first replica, not by the place: it must not go to another workload when a replica comes or goes."""
    plain = number == 0 or (index == 0 and floats(service))
    return service["name"] if plain else "%s-%d" % (service["name"], number)


def _workload(name, service, group, dress, options):
    """dress: (labels of the workload, what its mesh adds to the pods)."""
    labels, mesh = dress
    kind = service["kind"]
    template = pod.template(name, service, group, mesh, options)
    template["metadata"]["labels"][names.WORKLOAD] = name
    spec = dict(_size(service, sum(one.count for one in group)), template=template)
    if kind != "Job":  # the cluster makes a Job's own
        spec["selector"] = {"matchLabels": {names.SERVICE: service["name"], names.WORKLOAD: name}}
    if kind == "StatefulSet":
        spec["serviceName"] = service["name"]
        spec["podManagementPolicy"] = "Parallel"
    if kind == "Deployment" and _holds_devices(group):
        # The old pod has the devices and the address that the new one needs.
        spec["strategy"] = {"type": "Recreate"}
    return names.made(APPS[kind], kind, name, service["namespace"], labels, _notes(group), spec=spec)


def _holds_devices(group):
    return any(replica.attachments or any(replica.requests.values()) for replica in group)


def _size(service, count):
    if service["kind"] == "Job":
        return {"parallelism": count, "completions": count}
    # What an autoscaler sets is not written, or each apply would set it back.
    return {} if floats(service) else {"replicas": count}


def _notes(group):
    """What a later run needs to know: the addresses that were handed out, and what found no place."""
    notes = {}
    leases = [
        dict(want._asdict(), address=address)
        for replica in group
        for want, address in zip(replica.wants, replica.addresses)
        if address
    ]
    if leases:
        notes[names.ADDRESSES] = names.compact(leases)
    missing = [replica.number for replica in group if replica.count and not replica.node]
    if missing:
        notes[names.UNPLACED] = names.compact(missing)
    return notes


def _check(service, count, replicas, problems):
    """Autoscaling that cannot keep what is promised."""
    path = "%s/%s.autoscaling" % (service["namespace"], service["name"])
    horizontal, vertical = service["autoscaling"]["horizontal"], service["autoscaling"]["vertical"]
    if horizontal is not None and service["kind"] not in SCALABLE:
        what = "no autoscaler changes the number of a %s's pods" % service["kind"]
        problems.append(Problem(path + ".horizontal", what, "Leave it out, or write kind: Deployment"))
    elif horizontal is not None and any(replica.attachments for replica in replicas):
        what = "replicas that an autoscaler makes have no static address in a testbed network"
        problems.append(Problem(path + ".horizontal", what, "Leave it out and write replicas, or use path basic"))
    elif horizontal is not None and len(groups(service, replicas)) > 1:
        what = "the replicas need different devices, which one workload cannot ask for"
        problems.append(Problem(path + ".horizontal", what, "Leave it out and write replicas"))
    if vertical is not None and vertical["mode"] != "Off" and guaranteed(service):
        what = "a changed CPU request is no whole number of CPUs any more, and nothing is pinned then"
        problems.append(Problem(path + ".vertical.mode", what, "Write Off: it recommends only", vertical["mode"]))


def _scaling(name, service, labels):
    """Autoscalers of one workload."""
    target = {"apiVersion": APPS[service["kind"]], "kind": service["kind"], "name": name}
    horizontal, vertical = service["autoscaling"]["horizontal"], service["autoscaling"]["vertical"]
    if horizontal is not None:
        spec = {"scaleTargetRef": target, "minReplicas": horizontal["min"], "maxReplicas": horizontal["max"]}
        if horizontal["cpu"]:
            usage = {"type": "Utilization", "averageUtilization": horizontal["cpu"]}
            spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": usage}}]
        kind = "HorizontalPodAutoscaler"
        yield names.made("autoscaling/v2", kind, name, service["namespace"], labels, spec=spec)
    if vertical is not None:
        spec = {"targetRef": target, "updatePolicy": {"updateMode": vertical["mode"]}}
        if horizontal is not None:
            # Two autoscalers of one metric work against each other.
            policy = {"containerName": "*", "controlledResources": ["memory"]}
            spec["resourcePolicy"] = {"containerPolicies": [policy]}
        kind = "VerticalPodAutoscaler"
        yield names.made("autoscaling.k8s.io/v1", kind, name, service["namespace"], labels, spec=spec)


def _service(service, mesh):
    """The Service of all its pods; without a port only a StatefulSet has one, for the names of its pods."""
    every = [one for container in service["containers"] for one in container["ports"]]
    seen = set()
    ports = []
    for one in every:
        name = one["name"] if one["name"] not in seen else "%s-%d" % (one["name"], one["port"])
        seen.add(name)
        ports.append({"name": name, "port": one["port"], "targetPort": one["port"], "protocol": one["protocol"]})
    if mesh["port"] and mesh["port"] not in [one["port"] for one in ports]:
        ports.append({"name": "http", "port": mesh["port"], "targetPort": mesh["port"], "protocol": "TCP"})
    if not ports and service["kind"] != "StatefulSet":
        return None
    spec = {"selector": {names.SERVICE: service["name"]}}
    if ports:
        spec["ports"] = ports
    if service["kind"] == "StatefulSet":
        spec["clusterIP"] = "None"
    labels = {names.APP: service["name"], names.SERVICE: service["name"]}
    return names.made("v1", "Service", service["name"], service["namespace"], labels, spec=spec)


def claims_of_volumes(services, problems):
    """The PersistentVolumeClaims: services that name one volume share it."""
    found = {}
    for service in services:
        for volume in service["volumes"]:
            key = service["namespace"], volume["name"]
            first = found.setdefault(key, (volume, service["name"]))
            if first[0] != volume:
                what = "is another volume by the name of that of %s" % first[1]
                advice = "Write the same size, access and storage_class, or another name"
                problems.append(Problem("%s.volumes.%s" % (service["name"], volume["name"]), what, advice))
    for (namespace, name), (volume, dummy) in sorted(found.items()):
        spec = {"accessModes": [volume["access"]], "resources": {"requests": {"storage": volume["size"]}}}
        if volume["storage_class"]:
            spec["storageClassName"] = volume["storage_class"]
        yield names.made("v1", "PersistentVolumeClaim", name, namespace, spec=spec)


def priorities(services):
    """A PriorityClass for each number; none evicts others, since what runs keeps its place."""
    for value in sorted({service["priority"] for service in services} - {0}):
        body = {"value": value, "preemptionPolicy": "Never", "description": "Services with priority %d" % value}
        yield names.made("scheduling.k8s.io/v1", "PriorityClass", pod.priority_name(value), **body)
