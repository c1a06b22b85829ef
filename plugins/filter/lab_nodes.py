# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
name: lab_nodes
short_description: What the lab needs to know of each node
version_added: 0.1.0
description:
  - Takes from the host variables of each node those that M(gedge.engine.lab) builds a VM from, which are
    C(ansible_host), C(testbed_ports), C(testbed_accelerators) and C(testbed_lab).
author:
  - The gedge.engine authors (@gedge-engine)
options:
  _input:
    description: The variable C(hostvars).
    type: dict
    required: true
  nodes:
    description: The names of the nodes.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
nodes: "{{ hostvars | gedge.engine.lab_nodes(groups['testbed']) }}"
"""

RETURN = r"""
_value:
  description: The variables by node.
  type: dict
"""

from ..module_utils.lab import spec


def lab_nodes(hostvars, nodes):
    """The variables of the nodes that a VM is built from."""
    return spec.pick(hostvars, nodes)


class FilterModule:
    """What Ansible looks for."""

    def filters(self):
        """The filter by its name."""
        return {"lab_nodes": lab_nodes}
