# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Schema of the nodes."""

from __future__ import annotations

from .base import listing, name, number, record, table, text
from .profile import lab
from .settings import settings
from .site import ADDRESS

HOST = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$"


def nodes():
    """All nodes by name."""
    names = name("a host name (RFC 1123: small letters, digits, '-' and '.')", "node1", HOST, maxLength=253)
    return table("nodes by name", "The nodes by host name.", names, _node(), minProperties=1)


def _node():
    properties = {
        "profile": text("the name of a profile", "What kind of node it is.", "edge"),
        "index": number(
            "a number from 0", "Place in each network: address = first + index.", 0, minimum=0, maximum=2**31
        ),
        "groups": listing(
            "a list of group names",
            "Further inventory groups ('-' becomes '_').",
            text("a group name", "A group.", "control_plane", pattern="^[A-Za-z_][A-Za-z0-9_-]*$"),
        ),
        "addresses": table(
            "addresses by network",
            "Addresses that do not follow the index, by network.",
            {"title": "the name of a network", "type": "string"},
            text("an IP address", "Address in that network.", "192.168.20.103", pattern=ADDRESS),
        ),
        "ansible_host": text(
            "a host name or an address",
            "Where Ansible connects to. Default: the address in the first management network, else in a public one.",
            "192.168.10.100",
            minLength=1,
        ),
        **settings(),
        "lab": lab(),
    }
    return record("a node", "One machine.", properties, required=["profile", "index"])
