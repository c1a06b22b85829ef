# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""One container: what was read of it -> its normal form."""

from __future__ import annotations

from .needs import Needs
from .records import Part
from .words import COMMUNICATION, COMPUTE

RDMA = "%d RDMA-capable VFs of %d: rdma says how many of the VFs can RDMA"


def complete(part, name, report):
    """(the container in normal form, its mounts left to storage; its Needs); name: its name if it does not say one."""
    needs = Needs(part, report)
    container = {
        "name": part.get("name", name),
        "image": part.get("image", ""),
        "command": list(part.get("command", [])),
        "args": list(part.get("args", [])),
        "env": dict(part.get("env", {})),
        "ports": [_port(port) for port in part.get("ports", [])],
        "resources": {word: needs.asked(word) for word in ("cpu", "memory")},
        "limits": {word: needs.limit(word) for word in ("cpu", "memory")},
        "acceleration": _acceleration(part, needs.resources, report),
        "mounts": [],
    }
    container["resources"]["hugepages"] = needs.hugepages()
    return container, needs


def sure(part):
    """False where something of the container's acceleration could not be read, so that its path is not known."""
    if {"acceleration", "resources"} & part.bad:
        return False
    resources = part.get("resources", Part(part.place))
    one = part.get("acceleration") or resources.get("acceleration") or Part(part.place)
    return "acceleration" not in resources.bad and not one.bad


def _port(part):
    protocol, number = part.get("protocol", "TCP"), part.get("port", 0)
    return {"name": part.get("name", "%s-%d" % (protocol.lower(), number)), "port": number, "protocol": protocol}


def _acceleration(part, resources, report):
    one, other = part.get("acceleration"), resources.get("acceleration")
    if one is not None and other is not None:
        report.problem(resources.at("acceleration"), "stands in the container, too", "Keep one of the two")
    made = one if one is not None else other if other is not None else Part(part.at("acceleration"))
    compute = _counts(made.get("compute"), COMPUTE)
    communication = _counts(made.get("communication"), COMMUNICATION)
    _rdma(made, communication, report)
    if made.lacks("topology") and any([*compute.values(), *communication.values()]):
        what = "is not given: CPUs and devices need not share a NUMA node"
        report.note(made.at("topology"), what, None, "none")
    return {"topology": made.get("topology", "none"), "compute": compute, "communication": communication}


def _counts(part, words):
    return {word: (part or {}).get(word, 0) for word in words}


def _rdma(made, communication, report):
    rdma, sriov = communication["rdma"], communication["sriov"]
    if sriov and rdma > sriov:
        place = made["communication"].at("rdma")
        report.problem(place, RDMA % (rdma, sriov), "Write sriov: %d, or rdma: %d" % (rdma, sriov), rdma)
