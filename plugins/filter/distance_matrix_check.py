# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
name: distance_matrix_check
short_description: Name the pairs that break a distance matrix
version_added: "0.1.0"
description:
  - PCIe is a tree, so its distances are symmetric, and ultrametric, which means that of the three distances between
    three devices the two largest are equal.
  - Names the pairs whose two readings differ, then, over the others, a smallest set of pairs that explains every
    triple that breaks the rule.
  - A table need not be square. What only one row says counts as agreed.
  - NVLinks (C(NV18)) are no PCIe and are left out.
options:
  _input:
    description:
      - The output of C(nvidia-smi topo -m) as text (affinity columns and legend are left out), or any table of
        text with a header line.
      - Or a list of rows, each a list, with a header row.
      - Or a mapping of rows, each a mapping from column to value.
      - Or a mapping with C(devices) (or C(rows) and C(columns)) and C(level) (or C(weight)), as
        P(gedge.engine.resource_distance#filter) returns.
      - Values are levels (X, PIX, PXB, PHB, NODE, SYS, UNKNOWN) or numbers.
    type: raw
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
seealso:
  - plugin: gedge.engine.topology_facts
    plugin_type: module
"""

EXAMPLES = r"""
- name: Check a table that was measured
  ansible.builtin.debug:
    msg: "{{ table | gedge.engine.distance_matrix_check }}"
  vars:
    table: |
      from  NIC   GPU0  GPU1
      NIC   X     PIX   NODE
      GPU0  PIX   X     PXB
      GPU1  PXB   PXB   X

- name: Check what nvidia-smi says
  ansible.builtin.debug:
    msg: "{{ lookup('ansible.builtin.pipe', 'nvidia-smi topo -m') | gedge.engine.distance_matrix_check }}"
  when: lookup('ansible.builtin.first_found', ['/usr/bin/nvidia-smi'], skip=true) | length > 0
"""

RETURN = r"""
_value:
  description: The verdict.
  type: dict
  contains:
    ok: {description: Whether nothing is wrong., type: bool, sample: false}
    asymmetric: {description: Pairs whose two readings differ., type: list, elements: list, sample: [[NIC, GPU1]]}
    ultrametric: {description: Pairs that break the ultrametric inequality., type: list, elements: list, sample: []}
    pairs: {description: All of these pairs., type: list, elements: list, sample: [[NIC, GPU1]]}
    problems:
      description: For each pair what was read, what would be right, and what to do.
      type: list
      elements: str
      sample:
        - "NIC-GPU1: row NIC reads NODE, row GPU1 reads PXB; only PXB is ultrametric with the other distances.
          Write PXB in both places"
"""

from ..module_utils.distance.check import check
from ..plugin_utils.filter_errors import tells


@tells
def distance_matrix_check(matrix):
    """The verdict on a matrix."""
    return check(matrix)


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return {"distance_matrix_check": distance_matrix_check}
