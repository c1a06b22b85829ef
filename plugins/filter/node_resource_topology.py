# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter node_resource_topology."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_resource_topology
short_description: The NodeResourceTopology of a node from our own facts
version_added: 0.1.0
description:
  - Makes the object by which a scheduler with NodeResourceTopologyMatch knows what each NUMA node of a node has. CPUs
    that the kubelet keeps are not allocatable, nor memory that it keeps; devices are those of the node's pools.
  - It knows no pods. What is available is what is allocatable, and the scheduler's cache counts the rest.
positional: _input, config, devices, node
options:
  _input:
    description: What M(gedge.engine.topology_facts) returned as C(topology).
    type: dict
    required: true
  config:
    description: The kubelet's configuration, C(kubeletconfig) of its C(/configz).
    type: dict
    required: true
  devices:
    description: Addresses of the devices of each resource, C(devices) of P(gedge.engine.device_pools#filter).
    type: dict
    required: true
  node:
    description: The Node object.
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what a node of one NUMA node has
  ansible.builtin.debug:
    msg: "{{ topology | gedge.engine.node_resource_topology({}, {}, node) }}"
  vars:
    topology:
      cpus: [{cpu: 0, online: true}]
      numa_nodes: [{node: 0, cpus: [0], distances: [10], memory_bytes: 1073741824, hugepages: {}}]
      pci_devices: []
    node:
      metadata: {name: node1, uid: 9c0e0e4e-0000-4000-8000-000000000000}
      status:
        capacity: {memory: 1Gi}
        allocatable: {memory: 924Mi}
"""

RETURN = r"""
_value:
  description: The object.
  type: dict
"""

from ..module_utils.manifests import zones
from ..plugin_utils.filter_errors import tells


@tells
def node_resource_topology(topology, config, devices, node):
    """See DOCUMENTATION."""
    return zones.node_resource_topology(topology, config, devices, node)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"node_resource_topology": node_resource_topology}
