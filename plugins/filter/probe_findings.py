# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter probe_findings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: probe_findings
short_description: What a traffic probe found wrong
version_added: 0.1.0
description:
  - Names the VFs without a link or address, the silence where a reply was due, and the reply where silence was due.
positional: _input
options:
  _input:
    description: A node's C(endpoints), C(links) and answered C(targets).
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ probed | gedge.engine.probe_findings }}"
  vars:
    probed:
      endpoints: [{interface: v0, title: PF VF 0, network: sriov-a, switch_port: tor/25}]
      links: [{interface: v0, carrier: true, address: "fe80::1"}]
      targets: [{interface: v0, address: "fe80::2", expect: reply, replies: 0, label: PF VF 0 -> node2 PF VF 0}]
"""

RETURN = r"""
_value:
  description: One item for each fault.
  type: list
  elements: dict
  sample:
    - {device: PF VF 0 -> node2 PF VF 0, what: no reply, advice: Check VLAN and cabling of both switch ports}
"""

from ..plugin_utils.verify import probe


def probe_findings(node):
    """See DOCUMENTATION."""
    return probe.link_findings(node) + probe.traffic_findings(node["targets"])


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"probe_findings": probe_findings}
