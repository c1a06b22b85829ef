# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter node_conflicts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_conflicts
short_description: What is asked of a node and cannot all be had
version_added: 0.1.0
description:
  - Compares what the roles of a node get with each other and with what the node is. They get what the inventory plugin
    P(gedge.engine.testbed#inventory) makes host variables of, or their own options, such as C(node_boot_hugepages).
  - Finds CPUs that are isolated and reserved, CPUs that are not there, a NUMA node without a CPU for the system, huge
    pages of all roles that leave less than 512 MiB to the node, a VF that is promised twice or is not there, more VFs
    than the NIC has, NIC ports and accelerators that are not there, and a network whose MTU is more than the switch
    port's.
  - Options that a role refuses by itself are left to it.
positional: _input, topology
options:
  _input:
    description: The host variables of the node, such as C(hostvars[inventory_hostname]).
    type: dict
    required: true
  topology:
    description:
      - What the node is, from M(gedge.engine.topology_facts). Without it only what the variables say against each other
        is found.
    type: dict
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read the topology of the node
  gedge.engine.topology_facts:
    volatile: false
  register: node

- name: Show what cannot all be had
  ansible.builtin.debug:
    msg: "{{ hostvars[inventory_hostname] | gedge.engine.node_conflicts(node.topology) }}"
"""

RETURN = r"""
_value:
  description: A list of C(where) (the host variable), C(what) and C(advice); empty where all can be had.
  type: list
  elements: dict
  sample:
    - where: testbed_ports[2].vfs.count
      what: 0000:21:00.0 has at most 7 VFs, and 8 are asked for
      advice: Ask for 7 or fewer
"""

from ..plugin_utils.conflicts import VARIABLES, of_node
from ..plugin_utils.filter_errors import tells


@tells
def node_conflicts(variables, topology=None):
    """See DOCUMENTATION."""
    asked = {name: variables[name] for name in VARIABLES if name in variables}
    return of_node(asked, topology)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"node_conflicts": node_conflicts}
