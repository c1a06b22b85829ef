#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: link_probe
short_description: Send traffic between network devices that have no address
version_added: 0.1.0
description:
  - Proves by ICMPv6 echo between link-local addresses which devices reach each other on layer 2. Nothing is configured;
    a device that is down is brought up for the probe and put down again.
  - "Three calls make a probe: V(raise) on all nodes, V(ping) on all nodes, V(lower) on all nodes."
author:
  - The gedge.engine authors (@gedge-engine)
requirements:
  - iproute2 and iputils-ping on the node; IPv6 not disabled on the devices.
options:
  phase:
    description:
      - V(raise) brings O(interfaces) up and returns their link-local addresses.
      - V(ping) sends to O(targets), all at once.
      - V(lower) puts O(interfaces) down.
    type: str
    choices: [raise, ping, lower]
    required: true
  interfaces:
    description: Network devices.
    type: list
    elements: str
    default: []
  targets:
    description: What to send to.
    type: list
    elements: dict
    default: []
    suboptions:
      interface:
        description: The device to send from.
        type: str
        required: true
      address:
        description: The link-local IPv6 address to send to.
        type: str
        required: true
      expect:
        description: Whether an answer is expected.
        type: str
        choices: [reply, silence]
        default: reply
      label:
        description: Words that say what is probed; returned as they are.
        type: str
      vlan:
        description: The VLAN that is probed; returned as it is.
        type: int
  wait:
    description: How long to wait for an address or an answer, in seconds.
    type: int
    default: 10
attributes:
  check_mode:
    description: Can run in check mode; then nothing is brought up, sent or put down.
    support: full
"""

EXAMPLES = r"""
- name: Bring a VF up for the probe
  gedge.engine.link_probe:
    phase: raise
    interfaces: [ens10f0v0]
  register: raised

- name: Send from it to the VF of another node
  gedge.engine.link_probe:
    phase: ping
    targets:
      - {interface: ens10f0v0, address: "fe80::200:ff:fe00:101", expect: reply}

- name: Put it down again
  gedge.engine.link_probe:
    phase: lower
    interfaces: "{{ raised.links | rejectattr('was_up') | map(attribute='interface') }}"
"""

RETURN = r"""
links:
  description: The devices that were brought up.
  type: list
  elements: dict
  returned: with phase raise
  sample: [{interface: ens10f0v0, was_up: false, carrier: true, address: "fe80::200:ff:fe00:100"}]
targets:
  description: The targets, each with the number of replies out of 3.
  type: list
  elements: dict
  returned: with phase ping
  sample: [{interface: ens10f0v0, address: "fe80::200:ff:fe00:101", expect: reply, replies: 3}]
"""

from ..module_utils.node_module import run_action
from ..module_utils.probe import links
from ..module_utils.system import System


def argument_spec():
    """The options, in the order of the documentation."""
    target = {
        "interface": {"type": "str", "required": True},
        "address": {"type": "str", "required": True},
        "expect": {"type": "str", "choices": ["reply", "silence"], "default": "reply"},
        "label": {"type": "str"},
        "vlan": {"type": "int"},
    }
    return {
        "phase": {"type": "str", "choices": ["raise", "ping", "lower"], "required": True},
        "interfaces": {"type": "list", "elements": "str", "default": []},
        "targets": {"type": "list", "elements": "dict", "default": [], "options": target},
        "wait": {"type": "int", "default": 10},
    }


def probe(params, check_mode):
    """Carry one phase out; returns the result."""
    system, names = System(), params["interfaces"]
    if check_mode:
        return {"changed": False, "links": [], "targets": []}
    if params["phase"] == "raise":
        found = links.raise_links(system, names, params["wait"])
        return {"changed": not all(link["was_up"] for link in found), "links": found}
    if params["phase"] == "ping":
        return {"changed": False, "targets": links.ping(params["targets"], params["wait"])}
    links.lower_links(system, names)
    return {"changed": bool(names)}


def main():
    """Run the module."""
    run_action(argument_spec(), probe)


if __name__ == "__main__":
    main()
