# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Whether what comes in has the form that normalisation and placement give, so that nothing fails half-way."""

from __future__ import annotations

from ..errors import Problem
from ..suggest import advice

TEXT, NUMBER, WHOLE, FLAG = (str,), (int, float), (int,), (bool,)
MAYBE_TEXT, MAYBE_WHOLE, ANY = (str, type(None)), (int, type(None)), (object,)
NAMES = {str: "a text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}

# Numbers that are counted up to: what no testbed has would take memory without end.
MANY, FEW = range(10001), range(1025)
NUMBERS = frozenset(map(str, FEW))

# A list of one: any number of these. A dict with "*": any keys, with "#": numbers as text; a key with "?" may be left
# out or null. A tuple: types of a value.
TEXTS = {"*": TEXT}
CONTAINER = {
    "name": TEXT,
    "image": TEXT,
    "command": [TEXT],
    "args": [TEXT],
    "env": TEXTS,
    "ports": [{"name": TEXT, "port": WHOLE, "protocol": TEXT}],
    "resources": {"cpu": MAYBE_TEXT, "memory": MAYBE_TEXT, "hugepages": TEXTS},
    "limits": {"cpu": MAYBE_TEXT, "memory": MAYBE_TEXT},
    "acceleration": {
        "topology": TEXT,
        "compute": {"gpu": FEW, "fpga": FEW, "asic": FEW},
        "communication": {"sriov": FEW, "rdma": FEW, "macvlan": FEW},
    },
    "mounts": [{"volume": TEXT, "path": TEXT, "read_only": FLAG}],
}
SERVICE = {
    "name": TEXT,
    "namespace": TEXT,
    "kind": TEXT,
    "replicas": MANY,
    "labels": TEXTS,
    "priority": WHOLE,
    "path": TEXT,
    "containers": [CONTAINER],
    "networks": {"sriov": [TEXT], "macvlan": [TEXT]},
    "volumes": [{"name": TEXT, "size": TEXT, "access": TEXT, "storage_class": TEXT}],
    "autoscaling": {"horizontal": ANY, "vertical": ANY},
    "anti_affinity": [TEXT],
    "nodes": [TEXT],
}
MESH = {
    "name": TEXT,
    "namespace": TEXT,
    "services": [{"name": TEXT, "version": TEXT, "service": TEXT, "external": FLAG, "port": WHOLE}],
    "routes": [
        {
            "name": TEXT,
            "service": TEXT,
            "match": TEXTS,
            "destinations": [{"host": TEXT, "version": TEXT, "weight": WHOLE}],
            "rewrite": MAYBE_TEXT,
            "timeout": MAYBE_TEXT,
            "retries": ANY,
            "external": FLAG,
        }
    ],
}
DEVICE = {
    "kind": TEXT,
    "address": TEXT,
    "pf": MAYBE_TEXT,
    "vf": MAYBE_WHOLE,
    "network": MAYBE_TEXT,
    "numa_node": MAYBE_WHOLE,
    "resource": MAYBE_TEXT,
    "rdma": FLAG,
}
BY_NUMA = {"#": WHOLE}
PLACEMENT = {
    "service": TEXT,
    "namespace": TEXT,
    "replica": WHOLE,
    "container": TEXT,
    "node": TEXT,
    "numa_nodes": [FEW],
    "cpus": TEXT,
    "hugepages?": {"*": WHOLE},
    "hugepages_by_numa?": {"*": BY_NUMA},
    "memory_by_numa?": BY_NUMA,
    "devices": [DEVICE],
    "distance": {"weight": (int, float, type(None)), "levels": [{"from": TEXT, "to": TEXT, "level": TEXT}]},
}
FAILED = {"service": TEXT, "namespace": TEXT, "what?": TEXT, "advice?": TEXT}
HORIZONTAL = {"min": WHOLE, "max": WHOLE, "cpu": MAYBE_WHOLE}
RETRIES = {"attempts": WHOLE, "per_try_timeout": MAYBE_TEXT}
NETWORK = {
    "cidr": TEXT,
    "vlan": MAYBE_WHOLE,
    "gateway?": TEXT,
    "mtu?": WHOLE,
    "purpose?": [TEXT],
    "ranges?": TEXTS,
}
VFS = {
    "count": WHOLE,
    "config?": [{"range": TEXT, "network?": TEXT, "vlan?": WHOLE, "qos?": WHOLE, "driver?": TEXT}],
}
PORT = {"network": TEXT, "tagged?": FLAG, "interface?": TEXT, "pci?": TEXT, "address?": TEXT, "vfs?": VFS}
PORT["used_vfs?"] = {"#": TEXT}
TESTBED = {
    "networks": {"*": NETWORK},
    "switches?": {"*": {"network?": TEXT, "address?": TEXT}},
    "nodes?": {"*": TEXTS},
    "ports?": {"*": [PORT]},
    "topologies?": {"*": ANY},
}
PCI_DEVICE = {
    "address": TEXT,
    "kind": TEXT,
    "driver?": TEXT,
    "net?": [TEXT],
    "rdma?": [TEXT],
    "sriov?": {"vfs?": [TEXT]},
}
TOPOLOGY = {"pci_devices": [PCI_DEVICE]}
KINDS = ("Deployment", "Job", "StatefulSet", "DaemonSet")
NORMAL = "Give what gedge.engine.service_normalize returns"
PLACED = "Give what gedge.engine.placement returns"


def check(value, shape, path, hint):
    """[Problem] of a value against one of the shapes above."""
    found = []
    _check(value, shape, path, hint, found)
    return found


def problems_of(services, placement):
    """[Problem] of both inputs: {services, meshes} and {placements, failed}."""
    found = []
    whole = {"services": [SERVICE], "meshes": [MESH]}
    _check(dict({"meshes": []}, **services) if isinstance(services, dict) else services, whole, "", NORMAL, found)
    _check(placement, {"placements": [PLACEMENT], "failed?": [FAILED]}, "", PLACED, found)
    if not found:
        _check_variants(services, found)
    return found


def _check_variants(services, found):
    """What is null or a mapping."""
    for index, service in enumerate(services["services"]):
        path, scaling = "services[%d]" % index, service["autoscaling"]
        if service["kind"] not in KINDS:
            found.append(Problem(path + ".kind", "is no kind of workload", advice(service["kind"], KINDS)))
        if not service["containers"]:
            found.append(Problem(path + ".containers", "is empty", NORMAL))
        if scaling["horizontal"] is not None:
            _check(scaling["horizontal"], HORIZONTAL, path + ".autoscaling.horizontal", NORMAL, found)
        if scaling["vertical"] is not None:
            _check(scaling["vertical"], {"mode": TEXT}, path + ".autoscaling.vertical", NORMAL, found)
    for index, mesh in enumerate(services.get("meshes", [])):
        for number, route in enumerate(mesh["routes"]):
            if route["retries"] is not None:
                path = "meshes[%d].routes[%d].retries" % (index, number)
                _check(route["retries"], RETRIES, path, NORMAL, found)


def _check(value, shape, path, hint, found):
    if isinstance(shape, tuple):
        if not isinstance(value, shape) or (isinstance(value, bool) and bool not in shape and object not in shape):
            names = " or ".join(dict.fromkeys(NAMES[one] for one in shape))
            found.append(Problem(path, "is not %s" % names, hint, value))
    elif isinstance(shape, range):
        if not isinstance(value, int) or isinstance(value, bool) or value not in shape:
            found.append(Problem(path, "is not a number from %d to %d" % (shape[0], shape[-1]), hint, value))
    elif isinstance(shape, list):
        if not isinstance(value, list):
            found.append(Problem(path or "input", "is not a list", hint, value))
            return
        for index, item in enumerate(value):
            _check(item, shape[0], "%s[%d]" % (path, index), hint, found)
    elif not isinstance(value, dict):
        found.append(Problem(path or "input", "is not a mapping", hint, value))
    else:
        _check_keys(value, shape, path + "." if path else "", hint, found)


def _check_keys(value, shape, path, hint, found):
    if "*" in shape or "#" in shape:
        for key, item in value.items():
            if not isinstance(key, str) or ("#" in shape and key not in NUMBERS):
                wanted = "text" if "*" in shape else "number as text"
                found.append(Problem("%s%s" % (path, key), "the key is no %s" % wanted, hint))
            _check(item, shape.get("*", shape.get("#")), "%s%s" % (path, key), hint, found)
        return
    for key, below in shape.items():
        if key.endswith("?"):
            if value.get(key[:-1]) is not None:
                _check(value[key[:-1]], below, path + key[:-1], hint, found)
        elif key not in value:
            found.append(Problem(path + key, "is missing", hint))
        else:
            _check(value[key], below, path + key, hint, found)
