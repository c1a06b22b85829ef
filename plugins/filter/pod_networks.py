# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter pod_networks."""

from __future__ import annotations

DOCUMENTATION = r"""
name: pod_networks
short_description: What module pod_network is asked for, from the cluster's Node objects
version_added: 0.1.0
description:
  - Turns Node objects into the option O(gedge.engine.pod_network#module:nodes) of module M(gedge.engine.pod_network).
    Nodes without a network for their pods, or without an InternalIP of IPv4, are left out.
positional: _input
options:
  _input:
    description: Node objects, as C(kubernetes.core.k8s_info) returns them.
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Set up the pod network
  gedge.engine.pod_network:
    name: node1
    nodes: "{{ found.resources | gedge.engine.pod_networks }}"
"""

RETURN = r"""
_value:
  description: One item for each node, in the order of their names.
  type: list
  elements: dict
  sample:
    - {name: node1, address: 192.168.10.101, pod_cidr: 10.244.0.0/24}
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..module_utils.pod_network import cluster


def pod_networks(nodes):
    """See DOCUMENTATION."""
    try:
        return cluster.nodes(nodes)
    except EngineError as error:
        raise AnsibleFilterError("pod_networks: %s" % error.text()) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"pod_networks": pod_networks}
