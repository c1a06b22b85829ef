# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which PF each entry means, and whether that PF can do what is asked."""

from __future__ import annotations

from dataclasses import replace

from ..errors import Problem, ProblemsError
from ..suggest import advice
from .abilities import RATE_NEEDS_LINK, asked_but_lacking
from .model import VFIO


def unknown_names(names, pfs):
    """Problems for names in allow_vf_loss that mean no PF."""
    known = sorted({name for pf in pfs for name in (pf.name, pf.address) if name})
    return [
        Problem("allow_vf_loss", "no PF of this node has this name or address", advice(name, known), name)
        for name in names
        if name not in known
    ]


def resolve(found_entries, pfs, iommu_at_boot=False):
    """{PF address: WantedPf} for entries on the PFs of a node. Raises ProblemsError with every fault found.
    iommu_at_boot: a reboot that switches the IOMMU on is about to come, so its lack now is no fault."""
    problems = []
    wanted = {}
    owner = {}
    for entry in found_entries:
        hits = [pf for pf in pfs if matches(entry.select, pf)]
        if not hits:
            problems.append(
                Problem(entry.where + ".select", "matches no PF of this node", _what_is_there(pfs), _plain(entry))
            )
        for pf in hits:
            if pf.address in wanted:
                text = "%s is selected by %s already" % (pf.name or pf.address, owner[pf.address])
                problems.append(Problem(entry.where + ".select", text, "State each PF once", _plain(entry)))
                continue
            wanted[pf.address], owner[pf.address] = entry.wanted, entry.where
            problems.extend(faults(pf, entry.wanted, iommu_at_boot))
        problems.extend(_shared_macs(entry, hits))
    if problems:
        raise ProblemsError(problems, where="sriov")
    return wanted


def matches(select, pf):
    """True where each part of the selector holds for the PF."""
    tests = {
        "name": lambda value: value == pf.name,
        "address": lambda value: value == pf.address,
        "vendor": lambda value: value == pf.vendor,
        "device": lambda value: value == pf.device,
        "numa_node": lambda value: value == pf.numa_node,
        "ports": lambda ports: any(_is_port(pf, port) for port in ports),
    }
    return all(tests[key](value) for key, value in select.items())


def _is_port(pf, port):
    return port["pci"] == pf.address if port.get("pci") else port.get("interface") == pf.name


def faults(pf, wanted, iommu_at_boot=False):
    """Problems of what is asked of one PF: capacity, MTU, abilities, link, IOMMU."""
    title = pf.name or pf.address
    found = []
    count = len(pf.vfs) if wanted.count is None else wanted.count
    if count > pf.total:
        found.append(Problem(wanted.where + ".count", "%s has at most %d VFs" % (title, pf.total), value=count))
    beyond = [index for index in wanted.vfs if index >= count]
    if wanted.count is None and beyond:
        text = "%s has %d VFs and no count is given" % (title, count)
        found.append(Problem(wanted.where + ".vfs", text, "Give count", beyond[0]))
    if pf.max_mtu and wanted.mtu and wanted.mtu > pf.max_mtu:
        found.append(
            Problem(wanted.where + ".mtu", "%s takes at most %d bytes" % (title, pf.max_mtu), value=wanted.mtu)
        )
    if pf.name is None and (wanted.vfs or wanted.mtu or wanted.up):
        mend = "Bind %s to its network driver first, or give only count, with up: false" % pf.address
        found.append(Problem(wanted.where, "%s has no network device in this namespace" % title, mend))
    found += _vf_mtu(pf, wanted)
    found += _inabilities(pf, wanted) + _rate_without_link(pf, wanted)
    return found if iommu_at_boot else found + _vfio_without_iommu(pf, wanted)


def _vf_mtu(pf, wanted):
    """Of VFs that exist; what a new one's device takes is known when its driver has made it."""
    found = []
    for index, keys in sorted(wanted.vfs.items()):
        most = pf.vfs[index].max_mtu if index < len(pf.vfs) else None
        if most and keys.get("mtu", 0) > most:
            text = "%s VF %d takes at most %d bytes" % (pf.name, index, most)
            found.append(Problem("%s.vfs (VF %d).mtu" % (wanted.where, index), text, value=keys["mtu"]))
    return found


def _inabilities(pf, wanted):
    found = []
    for index, keys in sorted(wanted.vfs.items()):
        for key in asked_but_lacking(pf, keys):
            path = "%s.vfs (VF %d).%s" % (wanted.where, index, key)
            text = "%s (driver %s) cannot set %s for a VF" % (pf.name, pf.driver, key)
            found.append(Problem(path, text, "Leave %s out" % key, keys[key]))
    return found


def without_iommu(pf, wanted):
    """Indexes of the VFs that are to have vfio-pci, which needs an IOMMU, while the PF is in no IOMMU group."""
    return [] if pf.iommu else [index for index, keys in sorted(wanted.vfs.items()) if keys.get("driver") == VFIO]


def possible_now(pf, wanted):
    """What of the asked for can be done before the IOMMU is on: all but vfio-pci."""
    late = without_iommu(pf, wanted)
    vfs = {
        index: {key: value for key, value in keys.items() if index not in late or key != "driver"}
        for index, keys in wanted.vfs.items()
    }
    return replace(wanted, vfs=vfs)


def _vfio_without_iommu(pf, wanted):
    bound = without_iommu(pf, wanted)
    if not bound:
        return []
    mend = (
        "Switch the IOMMU on in the firmware and by intel_iommu=on or amd_iommu=on on the kernel command line; say "
        "iommu_at_boot where a reboot that does so is about to come"
    )
    return [Problem("%s.vfs (VF %d).driver" % (wanted.where, bound[0]), "%s has no IOMMU group" % pf.name, mend, VFIO)]


def _rate_without_link(pf, wanted):
    """A PF that has no carrier, and is not brought up now, will not get one by waiting: say so in advance."""
    if pf.driver not in RATE_NEEDS_LINK or pf.carrier or (wanted.up and not pf.up):
        return []
    fresh = wanted.count not in (None, len(pf.vfs))
    rated = [
        index
        for index, keys in sorted(wanted.vfs.items())
        if keys.get("max_tx_rate") and (fresh or keys["max_tx_rate"] != _rate_now(pf, index))
    ]
    state, mend = ("has no carrier", "Check the cable") if pf.up else ("is down", "Ask for up: true")
    text = "%s (driver %s) takes a rate only with a link, and it %s" % (pf.name, pf.driver, state)
    return [Problem("%s.vfs (VF %d).max_tx_rate" % (wanted.where, i), text, mend, None) for i in rated]


def _rate_now(pf, index):
    return pf.vfs[index].value("max_tx_rate") if index < len(pf.vfs) else None


def _shared_macs(entry, hits):
    if len(hits) < 2:
        return []
    names = ", ".join(pf.name or pf.address for pf in hits)
    return [
        Problem(
            "%s.vfs (VF %d).mac" % (entry.where, index),
            "one MAC address for several PFs: %s" % names,
            "Select one PF",
            keys["mac"],
        )
        for index, keys in sorted(entry.wanted.vfs.items())
        if "mac" in keys
    ]


def _plain(entry):
    return {key: value for key, value in entry.select.items() if key != "ports"} or "network"


def _what_is_there(pfs):
    if not pfs:
        return "No PF with SR-IOV is visible: check the firmware's SR-IOV and IOMMU settings"
    names = ["%s (%s, %s:%s, NUMA node %d)" % (p.name, p.address, p.vendor, p.device, p.numa_node) for p in pfs]
    return "There are: %s" % "; ".join(names)
