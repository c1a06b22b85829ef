# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Reads services in normal form (docs/services.md) as pods to be placed."""

from __future__ import annotations

from ..suggest import advice
from . import quantity
from .demand import COMPUTE, NVME, Demand, Need, Pod, Slot
from .reading import Reader

TOPOLOGIES = ("none", "best-effort", "restricted", "single-numa-node")
# Every one of them is written out, so a slip of the pen must not fill the memory.
MOST_REPLICAS, MOST_DEVICES = 10000, 256
EXPECTED = "Give what gedge.engine.service_normalize returned"


def read(services, node_names):
    """[Pod] of services ({"services": [...]} or the list itself), by service and replica. Raises ProblemsError.

    node_names: all nodes; a DaemonSet has a pod on each that it may use.
    """
    reader = Reader("services")
    listed = services.get("services") if isinstance(services, dict) else services
    if not isinstance(listed, (list, tuple)):
        reader.fault("services", "is no list of services", EXPECTED)
        reader.finish()
    found = {}
    for path, service in reader.entries(listed, "services"):
        namespace = reader.field(service, "namespace", str, path, "") or "default"
        key = (namespace, reader.field(service, "name", str, path, "", needed=True))
        if key in found:
            reader.fault(path + ".name", "is the name of two services in namespace %s" % key[0], "Rename one", key[1])
        found[key] = _Service(reader, path, service, key, node_names)
    pods = [pod for key in sorted(found) for pod in found[key].pods()]
    reader.finish()
    return pods


class _Service:
    """One service while it is read."""

    def __init__(self, reader, path, service, key, node_names):
        self.reader, self.path, self.service, self.key = reader, path, service, key
        self.node_names = node_names
        self.flow = self._flow()

    def pods(self):
        """A Pod for each replica."""
        reader, service, path = self.reader, self.service, self.path
        demand = self._demand()
        allowed = reader.texts(service, "nodes", path)
        for name in sorted(set(allowed) - set(self.node_names)):
            reader.fault(path + ".nodes", "there is no such node", advice(name, self.node_names), name)
        common = {
            "key": self.key,
            "priority": reader.field(service, "priority", int, path, 0),
            "demand": demand,
            "apart": frozenset(self._apart()),
            "traffic": self._traffic(),
            "move": reader.field(service, "move", bool, path, False),
        }
        if service.get("kind") == "DaemonSet":
            places = [name for name in sorted(self.node_names) if not allowed or name in allowed]
            return [Pod(replica=at, nodes=frozenset([name]), daemon=True, **common) for at, name in enumerate(places)]
        replicas = reader.count(service, "replicas", path, 1, MOST_REPLICAS)
        nodes = frozenset(allowed) if allowed else None
        return [Pod(replica=replica, nodes=nodes, **common) for replica in range(replicas)]

    def _apart(self):
        for name in self.reader.texts(self.service, "anti_affinity", self.path):
            yield self.key if name == "self" else (self.key[0], name)

    def _traffic(self):
        """Edges of the graph; a flow from or to a service that has no edge is one of weight 1."""
        edges = {}
        for path, edge in self.reader.mappings(self.service, "traffic", self.path):
            name = self.reader.field(edge, "to", str, path, "", needed=True)
            edges[name] = edges.get(name, 0) + self.reader.count(edge, "weight", path, 1)
        for end in self.flow:
            if end.startswith("service:"):
                edges.setdefault(end.split(":", 1)[1], 1)
        return tuple(((self.key[0], name), edges[name]) for name in sorted(edges) if name != self.key[1])

    def _flow(self):
        flow = self.reader.field(self.service, "flow", dict, self.path, {})
        path = self.path + ".flow"
        ends = [self.reader.field(flow, end, str, path, "") for end in ("source", "sink")]
        for name, end in zip(("source", "sink"), ends):
            if end not in ("", NVME) and end.split(":")[0] not in ("network", "service"):
                text = 'Write "", nvme, network:NAME or service:NAME'
                self.reader.fault("%s.%s" % (path, name), "is no end of a data path", text, end)
        return ends

    def _demand(self):
        networks = self.reader.field(self.service, "networks", dict, self.path, {})
        names = {kind: self.reader.texts(networks, kind, self.path + ".networks") for kind in ("sriov", "macvlan")}
        containers = self.reader.mappings(self.service, "containers", self.path, needed=True)
        if not containers:
            self.reader.fault(self.path + ".containers", "has no container", EXPECTED)
            containers = [(self.path + ".containers[0]", {"name": "none"})]
        guaranteed = all(self._guaranteed(container, path) for path, container in containers)
        needs = [self._need(container, path, names, guaranteed) for path, container in containers]
        return Demand(tuple(needs), *self.flow)

    def _guaranteed(self, container, path):
        """Whether the kubelet's managers will look at it: pinned, or limits equal to requests."""
        if self._acceleration(container, path)[0] != "none":
            return True
        asked = self.reader.field(container, "resources", dict, path, {})
        limits = self.reader.field(container, "limits", dict, path, {})
        pairs = [(limits.get(name), asked.get(name)) for name in ("cpu", "memory")]
        return all(limit not in (None, "") and str(limit) == str(request) for limit, request in pairs)

    def _acceleration(self, container, path):
        """(topology, compute, communication) of a container."""
        block = self.reader.field(container, "acceleration", dict, path, {})
        where = path + ".acceleration"
        topology = self.reader.field(block, "topology", str, where, "none")
        if topology not in TOPOLOGIES:
            self.reader.fault(where + ".topology", "is no topology policy", advice(topology, TOPOLOGIES), topology)
            topology = "none"
        parts = [self.reader.field(block, part, dict, where, {}) for part in ("compute", "communication")]
        return [topology] + parts

    def _need(self, container, path, names, guaranteed):
        reader = self.reader
        topology, compute, communication = self._acceleration(container, path)
        asked = reader.field(container, "resources", dict, path, {})
        where = path + ".resources"
        milli = reader.attempt(quantity.milli, asked.get("cpu"), where + ".cpu") or 0
        pages = reader.field(asked, "hugepages", dict, where, {})
        sizes = [
            (str(name), reader.attempt(quantity.size, pages[name], "%s.hugepages.%s" % (where, name)) or 0)
            for name in sorted(pages, key=str)
        ]
        counts = [
            (kind, reader.count(compute, kind, path + ".acceleration.compute", 0, MOST_DEVICES)) for kind in COMPUTE
        ]
        return Need(
            name=reader.field(container, "name", str, path, "", needed=True),
            milli=milli,
            cpus=milli // 1000 if guaranteed and milli % 1000 == 0 else 0,
            memory=reader.attempt(quantity.size, asked.get("memory"), where + ".memory") or 0,
            hugepages=tuple(pair for pair in sizes if pair[1]),
            slots=tuple(self._slots(communication, path + ".acceleration.communication", names)),
            compute=tuple(pair for pair in counts if pair[1]),
            topology=topology,
            guaranteed=guaranteed,
        )

    def _slots(self, communication, path, names):
        """The VFs of a container, with the service's networks taken in order, those with RDMA first."""
        count = {
            kind: self.reader.count(communication, kind, path, 0, MOST_DEVICES) for kind in ("sriov", "rdma", "macvlan")
        }
        if not count["sriov"]:
            for dummy in range(count["rdma"]):
                yield Slot("", rdma=True, shared=True)
        for place in range(count["sriov"]):
            yield Slot(names["sriov"].pop(0) if names["sriov"] else "", rdma=place < count["rdma"])
        for dummy in range(count["macvlan"]):
            yield Slot(names["macvlan"].pop(0) if names["macvlan"] else "", macvlan=True)
