# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which cards of a testbed our own device plugin offers, and under which name: what the catalogue knows a resource for,
and the SR-IOV plugin does not have. Pure."""

from __future__ import annotations

from ..module_utils.accelerator import entry
from ..module_utils.errors import Problem, ProblemsError
from ..module_utils.manifests import options, standing

ACCELERATORS, GPUS = ("fpga", "accelerator"), ("gpu",)
CDI = {"10de": "nvidia.com/gpu"}  # by vendor: how its cards are called in CDI
# What a service asks for, by the catalogue's kind.
ASKED = {"fpga": "fpga", "accelerator": "asic", "gpu": "gpu"}


def card_pools(testbed, catalogue, kinds, placements=(), given=None):
    """{node: {"pools": [pool of module device_plugin], "devices": {resource: [address]}}}

    testbed: as services see it; kinds: of the catalogue; placements: what services were promised; given: options of the
    manifests. Raises ProblemsError with all that is wrong."""
    settings, known = options.read(given), entry.entries(catalogue)
    owned = standing.device_pools(testbed, placements, given)
    problems, found = [], {}
    for node, topology in sorted((testbed.get("topologies") or {}).items()):
        others = {address for listed in owned[node]["devices"].values() for address in listed}
        chosen = [
            (device, hit)
            for device, hit in _known(topology, known, kinds)
            if hit.resource and device["address"] not in others
        ]
        problems += _names(chosen, settings["prefix"])
        found[node] = {"pools": _pools(chosen), "devices": _devices(chosen)}
    problems += _lost(placements, found, kinds, settings)
    if problems:
        raise ProblemsError(problems, "card_pools")
    return found


def _known(topology, known, kinds):
    """(device, Entry) of the cards that the catalogue knows; one whose VFs are given is none."""
    for device in topology["pci_devices"]:
        hit = entry.find(known, device["vendor"], device["device"], device["class"])
        if hit is not None and hit.kind in kinds and not (device.get("sriov") or {}).get("num"):
            yield device, hit


def _names(chosen, prefix):
    """[Problem] for names that are the SR-IOV plugin's."""
    wrong = sorted({(hit.name, hit.resource) for dummy, hit in chosen if hit.resource.partition("/")[0] == prefix})
    what, hint = "has the prefix of cluster_sriov's pools", "Name another one, such as example.com/%s"
    return [
        Problem("catalogue: %s: resource" % name, what, hint % resource.partition("/")[2], resource)
        for name, resource in wrong
    ]


def _pools(chosen):
    found = {}
    for device, hit in sorted(chosen, key=lambda pair: pair[0]["address"]):
        prefix, dummy, name = hit.resource.partition("/")
        pool = found.setdefault(hit.resource, {"resourcePrefix": prefix, "resourceName": name, "cards": []})
        if hit.kind == "gpu" and hit.vendor in CDI:
            pool["cdi"] = CDI[hit.vendor]
        pool["cards"].append({"address": device["address"], "nodes": list(hit.pod_nodes)})
    return [pool for dummy, pool in sorted(found.items())]


def _devices(chosen):
    found = {}
    for device, hit in chosen:
        found.setdefault(hit.resource, []).append(device["address"])
    return {name: sorted(addresses) for name, addresses in sorted(found.items())}


def _lost(placements, found, kinds, settings):
    """[Problem] for what services were promised under a name under which nobody offers it."""
    problems = []
    if settings["backend"] == "dra":
        return problems
    asked = {ASKED[kind]: settings["resources"][ASKED[kind]] for kind in kinds}
    for row in placements:
        for device in row["devices"]:
            name = asked.get(device["resource"])
            ours = found.get(row["node"], {"devices": {}})["devices"]
            if name is None or name.partition("/")[0] == settings["prefix"] or row["node"] not in found:
                continue
            if device["address"] not in ours.get(name, ()):
                what = "%s/%s asks %s for %s, as which nothing offers it" % (
                    row["namespace"],
                    row["service"],
                    row["node"],
                    name,
                )
                there = [key for key, addresses in ours.items() if device["address"] in addresses]
                hint = "The catalogue calls it %s: write that" % there[0] if there else "Give it an entry, or write"
                hint += " in service_manifests: {resources: {%s: ...}}" % device["resource"]
                problems.append(Problem(device["address"], what, hint))
    return problems
