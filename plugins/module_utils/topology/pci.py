# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The PCI devices that matter, from /sys/bus/pci/devices. Reads little: a server has hundreds of functions."""

from __future__ import annotations

import posixpath
import re

from ..errors import EngineError
from . import kinds, names, roots, sriov
from .address import is_address, sort_key
from .pcie_path import Bridges, from_link
from .reading import DAMAGED, number

BUS = "/sys/bus/pci/devices"
UEVENT = re.compile(r"(?m)^PCI_(CLASS|ID|SUBSYS_ID)=([0-9A-Fa-f:]+)$")


def gather(system, wanted, volatile=True):
    """(root complexes, devices of the wanted kinds): lists of dicts as in topology_facts, RETURN."""
    folders = {}
    links = {}
    for address in sorted(filter(is_address, system.list(BUS)), key=sort_key):
        links[address] = system.link("%s/%s" % (BUS, address))
        folders[address] = folder(address, links[address])
    chosen = _choose(system, folders, wanted)
    paths = _paths(system, links, folders)
    net, rdma = names.gather(system, folders, chosen)
    vfs = sriov.Functions(system, folders)
    found = []
    for address, (kind, ids) in chosen.items():
        device = {"address": address, "kind": kind, **ids, "pcie_path": paths[address]}
        device.update(_attributes(system, folders[address], volatile))
        device["sriov"] = vfs.describe(address)
        device["net"], device["rdma"] = net.get(address, []), rdma.get(address, [])
        found.append(device)
    return roots.gather(system, folders, paths, chosen), found


def folder(address, link):
    """The device's real folder, inside the root whatever the link says; the place itself where it is no link."""
    place = "%s/%s" % (BUS, address)
    return place if link is None else posixpath.normpath(posixpath.join(BUS, link))


def _choose(system, folders, wanted):
    """{address: (kind, ids)} of the devices of the wanted kinds."""
    chosen = {}
    for address, place in folders.items():
        ids = _identity(system, place)
        if ids is None:
            continue  # removed while we looked, as a VF may be
        kind = kinds.classify(ids["class"], ids["vendor"], ids["device"])
        if kind in wanted:
            chosen[address] = (kind, ids)
    return chosen


def _identity(system, place):
    """{vendor, device, subsystem_vendor, subsystem_device, class}: one read of uevent tells all five."""
    said = dict(UEVENT.findall(system.read(place + "/uevent") or ""))
    vendor, device = _pair(said.get("ID"))
    subsystem_vendor, subsystem_device = _pair(said.get("SUBSYS_ID"))
    ids = {
        "vendor": vendor or _hex(system, place + "/vendor", 4),
        "device": device or _hex(system, place + "/device", 4),
        "subsystem_vendor": subsystem_vendor or _hex(system, place + "/subsystem_vendor", 4),
        "subsystem_device": subsystem_device or _hex(system, place + "/subsystem_device", 4),
        "class": said.get("CLASS", "").lower().zfill(6) if "CLASS" in said else _hex(system, place + "/class", 6),
    }
    missing = [name for name in ("class", "vendor", "device") if ids[name] is None]
    if not missing:
        return ids
    if system.root == "/" and not system.exists(place + "/class"):
        return None
    raise EngineError(
        "cannot be read, so nobody knows what this PCI device is",
        "%s/%s" % (place, missing[0]),
        "Save the tree again, with /sys/devices, as a user who may read it",
    )


def _pair(text):
    first, colon, second = (text or "").lower().partition(":")
    return (first.zfill(4), second.zfill(4)) if colon and first and second else (None, None)


def _hex(system, path, digits):
    """Lower-case hex digits of a file as "0x8086"; None where there is no file."""
    text = system.read(path)
    if text is None:
        return None
    try:
        return "%0*x" % (digits, int(text, 16))
    except ValueError:
        raise EngineError("%r is not a hexadecimal number" % text[:40], path, DAMAGED) from None


def _paths(system, links, folders):
    bridges = None
    paths = {}
    for address, link in links.items():
        if link is not None:
            paths[address] = from_link(folders[address].split("/"), address)
        else:
            bridges = bridges or Bridges(system, folders)
            paths[address] = bridges.path(address, folders[address])
    return paths


def _attributes(system, place, volatile):
    """numa_node, driver and link of a device; its iommu_group too where volatile: the kernel numbers groups anew."""
    link = {
        "max_speed_gts": _speed(system, place + "/max_link_speed"),
        "max_width": _width(system, place + "/max_link_width"),
    }
    if volatile:
        link["speed_gts"] = _speed(system, place + "/current_link_speed")
        link["width"] = _width(system, place + "/current_link_width")
    found = {
        "numa_node": max(number(system, place + "/numa_node", -1), -1),
        "driver": system.link_name(place + "/driver"),
        "link": link,
    }
    return dict(found, iommu_group=_iommu_group(system, place)) if volatile else found


def _iommu_group(system, place):
    group = system.link_name(place + "/iommu_group")
    return int(group) if group and group.isascii() and group.isdigit() else None


def _speed(system, path):
    """8.0 of "8.0 GT/s PCIe"; None for "Unknown"."""
    found = re.match(r"[0-9]{1,4}(?:\.[0-9]{1,3})?", system.read(path) or "")
    return float(found.group()) if found else None


def _width(system, path):
    """Lanes; the kernel's 0 (a VF) and 255 (a virtual device) mean unknown."""
    lanes = number(system, path)
    return lanes if lanes and 0 < lanes < 255 else None
