# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The form of a saved topology, as far as a plan reads it. Pure.

A rule is a function of a value that says in words what it must be, "" where it is that; a table of rules stands for a
mapping, and a list of one rule for a list.
"""

from __future__ import annotations

import re

from ...module_utils.topology.address import is_address

PAGES = re.compile(r"[1-9][0-9]{0,11}kB")
LONGEST = 120
MOST = 1 << 20  # CPUs, NUMA nodes, VFs: more would be a mistake, and take all memory


def fault(topology):
    """The first fault of a topology, with its path, "" for none."""
    return next(_faults(topology, TOPOLOGY, ""), "")


def _faults(value, rule, path):
    if isinstance(rule, Maybe):
        if value is not None:
            yield from _faults(value, rule.rule, path)
    elif isinstance(rule, dict):
        yield from _of_mapping(value, rule, path)
    elif isinstance(rule, list):
        if not isinstance(value, list):
            yield _told(path, value, "a list")
            return
        for number, inner in enumerate(value):
            yield from _faults(inner, rule[0], "%s[%d]" % (path, number))
    else:
        must = rule(value)
        if must:
            yield _told(path, value, must)


def _of_mapping(value, rule, path):
    if not isinstance(value, dict):
        yield _told(path, value, "a mapping")
        return
    for key, inner in rule.items():
        at = "%s.%s" % (path, key) if path else key
        if key in value or isinstance(inner, Maybe):
            yield from _faults(value.get(key), inner, at)
        else:
            yield "%s is missing" % at
    if rule is DEVICE:
        sriov = value.get("sriov")
        yield from _faults(sriov, SRIOV.get(sriov.get("role"), {}), "%s.sriov" % path)


def _told(path, value, must):
    text = repr(value)
    text = text if len(text) <= LONGEST else text[:LONGEST] + "..."
    return "%s must be %s, not %s" % (path or "it", must, text)


class Maybe:
    """A rule for what may be left out, or be null."""

    def __init__(self, rule):
        self.rule = rule


def _number(least, most, words):
    def rule(value):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return "" if whole and least <= value < most else words

    return rule


def _text(value):
    return "" if isinstance(value, str) else "a text"


def _flag(value):
    return "" if isinstance(value, bool) else "true or false"


def _address(value):
    return "" if isinstance(value, str) and is_address(value) else "a PCI address"


def _role(value):
    return "" if value in (None, "pf", "vf") else "pf, vf or null"


def _pages(value):
    """Huge pages by their size: {"2048kB": {"total": 0}}."""
    if not isinstance(value, dict):
        return "a mapping"
    for size, counts in value.items():
        if not PAGES.fullmatch(size):
            return "a mapping of sizes such as 2048kB"
        if not isinstance(counts, dict):
            return "a mapping of sizes to a mapping with total"
        if any(COUNT(counts[key]) for key in ("total", "free") if counts.get(key) is not None):
            return "a mapping of sizes to numbers of pages, from 0"
    return ""


COUNT = _number(0, 1 << 62, "a number from 0")
SMALL = _number(0, MOST, "a number from 0")
NODE = _number(-1, MOST, "a number from -1")
TEXTS = [_text]
DEVICE = {
    "address": _address,
    "kind": _text,
    "vendor": _text,
    "device": _text,
    "class": Maybe(_text),
    "numa_node": Maybe(NODE),
    "driver": Maybe(_text),
    "iommu_group": Maybe(COUNT),
    "pcie_path": Maybe(TEXTS),
    "net": TEXTS,
    "rdma": Maybe(TEXTS),
    "sriov": {"role": Maybe(_role)},
}
SRIOV = {
    "pf": {"total": SMALL, "num": SMALL, "vfs": [_address], "offset": Maybe(SMALL), "stride": Maybe(SMALL)},
    "vf": {"pf": _address, "index": Maybe(SMALL)},
}
CPU = {"cpu": SMALL, "online": Maybe(_flag), "isolated": Maybe(_flag)}
NUMA_NODE = {"node": SMALL, "cpus": [SMALL], "memory_bytes": Maybe(COUNT), "hugepages": _pages}
TOPOLOGY = {"cpus": [CPU], "numa_nodes": [NUMA_NODE], "pci_devices": [DEVICE]}
