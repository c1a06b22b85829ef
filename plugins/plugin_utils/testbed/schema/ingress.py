# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Schema of what may enter a node from a network."""

from __future__ import annotations

from .base import choice, listing, record, text

PROTOCOLS = ["any", "tcp", "udp", "icmp", "icmpv6"]
PORTS = "^[0-9]{1,5}(-[0-9]{1,5})?(,[0-9]{1,5}(-[0-9]{1,5})?)*$"
RATE = "^[1-9][0-9]{0,8}/(second|minute|hour|day)$"


def ingress():
    """The rules of a network; no key: no filter; an empty list: nothing but answers may enter."""
    return listing(
        "a list of what may enter",
        "What may enter a node from this network; all else is dropped. Without the key there is no filter; "
        "with `[]` only answers enter.",
        _rule(),
    )


def _rule():
    sender = text("an IP network or the name of a network", "A sender.", "192.168.20.96/28", minLength=1)
    properties = {
        "from": listing("a list of senders", "IP networks, or names of networks; default: anyone.", sender, minItems=1),
        "protocol": choice("a protocol", "Protocol; default: any.", PROTOCOLS),
        "ports": {
            "type": ["string", "integer"],
            "title": 'a list of ports, such as "5201,8000-8010"',
            "description": "Ports of the node, for tcp and udp; default: all.",
            "pattern": PORTS,
            "minimum": 1,
            "maximum": 65535,
            "examples": ["5201,8000-8010"],
        },
        "rate": text(
            "a rate, such as 1000/second",
            "Most packets that enter by this rule; what comes faster is dropped.",
            "1000/second",
            pattern=RATE,
        ),
    }
    return record("something that may enter", "Packets that fit all of these may enter.", properties)
