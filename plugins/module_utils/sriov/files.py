# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files that are kept for boot: which there are, and which there shall be. boot.py says what stands in them."""

from __future__ import annotations

import re
from dataclasses import replace

from .. import own_files
from ..system import DRAFT
from . import boot


def found(system, pfs):
    """{path: text} of what is kept for some PFs; in the form of own_files."""
    names = system.list(boot.NETWORK)
    return own_files.read(system, [path for pf in pfs for path in candidates(pf, names)])


def of_pf(pf, present):
    """The part of {path: text} that belongs to one PF."""
    names = [path.rsplit("/", 1)[1] for path in present if path.startswith(boot.NETWORK)]
    return {path: present[path] for path in candidates(pf, names) if path in present}


def wanted(system, pf, target, present):
    """{path: text} that one PF shall have. target: WantedPf; present: what all PFs have."""
    kept = {path: present[path] for path in _left_alone(pf, target, present)}
    default = system.read(boot.DEFAULT_LINK)
    return dict(kept, **boot.files(pf, _with_present_count(pf, target), _base(system, pf, present), default))


def candidates(pf, names):
    """Paths that may be ours for one PF. names: what is in the folder of .link files."""
    links = ["%s/%s" % (boot.NETWORK, name) for name in names if name.endswith((".link", DRAFT))]
    unit = boot.unit_name(pf.address)
    others = ["%s/pci-%s" % (boot.DRIVERCTL, boot.vf_address(pf, index)) for index in range(pf.total)]
    others += ["%s/%s" % (folder, unit) for folder in (boot.UNITS, boot.WANTS)] + [boot.RULES % pf.address]
    ours = [path for path in links if path.startswith(boot.prefix(pf.address))]
    return ours + others + [path + DRAFT for path in others]


def _base(system, pf, present):
    """(path, text) of the .link file that holds for the PF without ours."""
    path = boot.base_of(present.get(boot.prefix(pf.address) + ".link"))
    if path is None:
        index = system.read("/sys/class/net/%s/ifindex" % pf.name)
        hit = re.search(r"^E:ID_NET_LINK_FILE=(.+)$", system.read("/run/udev/data/n%s" % index) or "", re.M)
        path = hit.group(1) if hit else boot.DEFAULT_LINK
    if not system.exists(path):
        path = boot.DEFAULT_LINK
    return path, system.read(path)


def _with_present_count(pf, target):
    if target.count is None and (pf.vfs and (target.vfs or target.mtu)):
        return replace(target, count=len(pf.vfs))  # attributes at boot need the VFs at boot
    return target


def _left_alone(pf, target, present):
    """driverctl's files that say what a VF is bound to, where its driver is not asked for."""
    if pf.unstarted or target.count not in (None, len(pf.vfs)):
        return set()
    free = [vf for vf in pf.vfs if "driver" not in target.vfs.get(vf.index, {})]
    paths = {"%s/pci-%s" % (boot.DRIVERCTL, vf.address): vf.driver for vf in free}
    return {path for path, driver in paths.items() if present.get(path, "").strip() == driver}
