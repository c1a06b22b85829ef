# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Rules about the NIC ports of one profile: each is found in one way, on one device, and has an address of its own."""

from __future__ import annotations

from ..problems import Finding


def check(testbed):
    """Findings about the NIC ports of a Testbed."""
    for profile in testbed.profiles.values():
        yield from _found_once(profile, "pci")
        yield from _found_once(profile, "interface")
        yield from _one_address(profile)
        yield from _vfs_need_a_device(profile, testbed.structure)


def _found_once(profile, key):
    seen = {}
    for port in profile.ports:
        value = getattr(port, key)
        if value is None:
            continue
        owner = seen.setdefault(value.lower() if key == "pci" else value, port)
        if owner is not port:
            what = "port %s of NIC %s has the same" % (owner.port, owner.nic)
            yield Finding(port.keys + (key,), what, "Each port of a node has its own", value)


def _one_address(profile):
    """A node has one address in a network, so one port takes it."""
    seen = {}
    for port in profile.ports:
        if port.network is None or not port.has_address:
            continue
        owner = seen.setdefault(port.network, port)
        if owner is not port:
            what = "port %s of NIC %s already has the node's address in this network" % (owner.port, owner.nic)
            yield Finding(port.keys + ("network",), what, 'Add "address: false" to one of the two', port.network)


def _vfs_need_a_device(profile, structure):
    """VFs are made on a device of the node, so the file says which. A malformed pci is another finding's matter."""
    for port in profile.ports:
        written = structure.names(*port.keys)
        if port.vf_count and written is not None and not {"pci", "interface"} & set(written):
            advice = 'Add "pci" or "interface" to the port'
            yield Finding(port.keys + ("vfs",), "nothing says which device of the node has them", advice)
