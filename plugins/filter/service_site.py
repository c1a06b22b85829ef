# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_site."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_site
short_description: A testbed as services see it
version_added: 0.1.0
description:
  - Makes the records of nodes for P(gedge.engine.placement#filter) and the tables for
    P(gedge.engine.service_manifests#filter) out of the host variables of the testbed and saved topologies. No node is
    reached.
  - VFs that the testbed asks for and that are not made yet count as there, at the addresses that the kernel will give
    them; the nodes are named in C(foretold).
  - VFs that a node uses itself are no service's, in either. These are the ones over which C(testbed_rdma) (or
    C(node_rdma_rxe)) asks for soft-RoCE, and those that C(testbed_ports) or C(node_network_links) name. Ports have them
    as C(used_vfs).
positional: _input, nodes, tables, facts, samples, kubelet
options:
  _input:
    description: The host variables of the nodes, such as C(hostvars).
    type: dict
    required: true
  nodes:
    description: Names of the nodes.
    type: list
    elements: str
    required: true
  tables:
    description: C(networks), C(switches) and C(nodes), the variables C(testbed_networks) and so on.
    type: dict
    required: true
  facts:
    description: Folder with C(NODE.topology.json), as role P(gedge.engine.node_topology#role) saves it.
    type: path
    required: true
  samples:
    description: Folder with C(PROFILE.topology.json), for nodes that were never discovered.
    type: path
    required: true
  kubelet:
    description:
      - How the kubelets of the nodes are set, over what C(cluster_kubelet_topology_manager_policy),
        C(cluster_kubelet_topology_manager_scope) and C(cluster_kubelet_cpu_manager_policy_options) of a node say.
    type: dict
    default: {}
    suboptions:
      policy:
        description: The Topology Manager's policy.
        type: str
        choices: [none, best-effort, restricted, single-numa-node]
        default: single-numa-node
      scope:
        description: The Topology Manager's scope.
        type: str
        choices: [container, pod]
        default: container
      cpu_options:
        description: The options of the static CPU manager, such as C(full-pcpus-only).
        type: dict
        default: {}
      reserved_memory:
        description: Bytes that are kept from pods.
        type: int
        default: 0
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show which nodes services can be placed on
  ansible.builtin.debug:
    msg: "{{ site.records | map(attribute='name') }}"
  vars:
    tables: {networks: {}, switches: {}, nodes: {}}
    site: "{{ hostvars | gedge.engine.service_site(groups['testbed'] | default([]), tables, 'facts', 'samples',
      {'policy': 'restricted'}) }}"
"""

RETURN = r"""
_value:
  description: The records and tables.
  type: dict
  contains:
    records: {description: Records of the nodes with a topology., type: list, elements: dict}
    testbed: {description: "C(networks), C(switches), C(nodes), C(ports), C(topologies).", type: dict}
    foretold: {description: Nodes some of whose VFs are not made yet., type: list, elements: str, sample: [node1]}
    unknown: {description: Nodes without any saved topology; they take no service., type: list, elements: str}
    samples: {description: Nodes whose topology is a generated sample., type: list, elements: str}
"""

from ..plugin_utils import service_site as sites
from ..plugin_utils.filter_errors import tells
from ..plugin_utils.offline import topologies
from ..plugin_utils.offline.sample import is_sample


@tells
def service_site(variables, nodes, tables, facts, samples, kubelet=None):
    """See DOCUMENTATION."""
    hosts = {node: sites.variables_of(variables[node]) for node in nodes}
    saved = topologies.load({node: host.get("testbed_profile") for node, host in hosts.items()}, facts, samples)
    return dict(
        sites.site(hosts, saved, tables, kubelet),
        unknown=sorted(node for node, topology in saved.items() if not topology),
        samples=sorted(node for node, topology in saved.items() if topology and is_sample(topology)),
    )


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_site": service_site}
