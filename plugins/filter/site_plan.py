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
positional: _input
options:
  _input:
    description: By role and node, the registered result of the role's changing module in check mode.
    type: dict
    required: true
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
          steps:
            - {target: ens1f0, action: set-vf-count, reason: no VF exists yet, disruption: none, before: 0, after: 4}
"""

RETURN = r"""
_value:
  description:
    - C(status) (V(clean), V(changes) or V(errors)), C(disruption), C(nodes) with steps and errors.
    - C(table), all of it as text.
  type: dict
  sample: {status: clean, disruption: none, nodes: {}, table: "Nothing to do on 0 nodes: all is as asked for."}
"""

from ..plugin_utils import plan


def site_plan(results):
    """See DOCUMENTATION."""
    found = plan.summary(results)
    return dict(found, table=plan.table(found))


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"site_plan": site_plan}
