# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The network of a pod as its own namespace and the PFs show it: interfaces, VFs, addresses, VLANs."""

from __future__ import annotations

import json
import re

PCI = "/sys/bus/pci/devices"
ADDRESS = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")


def interfaces(system, pid):
    """[{name, mac, addresses, kind, pci, vf}] in the namespace of a process, without the loopback.

    kind: "vf", "pci" or that of the kernel (veth, macvlan); vf: as of() gives it, None for what is no VF."""
    done = system.run(["nsenter", "-t", str(pid), "-n", "ip", "-j", "-d", "addr", "show"])
    return [_interface(system, pid, one) for one in json.loads(done.out or "[]") if one and one["ifname"] != "lo"]


def _interface(system, pid, one):
    name = one["ifname"]
    # sysfs as the container sees it; the kernel's own word where the container has none.
    address = system.link_name("/proc/%d/root/sys/class/net/%s/device" % (pid, name)) or one.get("parentdev") or ""
    pci = address if ADDRESS.fullmatch(address) else None
    vf = of(system, pci) if pci else None
    return {
        "name": name,
        "mac": one.get("address"),
        "addresses": [
            "%s/%d" % (row["local"], row["prefixlen"])
            for row in one.get("addr_info", ())
            if row.get("scope") == "global"
        ],
        "kind": "vf" if vf else "pci" if pci else (one.get("linkinfo") or {}).get("info_kind", ""),
        "pci": pci,
        "vf": vf,
    }


def of(system, pci):
    """{pf, number} of a VF by sysfs, None for what is none."""
    pf = system.link_name("%s/%s/physfn" % (PCI, pci))
    if pf is None:
        return None
    for name in system.list("%s/%s" % (PCI, pf)):
        if name.startswith("virtfn") and system.link_name("%s/%s/%s" % (PCI, pf, name)) == pci:
            return {"pf": pf, "number": int(name[len("virtfn") :])}
    return {"pf": pf, "number": None}


class Ports:
    """What the PFs know of their VFs; asked once for all pods."""

    def __init__(self, system):
        self.system, self.rows = system, None

    def vf(self, pf, number):
        """{mac, vlan, qos, trust, spoofchk, link_state} as the PF has it, {} where it says nothing."""
        if self.rows is None:
            self.rows = self._read()
        return self.rows.get((pf, number), {})

    def _read(self):
        found = {}
        for one in json.loads(self.system.run(["ip", "-j", "-d", "link", "show"]).out or "[]"):
            pf = self.system.link_name("/sys/class/net/%s/device" % one.get("ifname"))
            for row in one.get("vfinfo_list", ()):
                found[pf, row["vf"]] = _vf(row)
        return found


def _vf(row):
    """One VF of iproute2's answer: newer ones have a list of VLANs."""
    vlans = row.get("vlan_list") or [{"vlan": row.get("vlan"), "qos": row.get("qos")}]
    return {
        "mac": row.get("address") or row.get("mac"),
        "vlan": vlans[0].get("vlan") or 0,
        "qos": vlans[0].get("qos") or 0,
        "trust": row.get("trust"),
        "spoofchk": row.get("spoofchk"),
        "link_state": row.get("link_state"),
    }
