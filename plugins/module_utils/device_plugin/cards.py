# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The cards that our own plugin offers: what each one is on this node, and what the plugin is told of it.

The plugin looks device nodes up anew each time, since their numbers change; what is looked at here is whether there are
any, so that a card without is refused before anything is touched."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field

from ..accelerator.checks import CHECKS
from ..accelerator.devices import ADDRESS
from ..errors import Problem
from ..suggest import advice
from . import gpus, pools

PCI = "/sys/bus/pci/devices"
VFIO, UIO = "vfio-pci", ("uio_pci_generic", "igb_uio")
KEYS = ("resourceName", "resourcePrefix", "cards", "cdi")
CARD_KEYS = ("address", "nodes")
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
DRIVER_ADVICE = "Run role node_accelerator, node_fpga or node_gpu; dmesg says why a driver does not take its card"
NODES_ADVICE = "Name pod_nodes in its entry of the catalogue, or bind it to vfio-pci"
WHOLE = "one pod gets a card whole; sharing (time slicing, MPS) is not there yet"


@dataclass
class Card:
    """A card as the plugin is told of it, and what is wrong with it: (what, advice) or None."""

    address: str
    driver: str = None
    numa: int = None
    nodes: list = field(default_factory=list)
    cdi: list = field(default_factory=list)
    fault: tuple = None


def problems(given):
    """[Problem] of what is wrong with pools of cards on any node."""
    found, names, owners = [], set(), {}
    for number, pool in enumerate(given):
        path = "pools[%d]" % number
        for key in pool:
            if key not in KEYS:
                hint = WHOLE if key in ("replicas", "sharing") else advice(key, KEYS)
                found.append(Problem("%s.%s" % (path, key), "unknown key", hint))
        if not all(NAME.fullmatch(str(pool.get(key) or "")) for key in ("resourcePrefix", "resourceName")):
            what = "needs resourcePrefix and resourceName"
            found.append(Problem(path, what, "Write for example example.com and asic", pool.get("resourceName")))
            continue
        name = pools.resource(pool, "cards")
        if name in names:
            found.append(Problem(path + ".resourceName", "is there twice", "Rename one", name))
        names.add(name)
        found += _card_problems(pool.get("cards"), path + ".cards", name, owners)
    return found


def _card_problems(given, path, name, owners):
    if not isinstance(given, list) or not given:
        yield Problem(path, "is no list of cards", 'Write for example [{address: "0000:5e:00.0"}]', given)
        return
    for number, one in enumerate(given):
        place = "%s[%d]" % (path, number)
        if not isinstance(one, dict) or not ADDRESS.fullmatch(str(one.get("address"))):
            yield Problem(place, "has no PCI address", 'Write for example {address: "0000:5e:00.0"}', one)
            continue
        for key in one:
            if key not in CARD_KEYS:
                yield Problem("%s.%s" % (place, key), "unknown key", advice(key, CARD_KEYS))
        globs = one.get("nodes") or []
        hint = 'Write a list of globs below its folder in sysfs, such as ["uio/uio*"]'
        if isinstance(globs, list):
            yield from CHECKS["pod_nodes"](place + ".nodes", globs, hint)
        else:
            yield Problem(place + ".nodes", "is no list of globs", hint, globs)
        if one["address"] in owners:
            yield Problem(place, "is in %s, too" % owners[one["address"]], "A card has one owner", one["address"])
        owners[one["address"]] = name


def observe(system, given, devices):
    """{address: Card} of the cards in these pools. devices: pci_devices of a topology."""
    known = {device["address"]: device for device in devices}
    found = {}
    named = gpus.names(system) if any(pool.get("cdi") for pool in given) else {}
    for pool in given:
        for one in pool["cards"]:
            card = _card(system, one, known.get(one["address"]), pool.get("cdi"))
            if pool.get("cdi") and card.fault is None:
                card.cdi, card.fault = gpus.cdi(named, pool["cdi"], card.address)
            found[card.address] = card
    return found


def _card(system, one, device, cdi):
    """The Card of an entry of a pool. device: as a topology has it, None for one that is not there."""
    card = Card(one["address"])
    if device is None:
        card.fault = ("is not on this node", "Run playbook discover, so that the node's own devices are known")
        return card
    card.driver = device["driver"]
    card.numa = device["numa_node"] if (device["numa_node"] or 0) >= 0 else None
    if card.driver is None:
        card.fault = ("has no driver", DRIVER_ADVICE)
    elif card.driver == VFIO:
        group = "/dev/vfio/%s" % system.link_name("%s/%s/iommu_group" % (PCI, card.address))
        lost = [path for path in (group, "/dev/vfio/vfio") if not system.exists(path)]
        card.fault = ("has no device node %s" % lost[0], DRIVER_ADVICE) if lost else None
    else:
        card.nodes = ["uio/uio*"] if card.driver in UIO else list(one.get("nodes") or [])
        if not card.nodes and not cdi:
            what = "has driver %s, and nobody says which device nodes it makes" % card.driver
            card.fault = (what, NODES_ADVICE)
        for glob in card.nodes:
            if not any(_is_node(system, path) for path in matching(system, "%s/%s" % (PCI, card.address), glob)):
                card.fault = ("has no device node: nothing fits %s in its folder of sysfs" % glob, DRIVER_ADVICE)
    return card


def matching(system, folder, glob):
    """Paths below a folder that a glob of several words means."""
    found = [folder]
    for word in glob.split("/"):
        found = [
            "%s/%s" % (path, name) for path in found for name in system.list(path) if fnmatch.fnmatchcase(name, word)
        ]
    return found


def _is_node(system, path):
    names = re.findall(r"(?m)^DEVNAME=(.+)$", system.read(path + "/uevent") or "")
    return bool(names) and system.exists("/dev/" + names[0])


def members(given, seen):
    """({resource: [address]}, [Problem]). seen: {address: Card}."""
    found, faults = {}, []
    for number, pool in enumerate(given):
        name = pools.resource(pool, "cards")
        found[name] = sorted(one["address"] for one in pool["cards"])
        for address in found[name]:
            if seen[address].fault:
                path = "pools[%d] %s: %s" % (number, name, address)
                faults.append(Problem(path, *seen[address].fault))
    return found, faults


def rows(given, seen):
    """What the plugin's configuration has: the pools, with what it has to know of each card."""
    return [
        {
            "resourcePrefix": pool["resourcePrefix"],
            "resourceName": pool["resourceName"],
            "cards": [
                {
                    "address": card.address,
                    "driver": card.driver,
                    "numa": card.numa,
                    "nodes": card.nodes,
                    "cdi": card.cdi,
                }
                for card in (seen[one["address"]] for one in pool["cards"])
            ],
        }
        for pool in given
    ]


def foreign(expected, ours, registered):
    """[Problem] for resources that a plugin of others offers by the same name, under ids of its own."""
    found = []
    for name, addresses in sorted(expected.items()):
        strange = sorted(set(registered.get(name, ())) - set(addresses))
        if strange and name not in ours:
            what = "is offered by another plugin already, with device %s" % strange[0]
            hint = "Take that plugin away, or leave these cards to it (for GPUs: cluster_gpu_driver: theirs)"
            found.append(Problem(name, what, hint))
    return found
