# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter site_evidence."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_evidence
short_description: What the verification of all roles has shown
version_added: 0.1.0
description:
  - Collects C(ROLE_proof) of each role and node.
positional: _input, nodes, roles
extends_documentation_fragment:
  - gedge.engine.registered
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ hostvars | gedge.engine.site_evidence(ansible_play_hosts_all, ['node_sriov']) }}"
"""

RETURN = r"""
_value:
  description: Sentences.
  type: list
  elements: str
  sample: ["node1: 64 huge pages of 2 MiB on each of 2 NUMA nodes."]
"""

from ..plugin_utils import registered


def site_evidence(hostvars, nodes, roles):
    """See DOCUMENTATION."""
    return registered.proof(hostvars, nodes, roles)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"site_evidence": site_evidence}
