# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter network_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: network_verdict
short_description: What the traffic between the nodes says of their networks
version_added: 0.1.0
description:
  - Names what was not answered and should have been, what was and should not, and what a filter did not count.
positional: _input, readings, node, rules
options:
  _input:
    description: The result of M(gedge.engine.network_probe) on the node.
    type: dict
    required: true
  readings:
    description: Readings of P(gedge.engine.network_reading#filter) by node, from before the probe.
    type: dict
    required: true
  node:
    description: The node.
    type: str
    required: true
  rules:
    description: Output of C(nft -j list ruleset) on the node after all nodes have sent.
    type: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ {'pings': [], 'ports': []} | gedge.engine.network_verdict({'node1': reading}, 'node1', '') }}"
  vars:
    reading: {ends: [], filters: {}, counters: {}}
"""

RETURN = r"""
_value:
  description: C(findings), and C(proof), sentences with figures.
  type: dict
  sample:
    findings: [{device: node1 eth1 -> node2 eth1, what: no reply, advice: Check VLAN and cabling}]
    proof: ["4 of 4 ports that are allowed were reached."]
"""

from ..plugin_utils.verify import crossing, crossing_proof, ingress


def network_verdict(answers, readings, node, rules):
    """See DOCUMENTATION."""
    before, after = readings[node]["counters"], ingress.counters(ingress.read(rules))
    found = crossing.findings(answers) + crossing.uncounted(readings, node, before, after)
    return {"findings": found, "proof": crossing_proof.sentences(answers, before, after)}


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"network_verdict": network_verdict}
