# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter probe_targets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: probe_targets
short_description: Which device of a node is to send to which of the others
version_added: 0.1.0
description:
  - For module M(gedge.engine.link_probe). Each VF sends to one VF of its network on each other node; for each other
    network one VF tries to reach one VF of it, which must be silent.
positional: _input
options:
  _input:
    description: By node, its reading (see P(gedge.engine.sriov_reading#filter)), of which C(endpoints) is used.
    type: dict
    required: true
  raised:
    description: By node, the result of M(gedge.engine.link_probe) with phase V(raise), of which C(links) is used.
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
- name: Show what node1 sends
  ansible.builtin.debug:
    msg: "{{ readings | gedge.engine.probe_targets(raised, 'node1') }}"
  vars:
    readings:
      node1: {endpoints: [{interface: v0, title: PF VF 0, network: sriov-a, switch_port: tor/25}]}
      node2: {endpoints: [{interface: v0, title: PF VF 0, network: sriov-a, switch_port: tor/26}]}
    raised:
      node1: {links: [{interface: v0, address: "fe80::1"}]}
      node2: {links: [{interface: v0, address: "fe80::2"}]}
"""

RETURN = r"""
_value:
  description: Items for the option targets of module link_probe.
  type: list
  elements: dict
  sample:
    - {interface: v0, address: "fe80::2", expect: reply, label: "PF VF 0 (sriov-a) -> node2 PF VF 0 (sriov-a)"}
"""

from ..plugin_utils.verify import probe


def probe_targets(readings, raised, node):
    """See DOCUMENTATION."""
    return probe.targets(readings, raised, node)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"probe_targets": probe_targets}
