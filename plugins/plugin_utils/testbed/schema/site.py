# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Schema of the site and its networks."""

from __future__ import annotations

from ....module_utils.bounds import MTU
from .base import choice, listing, name, number, record, table, text, within
from .ingress import ingress

PURPOSES = ["public", "management", "macvlan", "sriov", "rdma"]
CIDR = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"
ADDRESS = "^[0-9A-Fa-f:.]+$"
RANGE = "^[0-9A-Fa-f:.]+ *- *[0-9A-Fa-f:.]+$"

VLAN = {"minimum": 1, "maximum": 4094}


def site():
    """The site: name and title."""
    return record(
        "a site",
        "The site that this file describes.",
        {
            "name": text(
                "a site name (small letters, digits and '-', a letter first)",
                "Short name of the site. Automatic MAC addresses derive from it.",
                "lab",
                pattern="^[a-z][a-z0-9-]*$",
                maxLength=63,
            ),
            "title": text("a title", "Name of the site for people.", "Virtual testbed"),
        },
        required=["name"],
    )


def networks():
    """All networks by name."""
    names = name("a network name (small letters, digits and '-')", "sriov-a", maxLength=63)
    description = "The networks of the site by name. Each is one VLAN and one IP network."
    return table("networks by name", description, names, _network(), minProperties=1)


def _network():
    properties = {
        "purpose": _purpose(),
        "vlan": number("a VLAN number (1 to 4094)", "VLAN of the network; no two networks share one.", 30, **VLAN),
        "cidr": text("an IP network", "Its addresses; no two networks overlap.", "192.168.20.96/28", pattern=CIDR),
        "gateway": text(
            "an IP address",
            "Address of its router, inside cidr, or a link-local one of IPv6.",
            "192.168.20.110",
            pattern=ADDRESS,
        ),
        "mtu": within(MTU, "an MTU in bytes", "Largest packet in bytes.", 1500),
        "first": text(
            "an IP address",
            "Address of the node with index 0; node i gets first + i. Default: the first usable address.",
            "192.168.20.100",
            pattern=ADDRESS,
        ),
        "ranges": table(
            "address ranges by name",
            "Addresses kept for others, such as a load balancer. A range covers no switch, gateway or node.",
            name("a range name", "load_balancer", "^[a-z][a-z0-9_-]*$"),
            text("an address range", "First and last address.", "192.168.20.104-192.168.20.107", pattern=RANGE),
        ),
        "ingress": ingress(),
    }
    return record("a network", "One VLAN and its IP network.", properties, required=["purpose", "vlan", "cidr"])


def _purpose():
    title = "one of %s, or a list of them" % ", ".join(PURPOSES)
    word = choice("a purpose", "What the network carries.", PURPOSES)
    many = listing("purposes", "What the network carries.", word, minItems=1, uniqueItems=True)
    return {
        "title": title,
        "description": "What the network carries: one word or a list.",
        "anyOf": [word, many],
        "examples": ["sriov"],
    }
