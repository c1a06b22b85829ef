# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Claims of Dynamic Resource Allocation: one ResourceClaimTemplate for each container that has devices.

A constraint that cannot be met leaves a pod Pending for ever, so `matchAttribute` is written only where the distances
that were promised prove that these very devices meet it. Unknown NUMA nodes are all -1, which would match: the guard.
"""

from __future__ import annotations

from ..errors import Problem
from . import names, table
from .replicas import pinned

API = "resource.k8s.io/v1"
ROOT = "resource.kubernetes.io/pcieRoot"
BUS = "resource.kubernetes.io/pciBusID"
# Levels within one root complex. NV is none: a link beside PCIe.
SAME_ROOT = ("X", "PIX", "PXB", "PHB")
CPU = "cpu"  # the end of a level that is no device: "cpu", or "cpu numa0" where CPUs are exclusive
FIRST_NUMA = (1, 37)


def kinds(services):
    """The kinds of device, as in options.dra, that some services ask for."""
    found = set()
    for service in services:
        for container in service["containers"]:
            asked = dict(
                container["acceleration"]["compute"], sriov=container["acceleration"]["communication"]["sriov"]
            )
            found.update(kind for kind, count in asked.items() if count)
    return sorted(found)


def claimable(pool, options):
    """Whether the devices of a pool are claimed, so that no device plugin may have them."""
    return bool(options["dra"].get({table.VF: "sriov"}.get(pool.kind, pool.kind)))


def check(options, problems):
    """What this cluster's version cannot do, as problems."""
    version, attribute = options["version"], options["dra"]["numa_attribute"]
    if version != (0, 0) and version < (1, 34):
        what = "resource.k8s.io/v1 is in Kubernetes since 1.34"
        problems.append(Problem("options.backend", what, "Write extended-resources", options["cluster"]["version"]))
    if attribute and "/" not in attribute:
        what = "is no attribute with a domain"
        problems.append(Problem("options.dra.numa_attribute", what, "Write for example dra.net/numaNode", attribute))
    if attribute.startswith("resource.kubernetes.io/") and (0, 0) < version < FIRST_NUMA:
        problems.append(Problem("options.dra.numa_attribute", "is in Kubernetes since 1.37", "Leave it out", attribute))


def of_replica(service, replica, pools, options):
    """{container: {spec, instead}} of a Replica; instead: the extended resources that the claim replaces."""
    found = {}
    for container in service["containers"]:
        entry = replica.entries.get(container["name"])
        claim = _claim(replica.node, entry, pools, options) if entry else _wish(container, replica, pools, options)
        if claim["instead"]:
            found[container["name"]] = claim
    return found


def warnings(service, replicas):
    """[text]: static CPUs beside DRA devices are aligned with nothing."""
    names_of = {name for replica in replicas for name in replica.claims}
    hit = [one["name"] for one in service["containers"] if one["name"] in names_of and pinned(one)]
    text = "%s/%s: the Topology Manager does not see devices of DRA, so the CPUs of %s may be on another NUMA node"
    return [text % (service["namespace"], service["name"], ", ".join(hit))] if hit else []


def _claim(node, entry, pools, options):
    requests, chosen, instead = [], [], set()
    attribute = _shared_attribute(entry, options)
    for device in sorted(entry["devices"], key=lambda one: one["address"]):
        kind = "sriov" if table.is_vf(device) else device["resource"]
        device_class = options["dra"].get(kind) if kind != "rdma" else ""
        if not device_class:
            continue
        pool = pools.of(node, device)
        instead.add(pool.resource if pool else options["resources"][kind])
        chosen.append(device["address"])
        exactly = {"deviceClassName": device_class, "allocationMode": "ExactCount", "count": 1}
        selectors = _selectors(node, device, pool, attribute, options)
        if selectors:
            exactly["selectors"] = [{"cel": {"expression": expression}} for expression in selectors]
        requests.append({"name": "%s-%d" % (kind, len(requests)), "exactly": exactly})
    devices = {"requests": requests}
    if attribute and len(requests) > 1:
        devices["constraints"] = [{"matchAttribute": attribute, "requests": [one["name"] for one in requests]}]
    return {"spec": {"devices": devices}, "instead": sorted(instead)}


def _wish(container, replica, pools, options):
    """The claim of a container that was not placed: any devices of their classes that pods may have."""
    requests, instead = [], set()
    asked = dict(container["acceleration"]["compute"], sriov=container["acceleration"]["communication"]["sriov"])
    for kind in ("sriov", "gpu", "fpga", "asic"):
        device_class = options["dra"][kind]
        if not (asked[kind] and device_class):
            continue
        exactly = {"deviceClassName": device_class, "allocationMode": "ExactCount", "count": asked[kind]}
        if kind == "sriov" and pools.no_pods:  # the driver offers all VFs, those too that a node uses itself
            expression = "!(%s in %s)" % (_value(BUS, '""'), names.compact(sorted(pools.no_pods)))
            exactly["selectors"] = [{"cel": {"expression": expression}}]
        requests.append({"name": kind, "exactly": exactly})
        vfs = [pool.resource for pool in pools.pools.values() if pool.kind == table.VF]
        names_of = vfs if kind == "sriov" else [options["resources"][kind]]
        instead.update(name for name in names_of if name in replica.requests[container["name"]])
    return {"spec": {"devices": {"requests": requests}}, "instead": sorted(instead)}


def _selectors(node, device, pool, attribute, options):
    """CEL: this device, or where the constraint will do, those of its pool; and the guard."""
    found, free = [], options["dra"]["select"] == "match" and attribute == ROOT
    if not free or (pool and pool.kind == table.VF and not pool.devices.get(node)):
        found.append('%s == "%s"' % (_value(BUS, '""'), device["address"]))
    elif pool is not None:
        found.append("%s in %s" % (_value(BUS, '""'), names.compact(pool.devices[node])))
    if attribute and attribute != ROOT:
        found.append("%s >= 0" % _value(attribute, "-1"))
    return found


def _value(attribute, default):
    """CEL of an attribute; a device without it must not break the allocation of all."""
    domain, dummy, name = attribute.partition("/")
    return 'device.attributes["%s"].?%s.orValue(%s)' % (domain, name, default)


def _shared_attribute(entry, options):
    """The attribute that the promised devices of a container share for sure, "" for none."""
    devices = [one for one in entry["devices"] if options["dra"].get("sriov" if table.is_vf(one) else one["resource"])]
    addresses = [device["address"] for device in devices]
    if len(devices) < 2:
        return ""
    if _connected(addresses, entry["distance"]["levels"]):
        return ROOT
    nodes = {device["numa_node"] for device in devices}
    known = len(nodes) == 1 and all(node is not None and node >= 0 for node in nodes)
    return options["dra"]["numa_attribute"] if known else ""


def _connected(addresses, levels):
    """Whether the pairs within one root complex join all addresses: being below one root is transitive.

    A level towards the CPU joins nothing: each root complex of its NUMA node is as near (pods stayed Pending)."""
    near = {}
    for one in levels:
        if one["level"] in SAME_ROOT and not any(one[end].split(" ")[0] == CPU for end in ("from", "to")):
            near.setdefault(one["from"], set()).add(one["to"])
            near.setdefault(one["to"], set()).add(one["from"])
    seen, ahead = set(), [addresses[0]]
    while ahead:
        here = ahead.pop()
        if here not in seen:
            seen.add(here)
            ahead.extend(near.get(here, ()))
    return seen.issuperset(addresses)


def template(name, namespace, labels, spec):
    """The ResourceClaimTemplate."""
    return names.made(API, "ResourceClaimTemplate", name, namespace, labels, spec={"spec": spec})
