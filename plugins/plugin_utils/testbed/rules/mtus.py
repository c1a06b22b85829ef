# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about MTUs: IPv6 has its least, what a network sends fits its switch ports, and a VF's fits its PF."""

from __future__ import annotations

from ....module_utils.bounds import IPV6_MTU
from ..problems import Finding

DEFAULT = 1500


def check(testbed):
    """Findings about the MTUs of a Testbed."""
    sound = testbed.structure.is_sound
    sized = [one for one in testbed.networks.values() if one.mtu is not None or sound("networks", one.name)]
    for network in testbed.networks.values():
        if network.cidr is not None and network.cidr.version == 6 and (network.mtu or DEFAULT) < IPV6_MTU:
            keys = ("networks", network.name, "mtu")
            yield Finding(keys, "is less than IPv6 needs", "Write at least %d" % IPV6_MTU, network.mtu)
    for port in testbed.switch_ports():
        if port.mtu is not None and port.peer is not None and port.sound:
            yield from _switch_port(port, sized)
    for profile in testbed.profiles.values():
        for port in profile.ports:
            network = testbed.networks.get(port.network)
            if network in sized:
                yield from _vfs(port, network)


def _switch_port(port, networks):
    for network in networks:
        mtu = network.mtu or DEFAULT
        if network.vlan in port.vlans and mtu > port.mtu:
            what = "network %s (VLAN %d) has an MTU of %d, more than the port takes" % (network.name, network.vlan, mtu)
            advice = "Set the switch port to at least %d, or networks.%s.mtu to at most %d"
            yield Finding(port.keys + ("mtu",), what, advice % (mtu, network.name, port.mtu), port.mtu)


def _vfs(port, network):
    """The PF has the MTU of its port's network."""
    most = network.mtu or DEFAULT
    for vf in port.vfs:
        if vf.options.get("mtu", 0) > most:
            what = "is more than the %d of the PF (network %s)" % (most, network.name)
            advice = "Write at most %d, or raise networks.%s.mtu" % (most, network.name)
            yield Finding(port.vf_keys(vf, "mtu"), what, advice, vf.options["mtu"])
