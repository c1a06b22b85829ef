# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Schema of the L2 switches."""

from __future__ import annotations

from ....module_utils.bounds import MTU
from .base import LABEL, MEDIA, choice, listing, name, number, record, table, text, within
from .site import ADDRESS, VLAN

PEER = "^(uplink|management|[^/\\s]+/[^/\\s]+/[^/\\s]+)$"


def switches():
    """All switches by name."""
    names = name("a switch name", "tor", LABEL)
    return table("switches by name", "The L2 switches of the site by name.", names, _switch())


def _switch():
    ports = table(
        "switch ports by number",
        'Its ports. A key is a port number or a range: "1", "3-8".',
        name('a port number or a range, such as "1" or "3-8"', "3-8", "^[1-9][0-9]*(-[1-9][0-9]*)?$"),
        _port(),
        minProperties=1,
    )
    properties = {
        "title": text("a title", "What the switch is, for people.", "28-port L2 switch"),
        "network": text("the name of a network", "Network of the switch's own address.", "management"),
        "address": text(
            "an IP address", "The switch's own address, inside that network.", "192.168.10.97", pattern=ADDRESS
        ),
        "ports": ports,
    }
    pairs = {"network": ["address"], "address": ["network"]}
    return record("a switch", "One L2 switch.", properties, required=["ports"], dependentRequired=pairs)


def _port():
    properties = {
        "media": choice("a kind of socket", "The socket; a NIC port needs the same.", MEDIA),
        "vlan": number("a VLAN number (1 to 4094)", "The untagged (access or native) VLAN.", 10, **VLAN),
        "tagged": listing(
            "a list of VLAN numbers",
            "VLANs that the port carries tagged (trunk).",
            number("a VLAN number (1 to 4094)", "A VLAN.", 30, **VLAN),
            uniqueItems=True,
        ),
        "peer": text(
            'uplink, management or NODE/NIC/PORT, such as "node1/nic0/1"',
            "What is plugged in: `uplink`, `management` (the switch's own port) or NODE/NIC/PORT.",
            "node1/nic0/1",
            pattern=PEER,
        ),
        "lag": text("a name", "Link aggregation group: ports with one name act as one link.", "up", pattern=LABEL),
        "mtu": within(MTU, "an MTU in bytes", "Largest packet that the port takes, in bytes.", 9216),
    }
    return record("a switch port", "One port, or some alike.", properties, required=["media"])
