# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Asked against found, of one node: its VFs, and what else the testbed file asks of it."""

from __future__ import annotations

from ...module_utils import cpuset
from ...module_utils.errors import EngineError
from .words import words

SAME, DIFFERS, PROVEN = "as asked", "differs", "proven"
UNREAD = "not in the facts"  # asked for, and neither shown nor refuted by what was saved
NOT_ASKED = "not asked for"
UNITS = {"K": 1, "M": 1024, "G": 1024 * 1024}
# Whose verification speaks of a setting; that of a piece of hardware is nobody's.
ROLES = {
    "isolated CPUs": "node_boot",
    "kernel arguments": "node_boot",
    "hugepages": "node_tuning",
    "tuning": "node_tuning",
    "RDMA": "node_rdma",
}
# What a VF has beside network, VLAN, MAC and driver, which have columns of their own.
COLUMNS = ("range", "network", "vlan", "mac", "driver")


def pfs(variables, machine, findings, proven):
    """The ports of which VFs are asked for, each with its VFs.

    findings: rows of the verification about this node; proven: True where a verification that is not out of date
    looked at the node. The state of a PF and a VF is "differs", "proven", "as asked" (in what was saved) or "not in the
    facts"; says: what the saved topology, findings: what the verification has against it."""
    return [_pf(port, machine, findings, proven) for port in variables.get("testbed_ports") or [] if port.get("vfs")]


def found_device(port, devices):
    """Address of the device of a port: by its PCI address, else by its interface; None where it is not found."""
    if port.get("pci"):
        return port["pci"] if port["pci"] in devices else None
    named = [address for address, device in devices.items() if port.get("interface") in device["names"]]
    return named[0] if named else None


def _pf(port, machine, findings, proven):
    devices = machine["devices"]
    address = found_device(port, devices)
    device = devices.get(address) or {"names": [], "vfs": None, "vfs_total": None, "vf_addresses": []}
    known = {devices[vf]["vf"]: vf for vf in device["vf_addresses"] if vf in devices}
    titles = [*device["names"], address or port.get("pci") or port.get("interface")]
    asked = _asked(port["vfs"])
    says = _pf_differs(port["vfs"].get("count"), device["vfs"], address) if machine["state"] == "read" else []
    found = [row["what"] for row in findings if row["device"] in titles]
    return {
        "nic": port.get("nic"),
        "port": port.get("port"),
        "network": port.get("network"),
        "address": address or port.get("pci"),
        "name": (device["names"] or [port.get("interface")])[0],
        "asked": port["vfs"].get("count"),
        "found": device["vfs"],
        "total": device["vfs_total"],
        "state": _state(says + found, proven, address is not None),
        "says": says,
        "findings": found,
        "vfs": [
            _vf(index, asked.get(index), known.get(index), (machine, titles, findings, proven))
            for index in sorted(set(asked) | set(known))
        ],
    }


def _pf_differs(asked, found, address):
    if address is None:
        return ["no such PF in the saved topology"]
    return [] if asked == found else ["%s VFs asked for, %s in the saved topology" % (words(asked), words(found))]


def _asked(vfs):
    """{index: options} of all VFs that are asked for; {} for one of which nothing but its being is asked."""
    found = {index: {} for index in range(vfs.get("count") or 0)}
    for options in vfs.get("config") or []:
        for index in cpuset.parse(options.get("range", "")):
            found[index] = {**found.get(index, {}), **options}
    return found


def _vf(index, options, address, around):
    machine, titles, findings, proven = around
    device = machine["devices"].get(address)
    found = [row["what"] for row in findings if row["device"] in ["%s VF %d" % (title, index) for title in titles]]
    says = _differs(options, device) if machine["state"] == "read" else []
    asked = options or {}
    return {
        "index": index,
        "network": asked.get("network"),
        "vlan": asked.get("vlan"),
        "mac": asked.get("mac"),
        "driver": None if options is None else asked.get("driver") or "netdevice",
        "options": {key: asked[key] for key in sorted(asked) if key not in COLUMNS and asked[key] is not None},
        "found_address": address,
        "found_name": device["names"][0] if device and device["names"] else None,
        "found_driver": device["driver"] if device else None,
        "state": _state(says + found, proven, device is not None),
        "says": says,
        "findings": found,
    }


def _differs(options, device):
    if options is None:
        return ["is not asked for"]
    if device is None:
        return ["is not in the saved topology"]
    asked, bound = options.get("driver") or "netdevice", device["driver"]
    right = bound == "vfio-pci" if asked == "vfio-pci" else bound not in ("vfio-pci", None)
    return [] if right else ["driver %s asked for, bound to %s" % (asked, bound or "none")]


def _state(says, proven, is_found):
    if says:
        return DIFFERS
    if proven:
        return PROVEN
    return SAME if is_found else UNREAD


def roles(variables):
    """Names of the roles of which the testbed file asks something of a node."""
    ports = variables.get("testbed_ports") or []
    asks = {
        "node_sriov": any(port.get("vfs") for port in ports),
        "node_network": any(port.get("address") for port in ports),
        "node_boot": variables.get("testbed_isolated_cpus") or variables.get("testbed_kernel_arguments"),
        "node_tuning": variables.get("testbed_hugepages") or _unless_none(variables.get("testbed_tuning")),
        "node_rdma": variables.get("testbed_rdma"),
    }
    return {role for role, asked in asks.items() if asked}


def settings(variables, machine, covered=()):
    """{title: {"asked", "found", "state"}}: CPUs, hugepages, kernel arguments, tuning, RDMA and accelerators.

    covered: roles of which a verification that is not out of date found nothing wrong on the node."""
    rows = _settings(variables, machine)
    for title, row in rows.items():
        if row["state"] in (SAME, UNREAD) and ROLES.get(title.split(" of ", maxsplit=1)[0]) in covered:
            row["state"] = PROVEN
    return rows


def _settings(variables, machine):
    found = machine["found"]
    isolated = variables.get("testbed_isolated_cpus") or None
    rows = {
        "isolated CPUs": _row(isolated, found and (found["isolated_cpus"] or "none"), _same_cpus),
        "reserved CPUs": _row(variables.get("testbed_reserved_cpus") or None),
        "kernel arguments": _row(list(variables.get("testbed_kernel_arguments") or []) or None),
        "tuning": _row(_unless_none(variables.get("testbed_tuning"))),
        "RDMA": _row(dict(variables.get("testbed_rdma") or {}) or None),
    }
    for asked in variables.get("testbed_hugepages") or []:
        rows[_pages_title(asked)] = _row(asked.get("count"), found and _pages(asked, found), _is)
    for asked in variables.get("testbed_accelerators") or []:
        rows[_accelerator_title(asked)] = _row(asked.get("count", 1), found and _count(asked, machine), _at_least)
    return rows


def _row(asked, found=None, same=None):
    """A row; found is None where the facts do not hold it."""
    if asked is None:
        state = NOT_ASKED
    elif found is None or same is None:
        state = UNREAD
    else:
        state = SAME if same(asked, found) else DIFFERS
    return {"asked": asked, "found": found, "state": state}


def _unless_none(tuning):
    return None if tuning in (None, "", "none") else tuning


def _same_cpus(asked, found):
    try:
        return cpuset.parse(asked) == cpuset.parse(found)
    except EngineError:
        return False


def _is(asked, found):
    return asked == found


def _at_least(asked, found):
    return found >= asked


def _place(asked):
    return "" if asked.get("numa_node") is None else ", NUMA node %s" % asked["numa_node"]


def _pages_title(asked):
    return "hugepages of %s%s" % (asked.get("size"), _place(asked))


def _accelerator_title(asked):
    return " ".join(str(part) for part in (asked.get("kind"), asked.get("id")) if part) + _place(asked)


def _pages(asked, found):
    """Pages of the size in the node asked for, or in all; None for a size that the machine has not got."""
    size = str(asked.get("size") or "").upper()
    if not size[:-1].isdigit() or size[-1:] not in UNITS:
        return None
    key = "%dkB" % (int(size[:-1]) * UNITS[size[-1]])
    wanted = asked.get("numa_node")
    counts = [
        node["hugepages"].get(key)
        for name, node in found["numa_nodes"].items()
        if wanted is None or name == str(wanted)
    ]
    known = [number for number in counts if number is not None]
    return sum(known) if known else None


def _count(asked, machine):
    return sum(
        1
        for device in machine["devices"].values()
        if device["kind"] == asked.get("kind")
        and device["role"] != "vf"
        and asked.get("numa_node") in (None, device["numa_node"])
        and asked.get("id") in (None, device["id"])
    )
