# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Replicas with what each is given, and which of them one workload can hold: those whose pods are the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..errors import Problem
from . import names, table
from .addresses import Want

AGAIN = "Place the services again, and give that result"
ASKED = ("gpu", "fpga", "asic")


@dataclass
class Replica:
    """One pod to be. entries: {container: placement entry}, {} where it was not placed."""

    number: int
    node: str = ""
    entries: dict = field(default_factory=dict)
    requests: dict = field(default_factory=dict)  # {container: {resource: count}}
    attachments: list = field(default_factory=list)
    wants: list = field(default_factory=list)  # of each attachment, in their order
    addresses: list = field(default_factory=list)  # of each attachment, None where it has none
    claims: dict = field(default_factory=dict)  # {container: its claim, as claims.of_replica gives it}
    count: int = 1  # 0 stands for a workload of no pods


def pinned(container):
    """Whether a container gets CPUs of its own: it needs whole CPUs, and requests = limits in the whole pod."""
    return container["acceleration"]["topology"] != "none"


def guaranteed(service):
    """Whether all containers of a service need requests = limits: one without would spoil it for those pinned."""
    return any(pinned(container) for container in service["containers"])


def index(placements):
    """{(namespace, service): {replica: {container: entry}}}."""
    found = {}
    for entry in placements:
        replicas = found.setdefault((entry["namespace"], entry["service"]), {})
        replicas.setdefault(entry["replica"], {})[entry["container"]] = entry
    return found


class Reader:
    """Makes the Replicas of services."""

    def __init__(self, pools, definitions, problems):
        self.pools, self.definitions, self.problems = pools, definitions, problems
        self.site = definitions.site
        self.options = definitions.options

    def read(self, service, placed):
        """[Replica] of a service in the order of their numbers, those that were not placed too."""
        found = [self._replica(service, number, entries) for number, entries in sorted(placed.items())]
        if service["kind"] == "DaemonSet" and found:
            return found  # the placement has one for each node
        over = [number for number in placed if number >= service["replicas"]]
        if over and service["kind"] != "DaemonSet":
            path = "placements: %s/%s" % (service["namespace"], service["name"])
            what = "has replica %d, and the service has %d" % (max(over), service["replicas"])
            self.problems.append(Problem(path, what, AGAIN))
        found += [self._unplaced(service, number) for number in range(service["replicas"]) if number not in placed]
        if not found:
            found = [self._unplaced(service, 0)]
            found[0].count = 0
        return sorted(found, key=lambda replica: replica.number)

    def _replica(self, service, number, entries):
        nodes = sorted({entry["node"] for entry in entries.values()})
        replica = Replica(number, nodes[0], entries)
        self._compare(service, replica, nodes)
        taken = []
        for container in service["containers"]:
            counts = replica.requests[container["name"]] = {}
            for device in entries.get(container["name"], {"devices": []})["devices"]:
                resource = self._take(replica.node, device, taken)
                if resource:
                    counts[resource] = counts.get(resource, 0) + 1
        self._attach(service, replica, taken)
        return replica

    def _take(self, node, device, taken):
        """The resource that a device is asked for as, None for one that a pod does not ask for."""
        if device["resource"] == "gpu":
            return self.options["resources"]["gpu"]
        pool = self.pools.of(node, device)
        if pool is None:
            return self.options["resources"].get(device["resource"])
        if pool.kind in (table.VF, table.SHARED):
            taken.append(self.definitions.of_pool(node, pool))
        return pool.resource

    def _compare(self, service, replica, nodes):
        """The placement must be one of this service, as it is written now."""
        path = "placements: %s/%s replica %d" % (service["namespace"], service["name"], replica.number)
        names_of = {container["name"] for container in service["containers"]}
        if set(replica.entries) != names_of or len(nodes) != 1:
            what = "has containers %s on %s" % (", ".join(sorted(replica.entries)), ", ".join(nodes))
            self.problems.append(Problem(path, "%s, the service has %s" % (what, ", ".join(sorted(names_of))), AGAIN))
            return
        for container in service["containers"]:
            devices = replica.entries[container["name"]]["devices"]
            given = Counter(device["resource"] for device in devices)
            given["sriov"] = sum(map(table.is_vf, devices))
            asked = dict(
                container["acceleration"]["compute"], sriov=container["acceleration"]["communication"]["sriov"]
            )
            for kind in (*ASKED, "sriov"):
                if given[kind] != asked[kind]:
                    what = "container %s was given %d %s and asks for %d" % (
                        container["name"],
                        given[kind],
                        kind,
                        asked[kind],
                    )
                    self.problems.append(Problem(path, what, AGAIN))

    def _attach(self, service, replica, taken):
        """VFs and shared RDMA first, then macvlan; each wants an address of its network."""
        replica.attachments = taken + self._macvlans(service, replica.node)
        counts = Counter()
        for attachment in replica.attachments:
            self.definitions.use(service["namespace"], attachment)
            place = counts[attachment.network]
            counts[attachment.network] += 1
            replica.wants.append(Want(service["namespace"], service["name"], replica.number, attachment.network, place))

    def _macvlans(self, service, node):
        """The macvlan attachments, in the networks that are named, else in each of that purpose in turn."""
        count = sum(one["acceleration"]["communication"]["macvlan"] for one in service["containers"])
        if not count:
            return []
        chosen = service["networks"]["macvlan"]
        known = [name for name in chosen if name in self.site.networks] if chosen else self._reachable(node)
        if len(known) < max(len(chosen), 1):
            what = "there is no network %s" % ", ".join(set(chosen) - set(known)) if chosen else "no macvlan network"
            advice = "Known networks of that purpose: %s" % ", ".join(self.site.of_purpose("macvlan"))
            self.problems.append(Problem("%s.networks.macvlan" % service["name"], "%s on %s" % (what, node), advice))
            return []
        return [self.definitions.macvlan(node, known[number % len(known)]) for number in range(count)]

    def _reachable(self, node):
        here = {port["network"] for port in self.site.ports.get(node, [])}
        return [name for name in self.site.of_purpose("macvlan") if name in here]

    def _unplaced(self, service, number):
        """What it would ask for; it gets no address, and its pods wait."""
        replica = Replica(number)
        for container in service["containers"]:
            acceleration = container["acceleration"]
            counts = {self.options["resources"][kind]: acceleration["compute"][kind] for kind in ASKED}
            rdma = acceleration["communication"]["rdma"]
            for place in range(acceleration["communication"]["sriov"]):
                networks = service["networks"]["sriov"]
                network = networks[place % len(networks)] if networks else None
                pool = self.pools.first(network, place < rdma)
                if pool is not None:
                    counts[pool.resource] = counts.get(pool.resource, 0) + 1
                    replica.attachments.append(self.definitions.of_pool("", pool))
            replica.requests[container["name"]] = {name: count for name, count in counts.items() if count}
        for attachment in replica.attachments:
            self.definitions.use(service["namespace"], attachment)
        replica.addresses = [None] * len(replica.attachments)
        return replica


def groups(service, replicas):
    """[[Replica]]: those of one group have the same pod; the first has the lowest number."""
    found = {}
    for replica in replicas:
        found.setdefault(_signature(service, replica), []).append(replica)
    return list(found.values())


def floats(service):
    """Whether one workload spans nodes: its pods are made by a controller that knows no replica numbers."""
    return service["kind"] == "DaemonSet" or service["autoscaling"]["horizontal"] is not None


def _signature(service, replica):
    """What the pods of one workload share."""
    node = bool(replica.node) if floats(service) else replica.node
    requests = [(name, sorted(counts.items())) for name, counts in replica.requests.items()]
    attached = [(one.definition, address) for one, address in zip(replica.attachments, replica.addresses)]
    return names.compact([node, requests, attached, replica.claims])
