# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_proof."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_proof
short_description: Hold what pods really got against what was promised to their services
version_added: 0.1.0
description:
  - Takes the pods of a cluster, what M(gedge.engine.pod_facts) read on the nodes, the ledger, the manifests and the
    topologies. Gives one row for each container of each replica, promised and achieved side by side.
  - CPUs are equal where their number and their NUMA nodes are, since the kubelet chooses which ones. A VF is equal
    where its PF is, with the network's VLAN, since the device plugin chooses which one of the pool. A GPU is equal
    where it is the very one, or one at the same distance.
positional: _input, readings, ledger, objects, topologies, unseen
options:
  _input:
    description: Pods, as the API server has them.
    type: list
    elements: dict
    required: true
  readings:
    description: What M(gedge.engine.pod_facts) returned, by node.
    type: dict
    required: true
  ledger:
    description: The ledger, C(services.json), or its text.
    type: raw
    required: true
  objects:
    description: The manifests, whose NetworkAttachmentDefinitions have the VLANs.
    type: list
    elements: dict
    required: true
  topologies:
    description: Topology of each node, or the folder with NODE.topology.json, as role C(node_topology) saved them.
    type: raw
    required: true
  unseen:
    description:
      - Nodes that were not to be looked at, as C(--limit) leaves them out. What was promised there, and is there, is
        neither proven nor a finding. A node that could not be reached is none of them.
    type: list
    elements: str
    default: []
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what each pod got
  ansible.builtin.debug:
    msg: "{{ (pods | gedge.engine.service_proof(readings, ledger, manifests, topologies)).table }}"
  vars:
    pods: []
    readings: {}
    ledger: {}
    manifests: []
    topologies: {}
"""

RETURN = r"""
_value:
  description:
    - C(rows) with promised and achieved; C(equal), whether all are; C(table), C(findings), C(notes) for the terminal.
  type: dict
  sample:
    rows: []
    equal: true
    findings: []
    notes: []
    table: No pod was promised anything.
"""

from ..plugin_utils import service_proof as core
from ..plugin_utils.filter_errors import tells
from ..plugin_utils.offline import topologies as saved


@tells
def service_proof(pods, readings, ledger, objects, topologies, unseen=()):
    """See DOCUMENTATION."""
    if isinstance(topologies, str):
        found = saved.load(dict.fromkeys(readings), topologies, topologies)
        topologies = {node: one for node, one in found.items() if one}
    return core.proof(pods, readings, ledger, (objects, topologies), unseen)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_proof": service_proof}
