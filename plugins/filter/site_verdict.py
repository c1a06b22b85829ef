# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter site_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_verdict
short_description: The findings of a verification as one table
version_added: 0.1.0
description:
  - One line for each finding of each node, and a closing line.
positional: _input
options:
  _input:
    description: By node (or V(switch)), its findings.
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show a verdict
  ansible.builtin.debug:
    msg: "{{ findings | gedge.engine.site_verdict }}"
  vars:
    findings:
      node1: [{device: ens1f0 VF 1, what: "vlan 30 asked for, 31 found", advice: Run the site playbook to put it right}]
      node2: []
"""

RETURN = r"""
_value:
  description: The table as text.
  type: str
  sample: "All of node1, node2 is as asked for."
"""

from ..plugin_utils.render.text_table import text_table


def site_verdict(findings):
    """See DOCUMENTATION."""
    rows = [[node, one["device"], one["what"], one["advice"]] for node in findings for one in findings[node]]
    if not rows:
        return "All of %s is as asked for." % ", ".join(findings)
    return text_table(["where", "device", "finding", "what to do"], rows) + "\n\n%d finding%s." % (
        len(rows),
        "" if len(rows) == 1 else "s",
    )


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"site_verdict": site_verdict}
