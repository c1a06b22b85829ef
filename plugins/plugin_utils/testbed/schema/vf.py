# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Schema of the virtual functions of a NIC port."""

from __future__ import annotations

from ....module_utils.bounds import MTU, RATE
from .base import choice, flag, listing, number, record, text, within

MAC = "^(auto|([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})$"


def vfs():
    """The VFs of a port: how many, and how each is set."""
    properties = {
        "count": number("a number of VFs (from 0)", "How many VFs the port has.", 4, minimum=0, maximum=65535),
        "config": listing(
            "a list of VF settings", "Settings per VF or range; a VF not named is left as made.", _config()
        ),
    }
    return record(
        "VF settings",
        "The virtual functions of the port, which needs pci or interface then.",
        properties,
        required=["count"],
    )


def _config():
    properties = {
        "range": {
            "type": ["string", "integer"],
            "title": 'a VF number or a range, such as "0-3"',
            "description": "The VFs that this entry sets, counted from 0.",
            "pattern": "^[0-9]{1,5}(-[0-9]{1,5})?$",
            "minimum": 0,
            "maximum": 65535,
            "examples": ["0-3"],
        },
        "network": text(
            "the name of a network", "Network of the VF: gives its VLAN. Default: the port's own.", "sriov-a"
        ),
        "mac": text(
            'a MAC address or "auto"',
            "MAC address; `auto` is a stable, locally administered one for each VF of each node.",
            "auto",
            "02:00:00:00:00:01",
            pattern=MAC,
        ),
        "vlan": number("a VLAN number (0 to 4094)", "VLAN by number, instead of network.", 30, minimum=0, maximum=4094),
        "qos": number("a priority (0 to 7)", "802.1p priority of the VLAN tag.", 3, minimum=0, maximum=7),
        "spoofchk": flag("Whether the NIC drops frames with another source MAC."),
        "trust": flag("Whether the VF may change its MAC and go promiscuous."),
        "min_tx_rate": within(RATE, "a rate in Mbit/s", "Guaranteed rate in Mbit/s; 0: none.", 100),
        "max_tx_rate": within(RATE, "a rate in Mbit/s", "Highest rate in Mbit/s; 0: no limit.", 200),
        "link_state": choice("a link state", "Link as the VF sees it.", ["auto", "enable", "disable"]),
        "driver": choice("a kind of driver", "The NIC's own VF driver, or vfio-pci.", ["netdevice", "vfio-pci"]),
        "mtu": within(MTU, "an MTU in bytes", "MTU of the VF in bytes.", 1500),
    }
    return record("VF settings", "Settings of one VF or of a range.", properties, required=["range"])
