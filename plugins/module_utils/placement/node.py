# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""A node as placement sees it: what can be given per NUMA node, and devices in pools of equal ones."""

from __future__ import annotations

from ..distance import devices as devs
from ..errors import EngineError
from . import facts_check, quantity
from .pools import Ports, pools_of
from .rank import Ranks
from .reading import Reader

POLICIES = ("none", "best-effort", "restricted", "single-numa-node")
SCOPES = ("container", "pod")


class Node:
    """A node. Lists have one entry per NUMA node, in the order of numa_ids.

    form is the same number for nodes that differ in nothing but their name; form_key says in what.
    """

    def __init__(self, record, path, reader, ranks):
        field = reader.field
        self.name = field(record, "name", str, path, "", needed=True)
        self.policy = _one_of(reader, record, "policy", path, POLICIES)
        self.scope = _one_of(reader, record, "scope", path, SCOPES)
        self.full_cores = str(field(record, "cpu_options", dict, path, {}).get("full-pcpus-only")).lower() == "true"
        self.cpu_options = _options(reader, record, path)
        self.topology = devs.unwrap(field(record, "topology", dict, path, {}, needed=True))
        if not facts_check.check(reader, self.topology, path + ".topology"):
            raise EngineError("cannot be relied on", path + ".topology", devs.EXPECTED)
        self._numa(reader, path + ".topology")
        self._cpus(reader, record, path)
        self._memory(reader, record, path)
        known = devs.all_devices(self.topology)
        self.root_nodes = devs.root_nodes(self.topology, known)
        self.ranks = ranks.of({tuple(device["pcie_path"]) for device in known}, self.root_nodes)
        self.ports = Ports(reader, record, path, {device["address"]: device for device in known})
        self.pools = pools_of(known, self.ports, self.root_nodes, self.numa_ids)
        self.pools_named, self.pool_of = {}, {}
        for place, pool in enumerate(self.pools):
            self.pool_of.update({(pool.resource, address): place for address, dummy in pool.devices})
            self.pools_named.setdefault(pool.plugin_resource, []).append(place)
        self._links()
        self.form = 0

    def form_key(self):
        """What decides how a pod can sit on it; equal for nodes of one make and setting."""
        return (
            (self.policy, self.scope, self.cpu_options, self.threads, self.pins_memory),
            (tuple(self.numa_ids), tuple(self.all_cpus), tuple(map(len, self.cpus)), self.milli),
            (tuple(self.memory), self.total_memory, tuple((size, tuple(has)) for size, has in self.hugepages.items())),
            tuple(pool.signature() for pool in self.pools),
            id(self.ranks),
        )

    def _numa(self, reader, path):
        entries = sorted(
            (entry for dummy, entry in reader.mappings(self.topology, "numa_nodes", path)),
            key=lambda entry: entry.get("node", -1),
        )
        if not entries:
            reader.fault(path + ".numa_nodes", "has no NUMA node", devs.EXPECTED)
        self.numa_entries = entries
        self.numa_ids = [reader.count(entry, "node", path + ".numa_nodes") for entry in entries]
        self.place_of = {number: place for place, number in enumerate(self.numa_ids)}

    def _cpus(self, reader, record, path):
        self.reserved = reserved = reader.cpus(record, "reserved_cpus", path)
        self.cpus = [[] for dummy in self.numa_ids]  # those that can be given exclusively
        self.all_cpus = [0 for dummy in self.numa_ids]
        self.siblings, count = {}, 0
        for where, cpu in reader.mappings(self.topology, "cpus", path + ".topology"):
            number = reader.count(cpu, "cpu", where)
            place = self.place_of.get(cpu.get("numa_node"), 0 if len(self.numa_ids) == 1 else None)
            if not cpu.get("online", True):
                continue
            count += number not in reserved
            self.siblings[number] = tuple(cpu.get("thread_siblings") or [number])
            if place is not None:
                self.all_cpus[place] += 1
                if number not in reserved:
                    self.cpus[place].append(number)
        self.threads = max(map(len, self.siblings.values()), default=1)
        self.milli = 1000 * count

    def _memory(self, reader, record, path):
        """Memory beside hugepages and the reserve, which is taken from the first NUMA node that has it."""
        reserve = reader.count(record, "reserved_memory", path)
        # The kubelet's Static policy does not start without a reserve.
        self.pins_memory = record.get("memory_manager", "Static" if reserve else "None") == "Static"
        self.memory, self.hugepages = [], {}
        for place, entry in enumerate(self.numa_entries):
            left = entry.get("memory_bytes") or 0
            for name, pool in sorted((entry.get("hugepages") or {}).items()):
                size = quantity.pages(name)
                taken = quantity.size(size) * (pool.get("total") or 0)
                if taken:
                    self.hugepages.setdefault(size, [0] * len(self.numa_ids))[place] = taken
                    left -= taken
            kept = min(reserve, max(left, 0))
            reserve -= kept
            self.memory.append(max(left - kept, 0))
        self.total_memory = sum(self.memory)

    def _links(self):
        """Numbers the links, those of the network first, so that a state counts users in a list."""
        names = {link for pool in self.pools for link in pool.links}
        names.update(link for port in self.ports.all() for link in port.links)
        names.update(disk.pcie_link for disk in self.ports.nvmes if disk.pcie_link)
        names = sorted(names)  # "net ..." before "pcie ..."
        self.port_links = sum(name.startswith("net ") for name in names)
        self.links = names
        self.link_of = {name: place for place, name in enumerate(names)}


def _options(reader, record, path):
    """((option, text)) of the CPU manager, sorted."""
    given = reader.field(record, "cpu_options", dict, path, {})
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, (str, bool)):
            reader.fault(path + ".cpu_options", "is no mapping of options to texts", "", value)
    return tuple(sorted((str(name), str(value).lower()) for name, value in given.items()))


def _one_of(reader, record, key, path, choices):
    value = reader.field(record, key, str, path, choices[0])
    if value not in choices:
        reader.fault("%s.%s" % (path, key), "is none of %s" % ", ".join(choices), "", value)
        return choices[0]
    return value


def read(records):
    """[Node] of node records, by name; nodes of one make have the same form. Raises ProblemsError."""
    reader, ranks, forms, found = Reader("nodes"), Ranks(), {}, {}
    if not isinstance(records, (list, tuple)):
        reader.fault("nodes", "is no list of node records", "See docs/placement.md", records)
        records = []
    for path, record in reader.entries(records, "nodes"):
        before = len(reader.problems)
        node = reader.attempt(Node, record, path, reader, ranks)
        if node is None or len(reader.problems) > before:
            continue
        if node.name in found:
            reader.fault(path + ".name", "is the name of two nodes", "Rename one", node.name)
        found[node.name] = node
    reader.finish()
    nodes = [found[name] for name in sorted(found)]
    for node in nodes:
        node.form = forms.setdefault(node.form_key(), len(forms))
    return nodes
