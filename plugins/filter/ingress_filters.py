# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter ingress_filters."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ingress_filters
short_description: What may enter a node from its networks, as module network is asked for it
version_added: 0.1.0
description:
  - Turns the host variables C(testbed_ports) and C(testbed_networks) of the inventory plugin
    P(gedge.engine.testbed#inventory) into the option O(gedge.engine.network#module:filters) of module
    M(gedge.engine.network).
  - A network without C(ingress) is not filtered; it is in the list to be kept apart from the others.
positional: _input, networks
options:
  _input:
    description: The ports of one node.
    type: list
    elements: dict
    required: true
  networks:
    description: The networks of the testbed, by name.
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what may enter
  ansible.builtin.debug:
    msg: "{{ [{'network': 'sriov-a'}] | gedge.engine.ingress_filters(networks) }}"
  vars:
    networks:
      sriov-a:
        cidr: 192.168.20.96/28
        ingress: [{from: [sriov-a], protocol: tcp, ports: "5201"}]
"""

RETURN = r"""
_value:
  description: One item for each network that the node has a port on.
  type: list
  elements: dict
  sample:
    - network: sriov-a
      allow: [{from: [192.168.20.96/28], protocol: tcp, ports: "5201"}]
"""

from ..plugin_utils import asked_ingress
from ..plugin_utils.filter_errors import tells


@tells
def ingress_filters(ports, networks):
    """See DOCUMENTATION."""
    return asked_ingress.filters(ports, networks)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"ingress_filters": ingress_filters}
