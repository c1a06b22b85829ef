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
  - Compares a node's host variables, as the inventory plugin P(gedge.engine.testbed#inventory) makes them, with each
    other and with what the node is.
  - Finds CPUs that are isolated and reserved, CPUs that are not there, a NUMA node without a CPU for the system, huge
    pages that leave less than 512 MiB to the node, a VF that is promised twice, more VFs than the NIC has, NIC ports
    and accelerators that are not there, and a network whose MTU is more than the switch port's.
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

from ..module_utils.errors import EngineError
from ..plugin_utils.conflicts import of_node
from ..plugin_utils.filter_errors import tells

NAMES = ("isolated_cpus", "reserved_cpus", "hugepages", "ports", "networks", "accelerators", "rdma")


@tells
def node_conflicts(variables, topology=None):
    """See DOCUMENTATION."""
    names = ["testbed_" + name for name in NAMES]
    asked = {name: variables[name] for name in names if name in variables}
    try:
        return of_node(asked, topology)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        what = "no host variables of a testbed, or no topology (%s: %s)" % (type(error).__name__, error)
        raise EngineError(what, advice="Give hostvars of a node, and what topology_facts returns") from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"node_conflicts": node_conflicts}
