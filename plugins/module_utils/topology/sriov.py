# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What SR-IOV makes of a PCI function: a PF with its VFs, a VF with its PF, or neither."""

from __future__ import annotations

from .address import is_address
from .reading import number, numbered


class Functions:
    """Knows PFs and VFs; the VFs of a PF are read once."""

    def __init__(self, system, folders):
        """folders: {address: folder} of all PCI devices."""
        self.system = system
        self.folders = folders
        self.known = {}

    def describe(self, address):
        """{role: "pf", total, num, vfs, offset, stride}, {role: "vf", pf, index} or {role: None}.

        offset, stride: where the routing ids of VFs are, counted from the PF's; None where the kernel does not say."""
        place = self.folders[address]
        pf = self.system.link_name(place + "/physfn")
        if pf is not None and is_address(pf):
            return {"role": "vf", "pf": pf, "index": self._vfs(pf).get(address)}
        total = number(self.system, place + "/sriov_totalvfs")
        if total is None:
            return {"role": None}
        count = number(self.system, place + "/sriov_numvfs", 0)
        vfs = self._vfs(address) if count else {}
        found = {"role": "pf", "total": total, "num": count, "vfs": sorted(vfs, key=vfs.get)}
        return dict(found, **{key: number(self.system, "%s/sriov_%s" % (place, key)) for key in ("offset", "stride")})

    def _vfs(self, pf):
        """{address of a VF: its index} of a PF."""
        if pf not in self.known:
            place = self.folders.get(pf)
            indexes = numbered(self.system.list(place), "virtfn") if place else []
            links = {index: self.system.link_name("%s/virtfn%d" % (place, index)) for index in indexes}
            self.known[pf] = {target: index for index, target in links.items() if target}
        return self.known[pf]
