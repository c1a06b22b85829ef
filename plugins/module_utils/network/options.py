# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The options of module gedge.engine.network, for the module itself and for the plan on saved topologies."""

from __future__ import annotations


def argument_spec():
    """The options, in the order of the documentation."""
    return {
        "links": {"type": "list", "elements": "dict", "options": _link()},
        "filters": {"type": "list", "elements": "dict", "options": _filter()},
        "separation": {"type": "bool", "default": True},
        "policy_routing": {"type": "bool", "default": True},
        "allow_management": {"type": "list", "elements": "str"},
        "confirm_within": {"type": "int", "default": 60},
        "confirm_by": {"type": "str", "choices": ["task", "token"], "default": "task"},
        "confirm": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }


def _link():
    route = {"to": {"type": "str", "required": True}, "via": {"type": "str", "required": True}}
    return {
        "interface": {"type": "str"},
        "pci": {"type": "str"},
        "network": {"type": "str", "required": True},
        "purpose": {"type": "str", "choices": ["data", "management"], "default": "data"},
        "addresses": {"type": "list", "elements": "str"},
        "vlan": {"type": "int"},
        "mtu": {"type": "int"},
        "gateway": {"type": "str"},
        "table": {"type": "int"},
        "routes": {"type": "list", "elements": "dict", "options": route},
        "up": {"type": "bool", "default": True},
    }


def _filter():
    protocols = ["any", "tcp", "udp", "icmp", "icmpv6"]
    rule = {
        "from": {"type": "list", "elements": "str"},
        "protocol": {"type": "str", "choices": protocols, "default": "any"},
        "ports": {"type": "str"},
        "rate": {"type": "str"},
    }
    return {
        "network": {"type": "str", "required": True},
        "interfaces": {"type": "list", "elements": "str"},
        "allow": {"type": "list", "elements": "dict", "options": rule},
    }
