# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter rdma_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rdma_verdict
short_description: Findings and proof out of a node's RDMA reading and its measurements
version_added: 0.1.0
description:
  - Joins what was read and what was measured. A measurement that failed is a finding.
positional: _input, answers
options:
  _input:
    description: The result of filter P(gedge.engine.rdma_reading#filter).
    type: dict
    required: true
  answers:
    description: The targets that module M(gedge.engine.rdma_probe) has returned.
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show the findings
  ansible.builtin.debug:
    msg: "{{ ({'findings': [], 'endpoints': [], 'lines': []} | gedge.engine.rdma_verdict([])).findings }}"
"""

RETURN = r"""
_value:
  description: C(findings), rows with device, what and advice, and C(proof), lines of text.
  type: dict
  sample:
    findings: []
    proof: ["RDMA node2 ens1f0v0 -> node1 ens1f0v0: rping answers"]
"""

from ansible.errors import AnsibleFilterError

from ..plugin_utils.verify import rdma


def rdma_verdict(reading, answers):
    """See DOCUMENTATION."""
    try:
        return rdma.verdict(reading, answers)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError("rdma_verdict: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"rdma_verdict": rdma_verdict}
