# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""From module parameters to entries: every rule that needs no look at the node, all faults at once."""

from __future__ import annotations

import re

from .. import bounds, cpuset
from ..errors import EngineError, Problem, ProblemsError
from .model import VF_KEYS, VFIO, WantedPf

ADDRESS = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
HEX_ID = re.compile(r"[0-9a-f]{4}")
BOUNDS = {
    "vlan": (0, 4094),
    "qos": (0, 7),
    "mtu": bounds.MTU,
    "min_tx_rate": bounds.RATE,
    "max_tx_rate": bounds.RATE,
}
BOUND_WORDS = {"min_tx_rate": " Mbit/s", "max_tx_rate": " Mbit/s", "mtu": " bytes"}


class Entry:
    """One item of "pfs": which PFs it selects, and what it asks of each."""

    def __init__(self, where, select, wanted):
        """where: "pfs[0]"; select: {name|address|network|vendor|device|numa_node: value}; wanted: WantedPf."""
        self.where = where
        self.select = select
        self.wanted = wanted


def entries(params):
    """The entries of the module's parameters. Raises ProblemsError with every fault found."""
    problems = []
    found = []
    for number, item in enumerate(params["pfs"] or []):
        where = "pfs[%d]" % number
        select = _select(item["select"], where + ".select", params["ports"] or [], problems)
        found.append(Entry(where, select, _wanted(item, where, problems)))
    _same_mac_twice(found, problems)
    if problems:
        raise ProblemsError(problems, where="sriov")
    return found


def _select(select, where, ports, problems):
    chosen = {key: value for key, value in select.items() if value is not None}
    if not chosen:
        advice = "Give at least one of: address, device, name, network, numa_node, vendor"
        problems.append(Problem(where, "selects nothing", advice))
    for key, form, example in (
        ("address", ADDRESS, "0000:21:00.0"),
        ("vendor", HEX_ID, "8086"),
        ("device", HEX_ID, "10c9"),
    ):
        if key in chosen:
            chosen[key] = chosen[key].lower()
            if not form.fullmatch(chosen[key]):
                problems.append(Problem(where + "." + key, "is not of the form %s" % example, value=chosen[key]))
    if "network" in chosen:
        chosen["ports"] = _ports_of(chosen.pop("network"), where + ".network", ports, problems)
    return chosen


def _ports_of(network, where, ports, problems):
    hits = [port for port in ports if port.get("network") == network and (port.get("pci") or port.get("interface"))]
    if not hits:
        known = sorted({str(port.get("network")) for port in ports}) or ["none"]
        advice = "Ports are known for: %s. Give the network's port in 'ports'" % ", ".join(known)
        problems.append(Problem(where, "no port of this node is on that network", advice, network))
    return hits


def _wanted(item, where, problems):
    count = item["count"]
    if count is not None and count < 0:
        problems.append(Problem(where + ".count", "must not be negative", "0 removes all VFs", count))
    _bounds(item, ("mtu",), where, problems)
    vfs = {}
    for number, options in enumerate(item["vfs"] or []):
        _add_vfs(options, "%s.vfs[%d]" % (where, number), count, vfs, problems)
    for index, keys in sorted(vfs.items()):
        _rules_of_one_vf(keys, "%s.vfs (VF %d)" % (where, index), problems)
    up = item["up"] if item["up"] is not None or not count else True  # a VF has a link only while its PF is up
    return WantedPf(count, item["mtu"], up, vfs, where)


def _add_vfs(options, where, count, vfs, problems):
    try:
        indexes = cpuset.parse(options["range"], where + ".range")
    except EngineError as error:
        problems.append(Problem(where + ".range", error.what, error.advice, options["range"]))
        return
    if not indexes:
        problems.append(Problem(where + ".range", "names no VF", 'Write for example "0-3"', options["range"]))
    keys = _vf_keys(options, where, problems)
    for index in indexes:
        if count is not None and index >= count:
            text = "there is no VF %d with count %d" % (index, count)
            problems.append(
                Problem(where + ".range", text, "VFs count from 0; raise count or mend the range", options["range"])
            )
            break
        twice = sorted(set(keys) & set(vfs.get(index, {})))
        if twice:
            text = "VF %d has %s already" % (index, ", ".join(twice))
            problems.append(Problem(where, text, "State each key once for each VF"))
        vfs.setdefault(index, {}).update(keys)


def _vf_keys(options, where, problems):
    keys = {key: options[key] for key in VF_KEYS if options.get(key) is not None}
    _bounds(keys, BOUNDS, where, problems)
    if "mac" in keys:
        keys["mac"] = keys["mac"].lower().replace("-", ":")
        fault = _mac_fault(keys["mac"])
        if fault:
            problems.append(Problem(where + ".mac", fault, "Write for example 02:00:00:00:01:00", options["mac"]))
    return keys


def _mac_fault(mac):
    if not MAC.fullmatch(mac):
        return "is not a MAC address"
    if mac == "00:00:00:00:00:00":
        return "is the empty address"
    return "is a multicast address" if int(mac[:2], 16) & 1 else ""


def _bounds(keys, names, where, problems):
    for key in names:
        value = keys.get(key)
        if value is None:
            continue
        low, high = BOUNDS[key]
        if not low <= value <= high:
            text = "must be from %d to %d%s" % (low, high, BOUND_WORDS.get(key, ""))
            problems.append(Problem("%s.%s" % (where, key), text, value=value))


def _rules_of_one_vf(keys, where, problems):
    if keys.get("qos") and not keys.get("vlan"):
        problems.append(Problem(where + ".qos", "a priority needs a VLAN", "Give vlan too", keys["qos"]))
    if "vlan" in keys:
        keys.setdefault("qos", 0)  # the kernel sets both in one message
    low, high = keys.get("min_tx_rate", 0), keys.get("max_tx_rate", 0)
    if high and low > high:
        problems.append(Problem(where + ".min_tx_rate", "is above max_tx_rate %d" % high, value=low))
    if keys.get("driver") == VFIO and "mtu" in keys:
        advice = "The program that uses the VF sets its MTU; leave mtu out"
        problems.append(Problem(where + ".mtu", "a VF bound to vfio-pci has no network device", advice, keys["mtu"]))


def _same_mac_twice(found, problems):
    owners = {}
    for entry in found:
        for index, keys in sorted(entry.wanted.vfs.items()):
            place = "%s VF %d" % (entry.where, index)
            if "mac" in keys and keys["mac"] in owners:
                text = "the MAC address of %s too" % owners[keys["mac"]]
                problems.append(
                    Problem("%s.vfs (VF %d).mac" % (entry.where, index), text, "Each VF needs its own", keys["mac"])
                )
            elif "mac" in keys:
                owners[keys["mac"]] = place
