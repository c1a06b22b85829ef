#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_switch
short_description: Read the virtual testbed's L2 switch, or put one port into other VLANs
version_added: 0.1.0
description:
  - Returns the port table of the lab's switch, and the frames that each port has received, sent and dropped per VLAN.
  - With O(port), gives that port other VLANs until the lab is started again with O(gedge.engine.lab#module:switches)
    of the testbed, which puts the table right.
author:
  - The gedge.engine authors (@gedge-engine)
options:
  folder:
    description: The lab's folder.
    type: path
    required: true
  port:
    description: The port to set, as C(SWITCH/NUMBER) or as the C(NODE/NIC/PORT) that is cabled to it.
    type: str
  vlan:
    description: The port's untagged VLAN; 0 for none. Left out, it stays.
    type: int
  tagged:
    description: The VLANs that the port carries tagged. Left out, they stay.
    type: list
    elements: int
attributes:
  check_mode:
    support: full
    description: Says whether the port would be changed.
  diff_mode:
    support: full
    description: The port's line in the table before and after.
"""

EXAMPLES = r"""
- name: Put a port into a wrong VLAN, to see that verify.yml finds it
  gedge.engine.lab_switch:
    folder: "{{ lab_dir }}"
    port: node1/nic0/2
    vlan: 99
  delegate_to: localhost

- name: Read the counters
  gedge.engine.lab_switch:
    folder: "{{ lab_dir }}"
  delegate_to: localhost
  register: switch

- name: Show the frames of VLAN 30 that came in at port 25
  ansible.builtin.debug:
    msg: "{{ switch.stats['tor/25'].in['30'] | default(0) }}"
"""

RETURN = r"""
ports:
  description: The port table, by C(SWITCH/NUMBER).
  returned: success
  type: dict
  sample: {"tor/25": {"vlan": null, "tagged": [30, 40], "lag": null, "peer": "node1/nic0/1"}}
stats:
  description:
    - Frames since the switch was started, by C(SWITCH/NUMBER) and VLAN. V(0) stands for an untagged frame at a port
      without a native VLAN.
    - C(in) counts what came in, dropped or not; C(dropped) counts per reason.
  returned: success
  type: dict
  sample:
    tor/25:
      connected: true
      in: {"30": 12, "99": 3}
      out: {"30": 9}
      dropped: {"VLAN not in the trunk's list": {"99": 3}}
"""

from ..module_utils.lab.fabric import Fabric, find_port
from ..module_utils.node_module import run_action

ARGUMENT_SPEC = {
    "folder": {"type": "path", "required": True},
    "port": {"type": "str"},
    "vlan": {"type": "int"},
    "tagged": {"type": "list", "elements": "int"},
}


def wanted(row, params):
    """The port's line as it is asked for."""
    row = dict(row)
    if params["vlan"] is not None:
        row["vlan"] = params["vlan"] or None
    if params["tagged"] is not None:
        row["tagged"] = sorted(params["tagged"])
    return row


def run(params, check_mode):
    """Set where asked to, then read."""
    fabric, diff = Fabric(params["folder"]), {"before": {}, "after": {}}
    table = fabric.table()
    if params["port"]:
        port = find_port(table, params["port"])
        diff = {"before": {port: table[port]}, "after": {port: wanted(table[port], params)}}
        table.update(diff["after"])
    changed = diff["before"] != diff["after"]
    if changed and not check_mode:
        fabric.set_table(table)
    answer = fabric.ask({"do": "stats"})
    return {"changed": changed, "diff": diff, "ports": answer["ports"], "stats": answer["stats"]}


def main():
    """Run the module."""
    run_action(ARGUMENT_SPEC, run, required_by={"vlan": ["port"], "tagged": ["port"]})


if __name__ == "__main__":
    main()
