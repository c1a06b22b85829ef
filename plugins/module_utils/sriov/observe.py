# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What SR-IOV a node has now: sysfs for devices and drivers, one 'ip -j' call for what the PFs' drivers hold."""

from __future__ import annotations

import json

from ..errors import EngineError
from .model import NO_MAC, Pf, Vf

PCI = "/sys/bus/pci/devices"
PENDING = "/run/gedge/sriov-%s.pending"  # made before VFs are created, removed when their drivers are bound


def pfs(system):
    """All network PFs of the node, in order of PCI address, with their VFs."""
    links = ip_links(system)
    return [
        _pf(system, address, links)
        for address in system.list(PCI)
        if _number(system, address, "sriov_totalvfs")
        and (system.read("%s/%s/class" % (PCI, address)) or "").startswith("0x02")
    ]


def ip_links(system):
    """{netdev name: its object of 'ip -j -d link show'} for this network namespace."""
    result = system.run(["ip", "-j", "-d", "link", "show"])
    try:
        return {link["ifname"]: link for link in json.loads(result.out or "[]")}
    except ValueError as error:
        raise EngineError("its JSON cannot be read: %s" % error, "ip -j link", "Install iproute2 >= 5.10") from error


def netdev(system, address):
    """The network device of a PCI device in this namespace, or None. With several ports the first."""
    names = system.list("%s/%s/net" % (PCI, address))
    return names[0] if names else None


def _number(system, address, name, default=0):
    text = system.read("%s/%s/%s" % (PCI, address, name))
    try:
        return int(text, 0) if text else default
    except ValueError:
        return default


def _hex(system, address, name):
    return (system.read("%s/%s/%s" % (PCI, address, name)) or "0x0000")[2:].lower()


def _pf(system, address, links):
    name = netdev(system, address)
    link = links.get(name, {})
    pf = Pf(
        address,
        name,
        _hex(system, address, "vendor"),
        _hex(system, address, "device"),
        system.link_name("%s/%s/driver" % (PCI, address)),
        _number(system, address, "numa_node", -1),
        _number(system, address, "sriov_totalvfs"),
        _vfs(system, address, link, links),
    )
    pf.mtu, pf.max_mtu = link.get("mtu"), link.get("max_mtu")
    pf.up, pf.carrier = "UP" in link.get("flags", ()), "LOWER_UP" in link.get("flags", ())
    autoprobe = system.read(PENDING % address) or system.read("%s/%s/sriov_drivers_autoprobe" % (PCI, address))
    pf.autoprobe = autoprobe != "0"
    pf.routing = (_number(system, address, "sriov_offset"), _number(system, address, "sriov_stride"))
    pf.iommu = system.exists("%s/%s/iommu_group" % (PCI, address))
    pf.unstarted = system.exists(PENDING % address)
    return pf


def _vfs(system, pf_address, pf_link, links):
    infos = {info["vf"]: info for info in pf_link.get("vfinfo_list", [])}
    found = []
    for index in range(_number(system, pf_address, "sriov_numvfs")):
        address = system.link_name("%s/%s/virtfn%d" % (PCI, pf_address, index))
        if address is None:
            raise EngineError(
                "VF %d is counted but not there" % index,
                pf_address,
                "Look at the kernel log; remove and make the VFs again",
            )
        name = netdev(system, address)
        own = links.get(name, {})
        driver = system.link_name("%s/%s/driver" % (PCI, address))
        vf = Vf(index, address, driver, name, admin(infos.get(index, {})))
        vf.own_mac, vf.mtu, vf.max_mtu = own.get("address"), own.get("mtu"), own.get("max_mtu")
        found.append(vf)
    return found


def admin(info):
    """{key of ADMIN_KEYS: value} from one item of iproute2's vfinfo_list; what the driver does not report is absent."""
    if not info:
        return {}
    vlan = (info.get("vlan_list") or [{}])[0]
    rate = info.get("rate", {})
    found = {
        "mac": (info.get("address") or info.get("mac") or NO_MAC).lower(),  # "mac" before iproute2 5.2
        "vlan": vlan.get("vlan", 0),
        "qos": vlan.get("qos", 0),
        "spoofchk": info.get("spoofchk"),
        "trust": info.get("trust"),
        "min_tx_rate": rate.get("min_tx", 0),
        "max_tx_rate": rate.get("max_tx", 0),
        "link_state": info.get("link_state"),
    }
    return {key: value for key, value in found.items() if value is not None}
