# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter handover."""

from __future__ import annotations

DOCUMENTATION = r"""
name: handover
short_description: A testbed and its services as data for the platform's other parts
version_added: 0.1.0
description:
  - Nodes with devices and their distances, networks and who is attached to them by which switch port, and services with
    what was promised to them. docs/schemas/handover.schema.json describes the form.
  - Refused where no node has a topology, where services run on a node without one, and where the ledger is damaged.
positional: _input, testbed_site, ledger
options:
  _input:
    description: What P(gedge.engine.service_site#filter) gave.
    type: dict
    required: true
  testbed_site:
    description: The variable C(testbed_site).
    type: dict
    required: true
  ledger:
    description: What role P(gedge.engine.service#role) keeps in C(services.json), or the text of that file; C({}) or an
      empty text without services.
    type: raw
    default: {}
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show the devices of each node
  ansible.builtin.debug:
    msg: "{{ (site | gedge.engine.handover(testbed_site)).nodes }}"
  vars:
    tables: {networks: "{{ testbed_networks }}", switches: {}, nodes: {}}
    site: "{{ hostvars | gedge.engine.service_site(groups['testbed'], tables, 'facts', 'samples') }}"
"""

RETURN = r"""
_value:
  description: C(form), C(site), C(nodes), C(networks), C(attachments), C(services).
  type: dict
"""

from ..plugin_utils import handover as handovers
from ..plugin_utils.filter_errors import tells


@tells
def handover(site, testbed_site, ledger=None):
    """See DOCUMENTATION."""
    return handovers.handover(site, testbed_site, ledger or {})


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"handover": handover}
