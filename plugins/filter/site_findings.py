# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter site_findings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_findings
short_description: What the verification of all roles found on all nodes
version_added: 0.1.0
description:
  - Collects C(ROLE_findings) of each role and node, for P(gedge.engine.site_verdict#filter).
  - A role that left none is a finding.
positional: _input, nodes, roles
extends_documentation_fragment:
  - gedge.engine.registered
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ hostvars | gedge.engine.site_findings(ansible_play_hosts_all, ['node_sriov']) }}"
"""

RETURN = r"""
_value:
  description: By node, a list of findings with role, device, what and advice.
  type: dict
  sample: {node1: []}
"""

from ..plugin_utils import registered


def site_findings(hostvars, nodes, roles):
    """See DOCUMENTATION."""
    return registered.findings(hostvars, nodes, roles)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"site_findings": site_findings}
