# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The testbed as typed objects. A field that was malformed in the file is None; rules skip it."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass, field

from .libraries import IPAddress, IPNetwork

PortId = namedtuple("PortId", "node nic port")
# What a profile says of the system of its nodes, and a node may say otherwise.
SETTINGS = ("reserved_cpus", "isolated_cpus", "hugepages", "kernel_arguments", "tuning", "rdma")


@dataclass
class Network:
    """One VLAN and its IP network; ranges: {name: (first, last)} as IPAddress."""

    name: str
    vlan: int | None = None
    cidr: IPNetwork | None = None
    gateway: IPAddress | None = None
    first: IPAddress | None = None
    mtu: int | None = None
    purposes: list = field(default_factory=list)
    ranges: dict = field(default_factory=dict)
    ingress: list | None = None

    def address(self, index):
        """Address of the node with that index, or None where the space of addresses ends before."""
        if self.first is None or self.first.value + index >= 2 ** (32 if self.first.version == 4 else 128):
            return None
        return self.first + index

    def with_prefix(self, address):
        """'192.168.20.100/28' for an address, None for None."""
        return "%s/%d" % (address, self.cidr.prefixlen) if address is not None else None


@dataclass
class SwitchPort:
    """One numbered port; key is the key of the file that describes it, which may be a range."""

    switch: str
    key: str
    number: int
    media: str | None = None
    vlan: int | None = None
    tagged: tuple = ()
    peer: str | None = None
    lag: str | None = None
    mtu: int | None = None
    sound: bool = True

    @property
    def keys(self):
        """Its place in the document."""
        return ("switches", self.switch, "ports", self.key)

    @property
    def vlans(self):
        """All VLANs that it carries."""
        return set(self.tagged) | ({self.vlan} if self.vlan is not None else set())

    @property
    def port_id(self):
        """The node port that is plugged in, or None."""
        return PortId(*self.peer.split("/")) if self.peer and "/" in self.peer else None


@dataclass
class Switch:
    """One L2 switch with its ports in the order of their numbers."""

    name: str
    title: str | None = None
    network: str | None = None
    address: IPAddress | None = None
    ports: list = field(default_factory=list)


@dataclass
class Vf:
    """One entry of vfs.config: place in the list, first and last VF, and its other keys."""

    place: int
    first: int
    last: int
    options: dict


@dataclass
class NicPort:
    """One port of a NIC of a profile; vf_count None: the file says nothing of VFs."""

    profile: str
    nic: str
    port: str
    media: str | None = None
    numa_node: int | None = None
    network: str | None = None
    pci: str | None = None
    interface: str | None = None
    has_address: bool = True
    vf_count: int | None = None
    vfs: list = field(default_factory=list)

    @property
    def keys(self):
        """Its place in the document."""
        return ("profiles", self.profile, "nics", self.nic, "ports", self.port)

    def vf_keys(self, vf, *more):
        """Place of an entry of its vfs.config, or of a key of it."""
        return (*self.keys, "vfs", "config", vf.place, *more)


class Settings:
    """What is said of the system of a profile's nodes, or of one node: {key of SETTINGS: (value, its place)}.

    A value that was malformed is None."""

    def __init__(self, values, profile):
        self.values = values
        self.profile = profile

    def get(self, key):
        """The value of a key, None where there is none."""
        return self.values.get(key, (None, ()))[0]

    def keys(self, *names):
        """The place of the first of some keys that the node itself has, else that of the first of them."""
        places = [self.values[name][1] for name in names if name in self.values]
        return next((place for place in places if place[0] == "nodes"), places[0] if places else ())

    def over(self, other):
        """These settings, and the other's where these say nothing."""
        return Settings({**other.values, **self.values}, other.profile)


@dataclass
class Profile:
    """What nodes of one build share."""

    name: str
    ports: list = field(default_factory=list)
    accelerators: list = field(default_factory=list)
    settings: Settings | None = None
    lab: dict = field(default_factory=dict)


@dataclass
class Node:
    """One machine; addresses: {network: IPAddress} only where they do not follow the index."""

    name: str
    profile: str | None = None
    index: int | None = None
    groups: list = field(default_factory=list)
    addresses: dict = field(default_factory=dict)
    ansible_host: str | None = None
    settings: Settings | None = None
    lab: dict = field(default_factory=dict)


@dataclass
class Testbed:
    """The whole file. structure tells the rules what was written and what was malformed."""

    site: dict
    networks: dict
    switches: dict
    profiles: dict
    nodes: dict
    structure: object
    _cabling: dict | None = None

    def ports_of(self, node):
        """The NIC ports of a node, from its profile."""
        profile = self.profiles.get(node.profile)
        return profile.ports if profile else []

    def whole_ports(self, profile):
        """The NIC ports of a profile, or None where they are not known for sure."""
        written = self.structure.names("profiles", profile) if profile in self.profiles else None
        keys = ("profiles", profile, "nics") if "nics" in (written or ()) else ("profiles", profile)
        if written is None or not self.structure.is_sound(*keys):
            return None
        return self.profiles[profile].ports

    def settings_of(self, node):
        """The Settings of a node: its own over those of its profile."""
        profile = self.profiles.get(node.profile)
        return node.settings.over(profile.settings) if profile else node.settings

    def all_settings(self):
        """The Settings of each profile, and of each node that has some of its own."""
        yield from (profile.settings for profile in self.profiles.values())
        yield from (self.settings_of(node) for node in self.nodes.values() if node.settings.values)

    def switch_ports(self):
        """All ports of all switches."""
        return (port for switch in self.switches.values() for port in switch.ports)

    def switch_port(self, node, port):
        """The switch port that a node's port is plugged into, or None. First one wins."""
        if self._cabling is None:
            self._cabling = {}
            for other in self.switch_ports():
                self._cabling.setdefault(other.port_id, other)
        return self._cabling.get(PortId(node.name, port.nic, port.port))

    def address_of(self, node, network_name):
        """A node's IPAddress in a network: the explicit one, else first + index; None where unknown."""
        if network_name in node.addresses:
            return node.addresses[network_name]
        network = self.networks.get(network_name)
        return network.address(node.index) if network and node.index is not None else None

    def addressed_networks(self, node):
        """Names of the networks in which a node has an address, in the order of its ports."""
        names = [port.network for port in self.ports_of(node) if port.has_address and port.network]
        return list(dict.fromkeys(names))
