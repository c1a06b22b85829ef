# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which devices a pool has: the selectors as the plugins understand them, held against what a node has. Pure."""

from __future__ import annotations

from ..cpuset import parse
from ..errors import EngineError, Problem
from ..suggest import advice

LISTS = ("vendors", "devices", "drivers", "pciAddresses", "pfNames", "rootDevices")
NET = (*LISTS, "isRdma")
CARD = ("vendors", "devices", "drivers", "pciAddresses")
SHARED = ("ifNames", "vendors", "deviceIDs", "drivers")
KEYS = {
    "sriov": ("resourceName", "resourcePrefix", "deviceType", "selectors", "excludeTopology"),
    "rdma-shared": ("resourceName", "resourcePrefix", "rdmaHcaMax", "selectors"),
}
NETWORK, PROCESSING = "02", "12"  # PCI classes, the first two digits
PREFIX = {"sriov": "intel.com", "rdma-shared": "rdma"}  # of one that names none
# Drivers of which the SR-IOV plugin (that of 2022-11) gives a pod device nodes; it does not know uio_pci_generic.
WITH_NODES = ("vfio-pci", "uio", "igb_uio")
MAKE = "Make the VFs (role node_sriov) or correct the pool; what has no device vanishes from the node in silence"


def resource(pool, kind):
    """Its full name: "gedge.io/sriov_a_21_00_0"."""
    return "%s/%s" % (pool.get("resourcePrefix") or PREFIX.get(kind, ""), pool["resourceName"])


def problems(pools, kind):
    """[Problem] of what is wrong with pools on any node."""
    found, seen = [], set()
    for number, pool in enumerate(pools):
        path = "pools[%d]" % number
        strange = [key for key in pool if key not in KEYS[kind]]
        found += [Problem("%s.%s" % (path, key), "unknown key", advice(key, KEYS[kind])) for key in strange]
        if not isinstance(pool.get("resourceName"), str) or not pool["resourceName"].replace("_", "a").isalnum():
            what = "is no name of a pool"
            hint = "Write letters, digits and _"
            found.append(Problem(path + ".resourceName", what, hint, pool.get("resourceName")))
            continue
        if resource(pool, kind) in seen:
            found.append(Problem(path + ".resourceName", "is there twice", "Rename one", pool["resourceName"]))
        seen.add(resource(pool, kind))
        found += _selector_problems(pool, kind, path)
    return found


def _selector_problems(pool, kind, path):
    known = SHARED if kind == "rdma-shared" else CARD if pool.get("deviceType") == "accelerator" else NET
    for number, selector in enumerate(selectors(pool)):
        place = "%s.selectors[%d]" % (path, number)
        if not isinstance(selector, dict) or not selector:
            yield Problem(place, "is no selector", "Write one or more of %s" % ", ".join(known), selector)
            continue
        for key, value in selector.items():
            if key not in known:
                yield Problem("%s.%s" % (place, key), "cannot be held against the node", advice(key, known))
            elif key != "isRdma" and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
                yield Problem("%s.%s" % (place, key), "is no list of texts", "Write a list", value)
            elif key in ("rootDevices", "pfNames"):
                yield from _number_problems(value, "%s.%s" % (place, key))
                names = [text.partition("#")[0] for text in value]
                if len(set(names)) < len(names):
                    hint = 'Write its VFs in one text, such as "0000:21:00.0#0-2,5"'
                    yield Problem("%s.%s" % (place, key), "has a PF twice, and the plugin reads the first only", hint)
    if not selectors(pool):
        yield Problem(path + ".selectors", "is missing", "Write one or more of %s" % ", ".join(known))


def _number_problems(texts, place):
    for text in texts:
        try:
            parse(text.partition("#")[2])
        except EngineError as error:
            yield Problem(place, "%r: %s" % (text, error.what), 'Write for example "0000:21:00.0#0-2,5"')


def selectors(pool):
    """Its selectors as a list: both forms are the plugin's."""
    given = pool.get("selectors") or []
    return given if isinstance(given, list) else [given]


def members(pools, kind, devices, known):
    """({resource: [address]}, [Problem]): the first pool that a device fits has it.

    devices: pci_devices of a topology; known: {resource: [address]} that the kubelet knows already: an RDMA device that
    was given to a pod in exclusive mode is not seen from the host."""
    found, faults, taken = {}, [], set()
    by_address = {device["address"]: device for device in devices}
    for number, pool in enumerate(pools):
        name = resource(pool, kind)
        chosen = {
            address
            for selector in selectors(pool)
            for address, device in by_address.items()
            if _fits(device, pool, selector, by_address, known.get(name, ()))
        }
        found[name] = sorted(chosen - taken)
        taken |= chosen
        path = "pools[%d] %s" % (number, name)
        faults += _lacking(path, pool, by_address)
        if not found[name]:
            faults.append(Problem(path, "has no device on this node", MAKE))
    return found, faults


def bare(pools, devices, found):
    """Texts: cards in pools of the SR-IOV plugin of which a pod would get no device node.

    found: what members() says."""
    drivers = {device["address"]: device["driver"] for device in devices}
    given = [resource(pool, "sriov") for pool in pools if pool.get("deviceType") == "accelerator"]
    what = "%s: %s has driver %s, and the SR-IOV device plugin gives a pod no device node of it. %s"
    hint = (
        "Bind it to vfio-pci, or name it in service_manifests.resources as the catalogue of accelerators does: then "
        "role cluster_accelerator offers it"
    )
    return [
        what % (name, address, drivers[address], hint)
        for name in given
        for address in found[name]
        if drivers[address] not in WITH_NODES
    ]


def _lacking(path, pool, devices):
    """Single VFs that are asked for by number and do not exist."""
    for selector in selectors(pool):
        for text in selector.get("rootDevices", ()):
            pf, dummy, numbers = text.partition("#")
            there = (devices.get(pf, {}).get("sriov") or {}).get("vfs") or []
            lacking = [str(number) for number in parse(numbers) if number >= len(there)]
            if lacking:
                yield Problem(path, "%s has no VF %s" % (pf, ", ".join(lacking)), MAKE)


def _fits(device, pool, selector, devices, known):
    if pool.get("deviceType") == "accelerator":
        fits = device["class"][:2] == PROCESSING
    else:
        # The plugins leave out a PF that has VFs.
        fits = device["class"][:2] == NETWORK and not (device["sriov"] or {}).get("num")
    if not fits or device["driver"] is None:
        return False
    return all(_holds(device, key, value, devices, known) for key, value in selector.items())


def _holds(device, key, value, devices, known):
    if key == "isRdma":
        return not value or bool(device["rdma"]) or device["address"] in known
    if key in ("rootDevices", "pfNames"):
        sriov = device["sriov"] or {}
        pf = devices.get(sriov.get("pf"), {})
        names = [sriov.get("pf")] if key == "rootDevices" else pf.get("net") or []
        return sriov.get("role") == "vf" and any(_is_part(sriov["index"], names, text) for text in value)
    own = {"vendors": "vendor", "devices": "device", "drivers": "driver", "pciAddresses": "address"}[key]
    return device[own] in value


def _is_part(index, names, text):
    pf, mark, numbers = text.partition("#")
    return pf in names and (not mark or index in parse(numbers))
