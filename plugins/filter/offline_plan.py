# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter offline_plan."""

from __future__ import annotations

DOCUMENTATION = r"""
name: offline_plan
short_description: The plan of a site with no node reachable
version_added: 0.1.0
description:
  - Plans the roles of the nodes on their saved topologies, by the same code that plans on a node.
  - What a topology does not say is taken as on a node with Debian 12 that was just installed, with GRUB and
    systemd-networkd, no addresses and no VF attributes. IRQs, CPU governors and packages are not known. So the plan of
    a node that was configured before is longer than what is really left to do there.
positional: _input, nodes, facts, samples, roles
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
  facts:
    description: Folder with C(NODE.topology.json), as role P(gedge.engine.node_topology#role) saves it.
    type: path
    required: true
  samples:
    description: Folder with C(PROFILE.topology.json), for nodes that were never discovered.
    type: path
    required: true
  roles:
    description:
      - Names of the roles; by default all that can be planned so.
      - Those of accelerators cannot; they are only named in C(left_out).
    type: list
    elements: str
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what would be done
  ansible.builtin.debug:
    msg: "{{ (hostvars | gedge.engine.offline_plan(groups['testbed'] | default([]), 'facts', 'samples')).table }}"
"""

RETURN = r"""
_value:
  description:
    - As that of P(gedge.engine.site_plan#filter), with C(samples), the nodes that were planned on a sample, and
      C(unknown), those without any saved topology.
    - C(left_out) has the roles of accelerators that have something to do, and C(management) the links that would be
      changed and that the node may be managed over, each with the nodes.
  type: dict
  sample:
    {status: clean, disruption: none, reboots: 0, nodes: {}, samples: [], unknown: [], left_out: {}, management: {},
     table: Nothing to do.}
"""

from ..plugin_utils import offline_plan as offline
from ..plugin_utils import plan
from ..plugin_utils.filter_errors import tells
from ..plugin_utils.offline import topologies


@tells
def offline_plan(variables, nodes, facts, samples, roles=None):
    """See DOCUMENTATION."""
    hosts = {node: offline.variables_of(variables[node]) for node in nodes}
    saved = topologies.load({node: host.get("testbed_profile") for node, host in hosts.items()}, facts, samples)
    document = offline.site(hosts, saved, roles)
    return dict(document, table="\n\n".join([plan.table(document), *offline.remarks(document)]))


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"offline_plan": offline_plan}
