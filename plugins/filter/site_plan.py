# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter site_plan."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_plan
short_description: One plan from the results of all nodes in check mode
version_added: 0.1.0
description:
  - Collects the steps that the roles of all nodes foretold, with the worst disruption and the errors.
positional: _input, conflicts
options:
  _input:
    description: By role and node, the registered results of check mode, from P(gedge.engine.site_results#filter).
    type: dict
    required: true
  conflicts:
    description: By node, what its roles cannot all have, each with where, what and advice.
    type: dict
    default: {}
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show a plan
  ansible.builtin.debug:
    msg: "{{ (results | gedge.engine.site_plan).table }}"
  vars:
    results:
      node_sriov:
        node1:
          - steps:
              - {target: ens1f0, action: set-vf-count, reason: no VF exists yet, disruption: none, before: 0, after: 4}
"""

RETURN = r"""
_value:
  description:
    - C(status) (V(clean), V(changes) or V(errors)), C(disruption), C(reboots) (how many nodes reboot, once each).
    - C(nodes), each with C(disruption), C(steps), C(errors), C(conflicts), C(reboot_reasons) and C(reboots).
    - C(table), all of it as text.
  type: dict
  sample:
    {status: clean, disruption: none, reboots: 0, nodes: {}, table: "Nothing to do on 0 nodes: all is as asked for."}
"""

from ..plugin_utils import plan


def site_plan(results, conflicts=None):
    """See DOCUMENTATION."""
    found = plan.summary(results, conflicts)
    return dict(found, table=plan.table(found))


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"site_plan": site_plan}
