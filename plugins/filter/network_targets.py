# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter network_targets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: network_targets
short_description: What a node sends to the others to prove its networks
version_added: 0.1.0
description:
  - Makes the options of module M(gedge.engine.network_probe) out of the readings of all nodes. Within a network echo
    requests are to be answered and allowed ports to be reached; from one network into another, and what the peer's
    filter does not let in, nothing is.
positional: _input, node
options:
  _input:
    description: Readings of P(gedge.engine.network_reading#filter) by node.
    type: dict
    required: true
  node:
    description: The node that sends.
    type: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what node1 would send
  ansible.builtin.debug:
    msg: "{{ readings | gedge.engine.network_targets('node1') }}"
  vars:
    readings:
      node1:
        ends: [{network: a, purpose: data, interface: eth1, addresses: [192.168.20.100/28], mtu: 1500}]
        filters: {a: []}
      node2:
        ends: [{network: a, purpose: data, interface: eth1, addresses: [192.168.20.101/28], mtu: 1500}]
        filters: {a: []}
"""

RETURN = r"""
_value:
  description: C(pings), C(ports), C(load) and C(watch), options of M(gedge.engine.network_probe).
  type: dict
  sample:
    pings: [{interface: eth1, address: 192.168.20.101, expect: silence, kind: filter, label: node1 eth1 -> node2 eth1}]
    ports: []
    load: {interface: eth1, address: 192.168.20.101}
    watch: []
"""

from ..plugin_utils.verify import crossing


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"network_targets": crossing.targets}
