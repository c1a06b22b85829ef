# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Hugepages as a testbed asks for them: sizes, counts per NUMA node, and whether they leave enough memory.

The boot arguments take sizes from 1 GiB on (later, memory has no free range as long), the run time takes the others;
both look at the whole list, since all pages together must fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import Problem

# An item of the option "hugepages" of modules, for their argument specs.
OPTIONS = {
    "size": {"type": "str", "required": True},
    "count": {"type": "int", "required": True},
    "numa_node": {"type": "int"},
}
SIZE = re.compile(r"([1-9][0-9]{0,6})([KMG])")
FACTOR = {"K": 1, "M": 1024, "G": 1024 * 1024}  # in KiB, as the kernel counts
GIGANTIC_KIB = 1024 * 1024
# What a node needs for itself beside all hugepages: the kernel, the kubelet and a runtime start in less.
LEAST_LEFT_KIB = 512 * 1024
NODES = "/sys/devices/system/node"
MEMORY = re.compile(r"MemTotal:\s+(\d+) kB")


@dataclass(frozen=True)
class Asked:
    """Pages of one size on one NUMA node; numa_node None: the kernel spreads them."""

    size_kib: int
    count: int
    numa_node: int | None
    path: str  # where in the options it stands

    def total_kib(self):
        """The memory that they take."""
        return self.size_kib * self.count


def size_kib(text):
    """ "2M" -> 2048; raises ValueError for what is no size."""
    hit = SIZE.fullmatch(str(text).strip())
    if not hit:
        raise ValueError("%r is no size" % (text,))
    return int(hit.group(1)) * FACTOR[hit.group(2)]


def size_text(kib):
    """2048 -> "2M", as the kernel's command line takes it."""
    for unit in ("G", "M"):
        if kib % FACTOR[unit] == 0:
            return "%d%s" % (kib // FACTOR[unit], unit)
    return "%dK" % kib


def asked(items):
    """([Asked], [Problem]) of a list of {size, count, numa_node}."""
    found, problems, seen = [], [], {}
    for index, item in enumerate(items or []):
        path = "hugepages[%d]" % index
        try:
            size = size_kib(item["size"])
        except ValueError:
            problems.append(Problem(path + ".size", "is no size", "Write 2M or 1G", item["size"]))
            continue
        node, count = item.get("numa_node"), item["count"]
        if count < 0:
            problems.append(Problem(path + ".count", "is negative", "Write 0 or more", count))
            continue
        problems += _clash(seen, size, node, path)
        found.append(Asked(size, count, node, path))
    return found, problems


def _clash(seen, size, node, path):
    """[the Problem of a size that is given twice for a node, or once for a node and once for all], else []."""
    others = seen.setdefault(size, {})
    wrong = [at for other, at in others.items() if other == node or None in (other, node)]
    others[node] = path
    advice = "Give each size once per NUMA node, or once without one"
    return [Problem(path, "means the same pages as %s" % wrong[0], advice)] if wrong else []


def memory(system):
    """{NUMA node: KiB of memory}, nodes without memory left out; {0: all} where the kernel knows no nodes."""
    names = [name for name in system.list(NODES) if re.fullmatch("node[0-9]+", name)]
    texts = {int(name[4:]): system.read("%s/%s/meminfo" % (NODES, name)) or "" for name in names}
    if not texts:
        texts = {0: system.read("/proc/meminfo") or ""}
    hits = {node: MEMORY.search(text) for node, text in texts.items()}
    return {node: int(hit.group(1)) for node, hit in sorted(hits.items()) if hit and int(hit.group(1))}


def shortage(pages, nodes):
    """Problems where pages, a list of Asked, do not fit into nodes, {NUMA node: KiB}, or leave a node too little."""
    problems = [
        Problem(page.path + ".numa_node", "this node has no such NUMA node with memory", _choice(nodes), page.numa_node)
        for page in pages
        if page.numa_node is not None and page.numa_node not in nodes
    ]
    for node, has in nodes.items():
        here = [page for page in pages if page.numa_node == node]
        takes = sum(page.total_kib() for page in here)
        if takes >= has:
            what = "%d MiB of hugepages on NUMA node %d, which has %d MiB" % (takes // 1024, node, has // 1024)
            problems.append(Problem(here[0].path, what, "Ask for fewer"))
    has, takes = sum(nodes.values()), sum(page.total_kib() for page in pages)
    if takes and has - takes < LEAST_LEFT_KIB:
        what = "all hugepages take %d of %d MiB and leave less than the %d MiB that the node needs for itself"
        numbers = (takes // 1024, has // 1024, LEAST_LEFT_KIB // 1024)
        problems.append(Problem("hugepages", what % numbers, "Ask for %d MiB or less" % _most(has)))
    return problems


def _most(has):
    return max(0, has - LEAST_LEFT_KIB) // 1024


def _choice(nodes):
    return "Write one of %s" % ", ".join(map(str, nodes)) if nodes else ""
