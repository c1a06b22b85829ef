# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
name: placement
short_description: Place services on nodes and devices by distance
version_added: "0.1.0"
description:
  - Says for each replica of each service its node, NUMA nodes, CPUs to be expected, devices, and the distance of its
    data path; for each other node why it was not chosen; and for what fits nowhere the smallest change that would help.
  - What is minimised is the weighted distance from source over compute to sink, CPUs and memory away from the anchor's
    NUMA node, links that services share, edges of the service graph between nodes, and moves. Pods of a higher priority
    are never left out for others. See docs/placement.md.
  - Services that talk to each other get VFs of one network, where C(networks) leaves it open.
  - A node takes a pod only where the kubelet's Topology Manager would, by the node's policy and scope.
  - What runs (O(allocations)) keeps its place unless its service says C(move). What runs and is not among the services
    holds its resources.
  - The same input gives the same output.
positional: nodes, allocations
options:
  _input:
    description:
      - The services in normal form, as P(gedge.engine.service_normalize#filter) gives them.
    type: dict
    required: true
  nodes:
    description:
      - Records of the nodes, each with C(name), C(topology) (from M(gedge.engine.topology_facts)), C(policy), C(scope),
        C(cpu_options), C(reserved_cpus), C(reserved_memory) and C(ports). See docs/placement.md.
    type: list
    elements: dict
    required: true
extends_documentation_fragment:
  - gedge.engine.placement
author:
  - The gedge.engine authors (@gedge-engine)
seealso:
  - plugin: gedge.engine.placement_explain
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Place the services of a file on the nodes of the testbed
  ansible.builtin.set_fact:
    placed: "{{ services | gedge.engine.placement(node_records, allocations=running) }}"
  vars:
    services: "{{ lookup('file', 'service.yml') | gedge.engine.service_normalize }}"
    running: []

- name: Refuse where something found no place
  ansible.builtin.assert:
    that: placed.failed | length == 0
    fail_msg: "{{ placed.failed }}"
"""

RETURN = r"""
_value:
  description: The placement.
  type: dict
  contains:
    placements:
      description: One entry per replica and container, by namespace, service, replica and container.
      type: list
      elements: dict
      contains:
        service: {description: Name of the service., type: str, sample: detector}
        namespace: {description: Its namespace., type: str, sample: default}
        replica: {description: Number of the replica., type: int, sample: 0}
        container: {description: Name of the container., type: str, sample: detector}
        node: {description: The node., type: str, sample: node1}
        numa_nodes: {description: NUMA nodes that it is bound to., type: list, elements: int, sample: [0]}
        cpus: {description: "Exclusive CPUs to be expected, empty where it shares.", type: str, sample: "2-5"}
        cpu: {description: CPUs that it asks for., type: str, sample: "4"}
        memory: {description: Bytes., type: int, sample: 4294967296}
        hugepages: {description: Bytes by size., type: dict, sample: {"2Mi": 536870912}}
        devices: {description: "VFs, then computing devices.", type: list, elements: dict}
        distance: {description: "C(weight) and C(levels) of its part of the data path.", type: dict}
        moved_from: {description: "Node that it ran on, where it is another place now.", type: str, sample: node2}
    rejected: {description: "Per pod the nodes that it has not, each with the reason.", type: list, elements: dict}
    failed: {description: "Pods without a node, with C(what) is short and C(advice).", type: list, elements: dict}
    objective: {description: "C(weight), of that C(distance), and C(shared_links).", type: dict}
    method: {description: "V(exact) where nothing beats it, V(heuristic) else.", type: str, sample: exact}
    gap: {description: "By what part of the optimum it may be dearer, null where unknown.", type: float, sample: 0.0}
    notes:
      description: What holds with a reserve, such as a VF that is not made yet, or services that talk to each other and
        have no network in common; C(path), C(what) and C(advice) of each.
      type: list
      elements: dict
"""

from ..plugin_utils.filter_errors import tells, warn_of_inversions
from ..plugin_utils.placement.run import place


@tells
def placement(services, nodes, allocations=None, reasons="auto", **options):
    """The placement of services; the arguments are the filter's options."""
    warn_of_inversions(options.get("weights"))
    return place(services, nodes, allocations, **options).result(reasons)


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return {"placement": placement}
