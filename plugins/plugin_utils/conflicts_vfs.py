# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Conflicts about VFs: how many, and what the roles node_sriov, node_rdma and node_network promise them to. Pure.

A VF is known by its PF and number, whether the PF is named by its address or by its interface.
"""

from __future__ import annotations

from ..module_utils.cpuset import parse
from ..module_utils.errors import EngineError
from ..module_utils.topology.address import complete
from .conflicts_devices import conflict, device_of
from .own_vfs import LINK, SOFT_ROCE, Names
from .role_options import one

VFIO = "vfio-pci"


class _Pf:
    """What is asked of one PF. port: {pci or interface}; where: place of its VFs, and of each entry."""

    def __init__(self, port, count, entries, where):
        self.port, self.count, self.entries = port, count, entries or []
        self.where, self.entry = where
        self.device = None  # of the topology
        self.address = port.get("pci") or port.get("interface")


def vfs(variables, topology=None):
    """No VF is promised twice: to two entries of one PF, or to vfio-pci and to what needs its network device. Each that
    is named is there, and the NIC can have as many."""
    pfs = list(_pfs(variables))
    for pf in pfs:
        pf.device = device_of(pf.port, topology) if topology else None
        pf.address = pf.device["address"] if pf.device else pf.address
    for pf in pfs:
        yield from _capacity(pf)
        yield from _twice(pf)
    yield from _uses(variables, topology, pfs)


def _pfs(variables):
    """Each PF that VFs are asked of: those of the role's own option, else the testbed's ports."""
    asked, name = one("node_sriov", "pfs", variables, "ports")
    for number, item in enumerate(asked or []):
        where = "%s[%d]" % (name, number)
        if "select" in item:
            port = {"pci": complete(item["select"]["address"] or ""), "interface": item["select"]["name"]}
            if port["pci"] or port["interface"]:
                yield _Pf(port, item["count"], item["vfs"], (where, where + ".vfs[%d]"))
        elif item.get("vfs"):
            config = item["vfs"].get("config")
            yield _Pf(item, item["vfs"].get("count"), config, (where + ".vfs", where + ".vfs.config[%d]"))


def _capacity(pf):
    sriov = (pf.device or {}).get("sriov") or {}
    if not (pf.device and pf.count):
        return
    if sriov.get("role") != "pf":
        what = "%s has no SR-IOV, and %d VFs are asked for" % (pf.address, pf.count)
        yield conflict(pf.where, what, "Switch SR-IOV on in the firmware, or leave vfs out")
    elif pf.count > sriov.get("total", pf.count):
        what = "%s has at most %d VFs, and %d are asked for" % (pf.address, sriov["total"], pf.count)
        yield conflict(pf.where + ".count", what, "Ask for %d or fewer" % sriov["total"])


def _twice(pf):
    owners = {}
    for place, entry in enumerate(pf.entries):
        for index in _indexes(entry):
            owner = owners.setdefault(index, place)
            if owner != place:
                what = "VF %d is promised by entry %d already" % (index, owner)
                yield conflict(pf.entry % place, what, "Name each VF in one entry")
                break


def _uses(variables, topology, pfs):
    """What soft-RoCE and links of their own take."""
    bound = {
        (pf.address, str(index)): pf.entry % place
        for pf in pfs
        for place, entry in enumerate(pf.entries)
        if entry.get("driver") == VFIO
        for index in _indexes(entry)
    }
    devices = (topology or {}).get("pci_devices") or []
    named = [{"address": pf.address, "net": [pf.port["interface"]]} for pf in pfs if pf.port.get("interface")]
    names, counts = Names([*devices, *named]), _counts(devices, pfs)
    for where, place, what_for in _places(variables):
        vf = names.meant(place)
        name = place.get("interface") or place.get("pci")
        if vf in bound:
            what = "%s is promised to %s and, in %s, to %s" % (name, what_for, bound[vf], VFIO)
            advice = "Take another VF for one of them: one that is bound to %s has no network device" % VFIO
            yield conflict(where, what, advice)
        elif vf and int(vf[1]) >= counts.get(vf[0], int(vf[1]) + 1):
            what = "%s is not there: VFs count from 0, and there are %d" % (name, counts[vf[0]])
            yield conflict(where, what, "Take one that is there, or ask for more VFs")


def _counts(devices, pfs):
    """{PF: number of its VFs}: as many as are asked for, else as many as it has."""
    has = [(device["address"], (device.get("sriov") or {}).get("num")) for device in devices]
    asked = [(pf.address, pf.count) for pf in pfs if pf.count is not None]
    return {**{pf: count for pf, count in has if count}, **dict(asked)}


def _places(variables):
    """(where, {interface or pci}, what for) of all that needs the network device of a VF, and names one."""
    rxe, name = one("node_rdma", "rxe", variables, "rdma")
    if isinstance(rxe, dict):
        rxe, name = rxe.get("rxe"), name + ".rxe"
    links, of_links = one("node_network", "links", variables, "ports")
    for items, where, what_for in ((rxe, name, SOFT_ROCE), (links, of_links, LINK)):
        for number, item in enumerate(items or []):
            yield "%s[%d]" % (where, number), item, what_for


def _indexes(entry):
    try:
        return parse(entry.get("range", ""))
    except EngineError:
        return []
