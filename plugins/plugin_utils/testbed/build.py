# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The sound part of a document -> the typed Testbed; what cannot be read becomes a finding."""

from __future__ import annotations

from ...module_utils.cpuset import parse as parse_cpus
from ...module_utils.errors import EngineError
from .build_ports import build_profile_ports, build_switch_ports
from .libraries import AddrFormatError, IPAddress, IPNetwork
from .model import SETTINGS, Network, Node, Profile, Settings, Switch, Testbed
from .problems import Finding


def build(structure):
    """(Testbed, findings) of a Structure."""
    builder = _Builder(structure)
    return builder.testbed(), builder.findings


class _Builder:
    """Walks the sections; findings grows on the way."""

    def __init__(self, structure):
        self.structure = structure
        self.findings = []

    def testbed(self):
        return Testbed(
            site=self.structure.sound.get("site", {}),
            networks=self._section("networks", self._network),
            switches=self._section("switches", self._switch),
            profiles=self._section("profiles", self._profile),
            nodes=self._section("nodes", self._node),
            structure=self.structure,
        )

    def _section(self, name, make):
        return {key: make(key, value) for key, value in self.structure.sound.get(name, {}).items()}

    def _network(self, name, data):
        keys = ("networks", name)
        cidr = self._cidr(keys, data.get("cidr"))
        first = self._address(keys + ("first",), data.get("first"))
        purpose = data.get("purpose", [])
        return Network(
            name=name,
            vlan=data.get("vlan"),
            cidr=cidr,
            gateway=self._address(keys + ("gateway",), data.get("gateway")),
            first=first if "first" in self.structure.raw["networks"][name] else _first_usable(cidr),
            mtu=data.get("mtu"),
            purposes=[purpose] if isinstance(purpose, str) else [word for word in purpose if word],
            ranges=self._ranges(keys + ("ranges",), data.get("ranges", {})),
            ingress=data.get("ingress"),
        )

    def _cidr(self, keys, text):
        keys += ("cidr",)
        if text is None:
            return None
        try:
            network = IPNetwork(text)
        except (AddrFormatError, ValueError):
            self.findings.append(Finding(keys, "is not an IP network", 'Write for example "192.168.20.96/28"', text))
            return None
        if network.ip != network.network:
            what = "is an address inside a network, not the network"
            self.findings.append(Finding(keys, what, 'Write "%s"' % network.cidr, text))
        return network.cidr

    def _address(self, keys, text):
        if text is None:
            return None
        try:
            return IPAddress(text)
        except (AddrFormatError, ValueError):
            self.findings.append(Finding(keys, "is not an IP address", 'Write for example "192.168.20.100"', text))
            return None

    def _ranges(self, keys, data):
        pairs = {name: self._range(keys + (name,), text) for name, text in data.items()}
        return {name: pair for name, pair in pairs.items() if pair}

    def _range(self, keys, text):
        first, last = [self._address(keys, part.strip()) for part in text.split("-")]
        if first is None or last is None:
            return None
        if first.version != last.version:
            self.findings.append(Finding(keys, "mixes IPv4 and IPv6", "Write two addresses of one kind", text))
            return None
        if last < first:
            self.findings.append(Finding(keys, "runs backwards", 'Write "%s-%s"' % (last, first), text))
            first, last = last, first
        return first, last

    def _switch(self, name, data):
        return Switch(
            name=name,
            title=data.get("title"),
            network=data.get("network"),
            address=self._address(("switches", name, "address"), data.get("address")),
            ports=build_switch_ports(name, data.get("ports", {}), self.structure, self.findings),
        )

    def _profile(self, name, data):
        return Profile(
            name=name,
            ports=build_profile_ports(name, data.get("nics", {}), self.structure, self.findings),
            accelerators=[entry for entry in data.get("accelerators", []) if entry],
            settings=self._settings(("profiles", name), data, name),
            lab=data.get("lab", {}),
        )

    def _settings(self, keys, data, profile):
        # A malformed value stays as None: that of the profile must not stand in for it.
        written = self.structure.names(*keys) or []
        values = {key: (data.get(key), keys + (key,)) for key in SETTINGS if key in written}
        for key in ("reserved_cpus", "isolated_cpus"):
            if values.get(key, (None,))[0] is not None:
                values[key] = (self._cpus(keys + (key,), str(data[key])), keys + (key,))
        return Settings(values, profile)

    def _cpus(self, keys, text):
        try:
            parse_cpus(text)
        except EngineError as error:
            self.findings.append(Finding(keys, error.what, error.advice, text))
            return None
        return text

    def _node(self, name, data):
        addresses = data.get("addresses", {})
        keys = ("nodes", name, "addresses")
        # A malformed override stays in the table as None: the index must not stand in for it.
        written = self.structure.names(*keys) or []
        return Node(
            name=name,
            profile=data.get("profile"),
            index=data.get("index"),
            groups=[group for group in data.get("groups", []) if group],
            addresses={network: self._address(keys + (network,), addresses.get(network)) for network in written},
            ansible_host=data.get("ansible_host"),
            settings=self._settings(("nodes", name), data, data.get("profile")),
            lab=data.get("lab", {}),
        )


def _first_usable(cidr):
    """First address for a node: the one after the network address, where there is one (not in a /31, /32 or alike)."""
    if cidr is None:
        return None
    width = 32 if cidr.version == 4 else 128
    return IPAddress(cidr.first + (0 if cidr.prefixlen >= width - 1 else 1), cidr.version)
