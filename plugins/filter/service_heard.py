# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_heard."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_heard
short_description: Who of the pods hears whom, as sentences
version_added: 0.1.0
description:
  - Takes the answers that module M(gedge.engine.network_probe) got on all nodes to what filter
    P(gedge.engine.service_pings#filter) made. Who hears nothing is a finding.
options:
  _input:
    description: The C(pings) of all nodes, with their figures.
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show who hears whom
  ansible.builtin.debug:
    msg: "{{ (answers | gedge.engine.service_heard).proof }}"
  vars:
    answers: []
"""

RETURN = r"""
_value:
  description: C(proof) and C(findings), sentences.
  type: dict
  sample:
    proof:
      - "default/a (node1, vf, VLAN 30) and default/b (vf, VLAN 30) hear each other: 3 of 3 answers, 8.4 ms"
    findings: []
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.proof import traffic


@tells
def service_heard(answers):
    """See DOCUMENTATION."""
    proof, findings = traffic.verdict(answers)
    return {"proof": proof, "findings": findings}


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_heard": service_heard}
