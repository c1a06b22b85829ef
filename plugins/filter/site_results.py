# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter site_results."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_results
short_description: What the roles of all nodes registered
version_added: 0.1.0
description:
  - Collects C(ROLE_packages) (or C(ROLE_packages_result)) and C(ROLE_result) of each role and node, for
    P(gedge.engine.site_plan#filter).
positional: _input, nodes, roles
extends_documentation_fragment:
  - gedge.engine.registered
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ hostvars | gedge.engine.site_results(ansible_play_hosts_all, ['node_sriov']) }}"
"""

RETURN = r"""
_value:
  description: By role and node that has it, a list of the registered results; empty ones where a role did not run.
  type: dict
  sample: {node_sriov: {node1: [{}, {}, {steps: []}]}}
"""

from ..plugin_utils import registered


def site_results(hostvars, nodes, roles):
    """See DOCUMENTATION."""
    return registered.results(hostvars, nodes, roles)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"site_results": site_results}
