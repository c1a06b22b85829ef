# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""An independent reading of a node's SR-IOV: iproute2's JSON and sysfs links. Shares no code with package sriov."""

from __future__ import annotations

import json
import re

PCI = re.compile(r"/([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/(driver|virtfn(\d+))$")


def read(ip_json, sysfs_links):
    """{PF address: {"name": netdev, "up": bool, "mtu": int, "vfs": {index: VF}}} for devices with VFs or a netdev.

    ip_json: output of 'ip -j -d link show'; sysfs_links: lines 'PATH TARGET' of the links driver and virtfnN below
    /sys/devices. A VF is {address, driver, netdev, own_mac, mtu, mac, vlan, qos, spoofchk, trust, ...}."""
    drivers, virtual = _links(sysfs_links)
    netdevs = {link["parentdev"]: link for link in json.loads(ip_json) if "parentdev" in link}
    found = {}
    for address in sorted(set(virtual) | set(netdevs)):
        link = netdevs.get(address, {})
        infos = {info["vf"]: info for info in link.get("vfinfo_list", [])}
        found[address] = {"name": link.get("ifname"), "up": "UP" in link.get("flags", []), "mtu": link.get("mtu")}
        found[address]["vfs"] = {
            index: _vf(vf, drivers.get(vf), netdevs.get(vf, {}), infos.get(index, {}))
            for index, vf in sorted(virtual.get(address, {}).items())
        }
    return found


def _links(text):
    drivers, virtual = {}, {}
    for line in text.splitlines():
        path, space, target = line.partition(" ")
        hit = PCI.search(path)
        if not hit or not space:
            continue
        last = target.rstrip("/").rsplit("/", 1)[-1]
        if hit.group(3) is None:
            drivers[hit.group(1)] = last
        else:
            virtual.setdefault(hit.group(1), {})[int(hit.group(3))] = last
    return drivers, virtual


def _vf(address, driver, link, info):
    vlan = (info.get("vlan_list") or [{}])[0]
    rate = info.get("rate") or {}
    return {
        "address": address,
        "driver": driver,
        "netdev": link.get("ifname"),
        "own_mac": link.get("address"),
        "mtu": link.get("mtu"),
        "mac": info.get("address", info.get("mac")),
        "vlan": vlan.get("vlan", 0),
        "qos": vlan.get("qos", 0),
        "spoofchk": info.get("spoofchk"),
        "trust": info.get("trust"),
        "min_tx_rate": rate.get("min_tx", 0),
        "max_tx_rate": rate.get("max_tx", 0),
        "link_state": info.get("link_state"),
    }
