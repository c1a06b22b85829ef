# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A node out of its saved topology: a System whose files and answers are made of it, so that the subsystems plan on it
as on the node itself.

What a topology does not say is taken as on a node that was just installed: Debian 12 with GRUB and systemd-networkd,
no addresses and routes, no file of ours, VFs as their driver makes them. Sysctls have the value UNKNOWN, which is never
the asked one. IRQs, CPU governors and packages are not known.
"""

from __future__ import annotations

import json
import re

from ...module_utils.errors import EngineError
from ...module_utils.system import CommandResult, System
from .saved_files import SYSCTLS, files_of

UNKNOWN = "unknown"
OF_CLASS = re.compile(r"(/sys/class/(?:net|infiniband)/[^/]+/device)(?=/|$)")
# The kernel's words for what nobody has set for a VF.
VF = {"address": "00:00:00:00:00:00", "vlan_list": [{}], "rate": {"max_tx": 0, "min_tx": 0}}
VF.update({"spoofchk": True, "link_state": "auto", "trust": False})
ANSWERS = {
    "systemctl --version": "systemd 252 (252.39-1~deb12u1)\n",
    "systemctl is-active --quiet systemd-networkd": "",
}
# Commands that say "no" or nothing on such a node.
SILENT = ("systemctl", "ip", "nft", "rdma", "dcb", "modinfo", "sh", "udevadm", "tc", "ethtool")


class SavedSystem(System):
    """Reads only; a change is an EngineError, for a plan makes none."""

    def __init__(self, topology):
        """topology: as topology_facts gives it."""
        super().__init__("/saved-topology-is-no-folder")
        self.topology = topology
        self.files, self.links = files_of(topology)
        self.folders = {}
        for path in [*self.files, *self.links]:
            self._enter(path)

    def _enter(self, path):
        while len(path) > 1:
            above, dummy, name = path.rpartition("/")
            names = self.folders.setdefault(above or "/", set())
            if name in names:
                return
            names.add(name)
            path = above

    def read_bytes(self, path):
        """The bytes of a file that the topology tells, UNKNOWN for a sysctl."""
        text = self.files.get(self._place(path))
        if text is None and path.startswith(SYSCTLS):
            text = UNKNOWN
        return None if text is None else text.encode()

    def list(self, path):
        """The sorted names in a folder."""
        return sorted(self.folders.get(self._place(path.rstrip("/") or "/"), ()))

    def exists(self, path):
        """True where the topology tells of it."""
        return any(self._place(path) in known for known in (self.files, self.links, self.folders))

    def _place(self, path):
        """Where a path leads: past the one kind of link that has anything behind it, that of a class to its device."""
        hit = OF_CLASS.match(path)
        target = self.links.get(hit.group(1)) if hit else None
        return path if target is None else target + path[hit.end(1) :]

    def link(self, path):
        """The text of a symbolic link, or None."""
        return self.links.get(path)

    def run(self, argv, check=True, stdin=None):
        """What the command would answer on such a node."""
        line = " ".join(argv)
        if line in ANSWERS:
            return CommandResult(0, ANSWERS[line], "")
        if argv[0] == "ip" and "link" in argv:
            return CommandResult(0, json.dumps(list(self._links())), "")
        if check and argv[0] not in ("ip", "sh"):
            raise EngineError("is not known of a saved topology", line, "Run the plan on the node")
        known = argv[0] in ("ip", "sh")
        return CommandResult(0 if known else 1, "[]" if argv[0] == "ip" else "", "")

    def write_kernel(self, path, value):
        """Asks the kernel nothing: a plan only tries whether an IRQ can be moved, and no IRQ is known."""
        raise EngineError("nothing can be changed in a saved topology", path)

    write_file = write_link = write_kernel

    def remove_file(self, path):
        """As write_kernel."""
        raise EngineError("nothing can be changed in a saved topology", path)

    def _links(self):
        yield {"ifname": "lo", "ifindex": 1, "flags": ["UP", "LOWER_UP"], "mtu": 65536}
        index = 1
        for device in self.topology.get("pci_devices") or []:
            for name in device.get("net") or []:
                index += 1
                link = {"ifname": name, "ifindex": index, "flags": [], "mtu": 1500, "parentdev": device["address"]}
                count = (device.get("sriov") or {}).get("num") or 0
                yield dict(link, max_mtu=9216, vfinfo_list=[dict(VF, vf=number) for number in range(count)])
