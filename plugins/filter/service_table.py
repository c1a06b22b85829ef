# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_table."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_table
short_description: A placement as a table for the terminal
version_added: 0.1.0
description:
  - One line per container with its node, NUMA nodes, CPUs to be expected, devices and distance; below it what was read
    otherwise than written, what holds with a reserve (a VF that is not made yet), and what found no place.
positional: _input, notes, gone
options:
  _input:
    description: What P(gedge.engine.placement#filter) gave.
    type: dict
    required: true
  notes:
    description: The C(notes) of P(gedge.engine.service_normalize#filter).
    type: list
    elements: dict
    default: []
  gone:
    description: Names of services that were taken away, as P(gedge.engine.service_ledger#filter) tells them.
    type: list
    elements: str
    default: []
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show who is where
  ansible.builtin.debug:
    msg: "{{ placed | gedge.engine.service_table }}"
  vars:
    placed: {placements: [], failed: [], notes: [], method: exact, objective: {weight: 0}}
"""

RETURN = r"""
_value:
  description: The text.
  type: str
  sample: 0 pods on 0 nodes, exact, weight 0.
"""

from ..plugin_utils.service_table import table


def service_table(placed, notes=(), gone=()):
    """See DOCUMENTATION."""
    return table(placed, notes, gone)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_table": service_table}
