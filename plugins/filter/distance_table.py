# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
name: distance_table
short_description: The Resource Distance Matrix as a text table
version_added: "0.1.0"
description:
  - A table of the devices and their distances for a terminal or a file, with the meaning of the levels below.
extends_documentation_fragment:
  - gedge.engine.distance
  - gedge.engine.distance.weights
  - gedge.engine.distance.devices
"""

EXAMPLES = r"""
- name: Read the topology of the node
  gedge.engine.topology_facts:
  register: node

- name: Show the distances
  ansible.builtin.debug:
    msg: "{{ (node.topology | gedge.engine.distance_table).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The table.
  type: str
"""

from ..plugin_utils.filter_errors import tells, warn_of_inversions
from ..plugin_utils.render import distance


@tells
def distance_table(topology, kinds=None, devices=None, weights=None):
    """The matrix as text; the arguments are the filter's options."""
    warn_of_inversions(weights)
    return distance.distance_table(distance.View(topology, kinds, devices, weights))


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return {"distance_table": distance_table}
