# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is not as asked for: each finding names the node's device, what was asked and what was found."""

from __future__ import annotations

from ...module_utils import cpuset

ADVICE = "Run the site playbook to put it right; find out what changed it"


def finding(device, what, advice=ADVICE):
    """One row for the table and the JSON."""
    return {"device": device, "what": what, "advice": advice}


def sriov(reading, asked, ports=()):
    """List of findings. reading: of verify.reading.read; asked: option pfs of module sriov; ports: testbed_ports."""
    rows = []
    for item in asked:
        addresses = _selected(reading, item["select"], ports)
        if not addresses:
            words = ", ".join("%s %s" % pair for pair in sorted(item["select"].items()))
            rows.append(finding(words, "the PF is not there", "Look at the card, its driver and the kernel log"))
        for address in addresses:
            rows += _pf(reading[address], item, address)
    return rows


def _selected(reading, select, ports):
    """Addresses of the PFs meant by address, name or network: by what can be read without sriov's own code."""
    wanted = {select.get("address")}
    names = {select.get("name")} - {None}
    for port in ports:
        if select.get("network") == port["network"]:
            wanted.add(port.get("pci"))
            names.add(port.get("interface"))
    return [address for address, pf in sorted(reading.items()) if address in wanted or pf["name"] in names - {None}]


def _pf(pf, item, address):
    title = pf["name"] or address
    rows = []
    count = item.get("count")
    if count is not None and count != len(pf["vfs"]):
        rows.append(finding(title, "%d VFs asked for, %d found" % (count, len(pf["vfs"]))))
    if item.get("mtu") and item["mtu"] != pf["mtu"]:
        rows.append(finding(title, "MTU %s asked for, %s found" % (item["mtu"], pf["mtu"])))
    if (item.get("up") or (item.get("up") is None and count)) and not pf["up"]:
        rows.append(finding(title, "is down, so its VFs have no link"))
    for options in item.get("vfs") or []:
        for index in cpuset.parse(options["range"]):
            rows += _vf("%s VF %d" % (title, index), pf["vfs"].get(index), options)
    return rows


def _vf(title, vf, options):
    if vf is None:
        return [finding(title, "is not there")]
    rows = []
    for key, value in sorted(options.items()):
        if key == "driver":
            rows += _driver(title, vf, value)
        elif key != "range" and value is not None and not _same(vf.get(key), value):
            rows.append(finding(title, "%s %s asked for, %s found" % (key, value, vf.get(key))))
    if options.get("mac") and vf["netdev"] and not _same(vf["own_mac"], options["mac"]):
        rows.append(finding(title, "its device %s goes by the MAC %s" % (vf["netdev"], vf["own_mac"])))
    return rows


def _same(found, asked):
    return str(found).lower() == str(asked).lower()


def _driver(title, vf, asked):
    bound = vf["driver"] or "no driver"
    right = bound == "vfio-pci" if asked == "vfio-pci" else bound not in ("vfio-pci", "no driver")
    return [] if right else [finding(title, "driver %s asked for, bound to %s" % (asked, bound))]
