# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter device_pools_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: device_pools_verdict
short_description: Hold what a node offers to pods against the VFs that its kernel has
version_added: 0.1.0
description:
  - Names each pool whose number of devices in the node's allocatable is not the number of VFs that the kernel has for
    it, and each for which no socket is listened on. Shares no code with M(gedge.engine.device_plugin).
positional: _input, pools, lines, state
options:
  _input:
    description: The Node object, in a list; empty where the API server knows none.
    type: list
    elements: dict
    required: true
  pools:
    description: C(resourceList) of the plugin's configuration on the node.
    type: list
    elements: dict
    required: true
  lines:
    description: Paths of sockets that are listened on, and the kernel's C(virtfnN) links with their targets.
    type: list
    elements: str
    required: true
  state:
    description: Whether anything shall be offered.
    type: str
    choices: [present, absent]
    default: present
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (nodes | gedge.engine.device_pools_verdict(pools, [])).findings }}"
  vars:
    nodes:
      - metadata: {name: node1}
        status: {allocatable: {gedge.io/sriov_a: "3"}}
    pools:
      - {resourceName: sriov_a, resourcePrefix: gedge.io, selectors: {rootDevices: ["0000:21:00.0"]}}
"""

RETURN = r"""
_value:
  description: C(findings), each with C(device), C(what) and C(advice), and C(proof), lines for a person.
  type: dict
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import cluster


@tells
def device_pools_verdict(nodes, pools, lines, state="present"):
    """See DOCUMENTATION."""
    return cluster.device_pools(nodes, pools, lines, state)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"device_pools_verdict": device_pools_verdict}
