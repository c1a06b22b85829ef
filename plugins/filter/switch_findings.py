# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter switch_findings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: switch_findings
short_description: What the virtual switch says of its ports and of the traffic
version_added: 0.1.0
description:
  - Holds the port table of the lab's switch against the testbed, and counts the frames between two readings.
positional: _input
options:
  _input:
    description: The second reading, a result of M(gedge.engine.lab_switch).
    type: dict
    required: true
  before:
    description: The first reading.
    type: dict
    required: true
  switches:
    description: The variable C(testbed_switches).
    type: dict
    required: true
  endpoints:
    description: The C(endpoints) of all nodes that sent traffic, see P(gedge.engine.sriov_reading#filter).
    type: list
    elements: dict
    default: []
  networks:
    description: The variable C(testbed_networks).
    type: dict
    default: {}
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show the frames
  ansible.builtin.debug:
    msg: "{{ after | gedge.engine.switch_findings(before, switches) }}"
  vars:
    before: {ports: {}, stats: {}}
    after:
      ports: {"tor/25": {vlan: 30, tagged: []}}
      stats: {"tor/25": {"in": {"30": 12}, "out": {"30": 9}}}
    switches: {tor: {ports: {"25": {vlan: null, tagged: [30], peer: node1/nic0/1}}}}
"""

RETURN = r"""
_value:
  description: C(findings), and C(frames) by port and VLAN.
  type: dict
  sample:
    findings: [{device: switch port tor/25, what: "tagged 30 asked for, no VLAN found", advice: Set it right}]
    frames: [{port: tor/25, vlan: 30, frames_in: 12, frames_out: 9}]
"""

from ..module_utils.errors import EngineError
from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import switch


@tells
def switch_findings(after, before, switches, endpoints=(), networks=None):
    """See DOCUMENTATION."""
    for where, reading, keys in (("the second reading", after, ("ports", "stats")), ("before", before, ("stats",))):
        if not isinstance(reading, dict) or not all(isinstance(reading.get(key), dict) for key in keys):
            what = "is no reading of the switch, which has %s" % " and ".join(keys)
            raise EngineError(what, where, "Give a result of gedge.engine.lab_switch; a skipped task has none")
    frames = switch.witness(before["stats"], after["stats"], after["stats"])
    found = switch.table(after["ports"], switches) + switch.foreign(frames, switches)
    return {"findings": found + switch.unseen(frames, endpoints, networks or {}), "frames": frames}


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"switch_findings": switch_findings}
