# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_pings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_pings
short_description: Which pods of a node have to hear which of other nodes over their second paths
version_added: 0.1.0
description:
  - Takes what M(gedge.engine.pod_facts) read on all nodes. Gives, for each further interface of each pod of a node, up
    to two pods of other nodes in the same network and VLAN, as module M(gedge.engine.network_probe) takes them. It is
    sent in the pod's network namespace, so its image needs no program for it.
positional: _input, node
options:
  _input:
    description: What M(gedge.engine.pod_facts) returned, by node.
    type: dict
    required: true
  node:
    description: Name of the node that sends.
    type: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Let the pods of this node ask others
  gedge.engine.network_probe:
    pings: "{{ readings | gedge.engine.service_pings(inventory_hostname) }}"
  vars:
    readings: {}
"""

RETURN = r"""
_value:
  description: The option O(gedge.engine.network_probe#module:pings).
  type: list
  elements: dict
  sample:
    - interface: net1
      address: 192.168.20.110
      pid: 4711
      kind: vf
      label: default/camera-7d9c (node1, vf, VLAN 30) and default/detector-5f6b (vf, VLAN 30)
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.proof import traffic


@tells
def service_pings(readings, node):
    """See DOCUMENTATION."""
    return traffic.pings(readings, node)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_pings": service_pings}
