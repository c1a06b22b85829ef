# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The testbed as manifests need it: networks with the addresses that are taken, ports of nodes, VFs of a PF.

Input: {networks: testbed_networks, switches: testbed_switches, nodes: testbed_nodes, ports: {node: testbed_ports},
topologies: {node: topology}}; all but networks may be left out.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from ..cpuset import HIGHEST, parse
from ..errors import EngineError, Problem
from . import shape

KEYS = ("networks", "switches", "nodes", "ports", "topologies")
ADVICE = "Give the variables that the inventory plugin gedge.engine.testbed makes"
TOPOLOGY_ADVICE = "Give what gedge.engine.topology_facts returned as topology"


@dataclass
class Network:
    """One network; taken: {address as int: whose}; ranges: {name: (first, last)} as ints."""

    name: str
    vlan: int
    cidr: object
    mtu: int
    purpose: tuple
    ranges: dict = field(default_factory=dict)
    taken: dict = field(default_factory=dict)

    def text(self, number):
        """Address with prefix, as CNI wants it."""
        return "%s/%d" % (type(self.cidr.network_address)(number), self.cidr.prefixlen)

    def number(self, text):
        """The int of an address inside this network, None for any other text."""
        try:
            address = ipaddress.ip_address(str(text).split("/", 1)[0])
        except ValueError:
            return None
        return int(address) if address in self.cidr else None


@dataclass(frozen=True)
class Vf:
    """A virtual function; what is not known is None."""

    index: int
    address: str | None
    network: str
    vlan: int
    qos: int
    vfio: bool
    rdma: bool
    used: str  # what the node uses it for itself, "" for nothing


class Site:
    """The testbed; what is wrong with it goes into problems."""

    def __init__(self, testbed, problems):
        self.problems = problems
        parts = self._parts(testbed)
        self.ports = parts["ports"]
        self.topologies = parts["topologies"]
        self.networks = {}
        for name, data in sorted(parts["networks"].items()):
            network = self._network(name, data)
            if network is not None:
                self.networks[name] = network
        self._take(parts)
        self._by_address = {}
        self._vfs = {}

    def _parts(self, testbed):
        """Each part of the testbed, {} for one that is missing or wrong."""
        faults = shape.check(testbed, shape.TESTBED, "testbed", ADVICE)
        self.problems += faults
        return {key: (testbed.get(key) or {}) if not faults else {} for key in KEYS}

    def _network(self, name, data):
        path = "testbed.networks.%s" % name
        try:
            cidr = ipaddress.ip_network(data["cidr"], strict=False)
            network = Network(name, data["vlan"] or 0, cidr, data.get("mtu") or 1500, tuple(data.get("purpose") or ()))
            for label, span in (data.get("ranges") or {}).items():
                first, last = (int(ipaddress.ip_address(one.strip())) for one in span.split("-"))
                network.ranges[label] = (first, last)
        except ValueError as error:
            self.problems.append(Problem(path, "is no network of a testbed: %s" % error, ADVICE))
            return None
        if data.get("gateway"):
            self._mark(network, data["gateway"], "gateway")
        return network

    def _take(self, parts):
        """Mark the addresses of switches and nodes."""
        for name, switch in parts["switches"].items():
            network = self.networks.get(switch.get("network"))
            if network is not None and switch.get("address"):
                self._mark(network, switch["address"], "switch %s" % name)
        for node, addresses in parts["nodes"].items():
            for name, address in addresses.items():
                if name in self.networks:
                    self._mark(self.networks[name], address, node)
        for node, ports in self.ports.items():
            for port in ports:
                if port["network"] in self.networks and port.get("address"):
                    self._mark(self.networks[port["network"]], port["address"], node)

    @staticmethod
    def _mark(network, text, whose):
        number = network.number(text)
        if number is not None:
            network.taken.setdefault(number, whose)

    def of_purpose(self, purpose):
        """Names of the networks of a purpose, sorted."""
        return [name for name, network in self.networks.items() if purpose in network.purpose]

    def devices(self, node):
        """{PCI address: device} of the node's topology, {} where there is none."""
        if node not in self._by_address:
            found = self.topologies.get(node, {"pci_devices": []})
            faults = shape.check(found, shape.TOPOLOGY, "testbed.topologies.%s" % node, TOPOLOGY_ADVICE)
            self.problems += faults
            self._by_address[node] = {} if faults else {one["address"]: one for one in found["pci_devices"]}
        return self._by_address[node]

    def interface(self, node, port):
        """Name of a port on its node, None where nobody says."""
        if port.get("interface"):
            return port["interface"]
        names = self.devices(node).get(port.get("pci"), {}).get("net") or []
        return names[0] if names else None

    def address(self, node, port):
        """PCI address of a port, None where nobody says."""
        if port.get("pci"):
            return port["pci"]
        names = [
            one for one, device in self.devices(node).items() if port.get("interface") in (device.get("net") or [])
        ]
        return names[0] if names and port.get("interface") else None

    def port(self, node, pf, network):
        """The port of a PF: by address, else the only one whose network or VFs' network it is, else None."""
        ports = self.ports.get(node, [])
        exact = [port for port in ports if self.address(node, port) == pf]
        if exact:
            return exact[0]
        unknown = [port for port in ports if self.address(node, port) is None and network in _networks(port)]
        return unknown[0] if len(unknown) == 1 else None

    def vfs(self, node, port):
        """[Vf] of a port in the order of their numbers; the topology's where there is one, else the testbed's."""
        key = node, id(port)
        if key not in self._vfs:
            self._vfs[key] = list(self._read_vfs(node, port))
        return self._vfs[key]

    def _read_vfs(self, node, port):
        wanted = port.get("vfs") or {}
        settings = {number: entry for entry in wanted.get("config") or [] for number in self._numbers(entry)}
        devices = self.devices(node)
        sriov = devices.get(self.address(node, port), {}).get("sriov") or {}
        count = wanted.get("count") or 0
        if count > HIGHEST:
            path = "testbed.ports.%s" % node
            self.problems.append(Problem(path, "has more VFs than any device can", "Correct vfs.count", count))
            return
        addresses = sriov.get("vfs") or [None] * count
        tagged = port.get("tagged") and port["network"] in self.networks
        own, used = self.networks[port["network"]].vlan if tagged else 0, port.get("used_vfs") or {}
        for number, address in enumerate(addresses):
            entry, device = settings.get(number, {}), devices.get(address, {})
            driver = device.get("driver") or entry.get("driver")
            network = entry.get("network") or port["network"]
            vlan = entry["vlan"] if entry.get("vlan") is not None else own
            qos = entry.get("qos") or 0
            kind = (driver == "vfio-pci", bool(device.get("rdma")), used.get(str(number)) or "")
            yield Vf(number, address, network, vlan, qos, *kind)

    def _numbers(self, entry):
        try:
            return parse(entry["range"])
        except EngineError as error:
            self.problems.append(Problem("testbed.ports", error.what, ADVICE))
            return []


def _networks(port):
    """The networks of a port and of its VFs."""
    config = (port.get("vfs") or {}).get("config") or []
    return {port.get("network"), *(entry.get("network") for entry in config)}
