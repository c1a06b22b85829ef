# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter network_links."""

from __future__ import annotations

DOCUMENTATION = r"""
name: network_links
short_description: What module network is asked for, from a node's ports and networks
version_added: 0.1.0
description:
  - Turns the host variables C(testbed_ports) and C(testbed_networks) of the inventory plugin
    P(gedge.engine.testbed#inventory) into the option O(gedge.engine.network#module:links) of module
    M(gedge.engine.network).
  - The address of a port on a tagged switch port goes to a VLAN sub-interface, that of another one to the port. The
    routing table of a network with a gateway is 1000 plus its VLAN.
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
- name: Set up the links that the testbed gives this node
  gedge.engine.network:
    links: "{{ testbed_ports | gedge.engine.network_links(testbed_networks) }}"
"""

RETURN = r"""
_value:
  description: One item for each port.
  type: list
  elements: dict
  sample:
    - {pci: "0000:21:00.0", network: sriov-a, purpose: data, vlan: 30, mtu: 1500, addresses: [192.168.20.100/28]}
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..plugin_utils import asked_network


def network_links(ports, networks):
    """See DOCUMENTATION."""
    try:
        return asked_network.links(ports, networks)
    except EngineError as error:
        raise AnsibleFilterError("network_links: %s" % error.text()) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"network_links": network_links}
