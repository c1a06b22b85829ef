# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The pod template of a group of replicas."""

from __future__ import annotations

from . import names, networks, promise
from .replicas import guaranteed


def template(name, service, group, mesh, options):
    """{metadata, spec} of the pods of the workload of that name.

    group: [Replica]; mesh: labels and annotations of a mesh member.
    """
    first = group[0]
    annotations = dict(mesh["annotations"])
    if first.attachments:
        pairs = list(zip(first.attachments, first.addresses))
        annotations[names.NETWORKS] = networks.annotation(service["namespace"], pairs)
    if first.node:
        annotations[names.PROMISE] = promise.text(group)
    metadata = {"labels": labels(service, mesh)}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": _spec(name, service, group, options)}


def labels(service, mesh):
    """Labels of the pods; ours stand over the service's own."""
    own = {
        names.APP: service["name"],
        names.SERVICE: service["name"],
        names.PATH: service["path"],
        names.MANAGED_BY: names.MANAGER,
    }
    return dict(service["labels"], **mesh["labels"], **own)


def _spec(name, service, group, options):
    spec = {"containers": [_container(service, one, group[0]) for one in service["containers"]]}
    affinity = _affinity(service, group, options)
    if affinity:
        spec["affinity"] = affinity
    if options["scheduler"]:
        spec["schedulerName"] = options["scheduler"]
    if service["priority"]:
        spec["priorityClassName"] = priority_name(service["priority"])
    if group[0].claims:
        spec["resourceClaims"] = [
            {"name": container, "resourceClaimTemplateName": claim_name(name, container)}
            for container in sorted(group[0].claims)
        ]
    volumes = _volumes(service)
    if volumes:
        spec["volumes"] = volumes
    if service["kind"] == "Job":
        spec["restartPolicy"] = "Never"
    return spec


def claim_name(workload, container):
    """Name of the ResourceClaimTemplate of a container."""
    return "%s-%s" % (workload, container)


def priority_name(value):
    """Name of the PriorityClass of a number."""
    return "gedge-minus-%d" % -value if value < 0 else "gedge-%d" % value


def _container(service, container, replica):
    made = {"name": container["name"], "image": container["image"]}
    for key in ("command", "args"):
        if container[key]:
            made[key] = list(container[key])
    if container["env"]:
        made["env"] = [{"name": name, "value": value} for name, value in sorted(container["env"].items())]
    if container["ports"]:
        made["ports"] = [
            {"name": one["name"], "containerPort": one["port"], "protocol": one["protocol"]}
            for one in container["ports"]
        ]
    resources = _resources(service, container, replica)
    if resources:
        made["resources"] = resources
    if _locks_memory(container, replica):
        made["securityContext"] = {"capabilities": {"add": ["IPC_LOCK"]}}
    mounts = _mounts(container)
    if mounts:
        made["volumeMounts"] = mounts
    return made


def _locks_memory(container, replica):
    """RDMA and VFIO pin memory for DMA, which a container may not do without the capability."""
    asked = container["acceleration"]["communication"]
    vfio = any(one.pool is not None and one.pool.vfio for one in replica.attachments)
    return bool(asked["rdma"] or (asked["sriov"] and vfio))


def _resources(service, container, replica):
    """Requests and limits. What only comes whole (huge pages, devices) stands in both."""
    asked = {key: value for key in ("cpu", "memory") for value in [container["resources"][key]] if value}
    if guaranteed(service):
        limits = dict(asked)
    else:
        limits = {key: value for key, value in container["limits"].items() if value}
    whole = {"hugepages-" + size: amount for size, amount in container["resources"]["hugepages"].items()}
    claimed = replica.claims[container["name"]]["instead"] if container["name"] in replica.claims else ()
    counts = replica.requests[container["name"]].items()
    whole.update({name: str(count) for name, count in counts if name not in claimed})
    made = {}
    for key, amounts in (("requests", asked), ("limits", limits)):
        if amounts or whole:
            made[key] = dict(sorted({**amounts, **whole}.items()))
    if container["name"] in replica.claims:
        made["claims"] = [{"name": container["name"]}]
    return made


def _mounts(container):
    mounts = [
        dict({"name": one["volume"], "mountPath": one["path"]}, **({"readOnly": True} if one["read_only"] else {}))
        for one in container["mounts"]
    ]
    sizes = sorted(container["resources"]["hugepages"])
    for size in sizes:
        path = "/dev/hugepages" if len(sizes) == 1 else "/dev/hugepages-%s" % size
        mounts.append({"name": _huge(size), "mountPath": path})
    return mounts


def _huge(size):
    return "hugepages-%s" % size.lower()


def _volumes(service):
    volumes = [{"name": one["name"], "persistentVolumeClaim": {"claimName": one["name"]}} for one in service["volumes"]]
    sizes = {size for container in service["containers"] for size in container["resources"]["hugepages"]}
    for size in sorted(sizes):
        volumes.append({"name": _huge(size), "emptyDir": {"medium": "HugePages-%s" % size}})
    return volumes


def _affinity(service, group, options):
    """Promised nodes, and services that are to be elsewhere. Affinity, so that the scheduler still counts resources."""
    made, promised = {}, sorted({replica.node for replica in group if replica.node})
    # Also where an autoscaler adds replicas: elsewhere they would take what was promised to others (seen).
    soft = options["affinity"] == "preferred"
    must = sorted(service["nodes"]) if soft or not promised else promised
    node = {}
    if must:
        node["requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": [_on(must)]}
    if soft and promised:
        node["preferredDuringSchedulingIgnoredDuringExecution"] = [{"weight": 100, "preference": _on(promised)}]
    if node:
        made["nodeAffinity"] = node
    if service["anti_affinity"]:
        others = sorted({service["name"] if name == "self" else name for name in service["anti_affinity"]})
        selector = {"matchExpressions": [{"key": names.SERVICE, "operator": "In", "values": others}]}
        term = {"labelSelector": selector, "topologyKey": names.HOST}
        made["podAntiAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    return made


def _on(nodes):
    return {"matchExpressions": [{"key": names.HOST, "operator": "In", "values": nodes}]}
