# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter node_zones_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_zones_verdict
short_description: Hold a NodeResourceTopology against its node
version_added: 0.1.0
description:
  - Names each resource of which the zones together have another number than the node's allocatable. Of CPUs and memory
    they may have more, since a kubelet keeps parts that belong to no NUMA node.
positional: _input, nodes, state
options:
  _input:
    description: The NodeResourceTopology, in a list; empty for none.
    type: list
    elements: dict
    required: true
  nodes:
    description: The Node object, in a list.
    type: list
    elements: dict
    required: true
  state:
    description: Whether it shall be there.
    type: str
    choices: [present, absent]
    default: present
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Be sure that nothing is published
  ansible.builtin.assert:
    that: ([] | gedge.engine.node_zones_verdict([], 'absent')).findings == []
"""

RETURN = r"""
_value:
  description: C(findings), each with C(device), C(what) and C(advice), and C(proof), lines for a person.
  type: dict
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import cluster


@tells
def node_zones_verdict(objects, nodes, state="present"):
    """See DOCUMENTATION."""
    return cluster.zones(objects, nodes, state)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"node_zones_verdict": node_zones_verdict}
