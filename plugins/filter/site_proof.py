# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter site_proof."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_proof
short_description: What a verification has proven, in sentences
version_added: 0.1.0
description:
  - Counts the VFs that were read back, the probes that were answered or silent as they should be, and the frames.
positional: _input
options:
  _input:
    description: By node, its reading (see P(gedge.engine.sriov_reading#filter)), of which C(count) is used.
    type: dict
    required: true
  answers:
    description: The answered targets of all nodes, from M(gedge.engine.link_probe).
    type: list
    elements: dict
    required: true
  frames:
    description: The C(frames) of P(gedge.engine.switch_findings#filter).
    type: list
    elements: dict
    default: []
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what was proven
  ansible.builtin.debug:
    msg: "{{ {'node1': {'count': 8}} | gedge.engine.site_proof([{'expect': 'reply', 'replies': 3}]) }}"
"""

RETURN = r"""
_value:
  description: Sentences.
  type: list
  elements: str
  sample: [8 VFs of node1 were read back by iproute2 and from sysfs.]
"""

from ..plugin_utils.verify import proof


def site_proof(readings, answers, frames=()):
    """See DOCUMENTATION."""
    return proof.sentences(readings, answers, frames)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"site_proof": site_proof}
