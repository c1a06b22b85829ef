# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What is not as asked for: each finding names the node's device, what was asked and what was found."""

from __future__ import annotations

from ...module_utils import cpuset

ADVICE = "Run the site playbook to put it right; find out what changed it"
CHOOSE = "Select the PF by address, name or network"


def finding(device, what, advice=ADVICE):
    """One row for the table and the JSON."""
    return {"device": device, "what": what, "advice": advice}


def sriov(reading, asked, ports=()):
    """List of findings. reading: of verify.reading.read; asked: option pfs of module sriov; ports: testbed_ports."""
    rows = []
    for item in asked:
        select = {key: value for key, value in sorted(item["select"].items()) if value is not None}
        words = ", ".join("%s %s" % pair for pair in select.items())
        addresses = [address for address, pf in sorted(reading.items()) if _is_meant(address, pf, select, ports)]
        if not set(select) & {"address", "name", "network"}:
            rows.append(finding(words, "cannot be verified: selected by what is not read", CHOOSE))
        elif not addresses:
            rows.append(finding(words, "the PF is not there", "Look at the card, its driver and the kernel log"))
        else:
            for address in addresses:
                rows += _pf(reading[address], item, address)
    return rows


def _is_meant(address, pf, select, ports):
    """True where address, name and network hold, as far as given: what can be read without sriov's own code."""
    if select.get("address", address) != address or select.get("name", pf["name"]) != pf["name"]:
        return False
    return "network" not in select or any(
        port["pci"] == address if port.get("pci") else port.get("interface") == pf["name"]
        for port in ports
        if port["network"] == select["network"] and (port.get("pci") or port.get("interface"))
    )


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
        elif key == "mtu" and not vf["netdev"]:
            continue  # no device, or one in another network namespace: it cannot be read from here
        elif key != "range" and value is not None and not _same(vf.get(key), value):
            rows.append(finding(title, "%s %s asked for, %s found" % (key, value, vf.get(key))))
    if vf["driver"] is None and "driver" not in options and (options.get("mac") or options.get("mtu")):
        rows.append(finding(title, "has no driver, so no network device"))
    if options.get("mac") and vf["netdev"] and not _same(vf["own_mac"], options["mac"]):
        rows.append(finding(title, "its device %s goes by the MAC %s" % (vf["netdev"], vf["own_mac"])))
    return rows


def _same(found, asked):
    return str(found).lower() == str(asked).lower()


def _driver(title, vf, asked):
    bound = vf["driver"] or "no driver"
    right = bound == "vfio-pci" if asked == "vfio-pci" else bound not in ("vfio-pci", "no driver")
    return [] if right else [finding(title, "driver %s asked for, bound to %s" % (asked, bound))]
