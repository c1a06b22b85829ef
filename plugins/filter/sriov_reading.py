# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter sriov_reading."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sriov_reading
short_description: Hold an independent reading of a node's VFs against what was asked for
version_added: 0.1.0
description:
  - Reads iproute2's JSON and a listing of sysfs links, and names each difference to what was asked for. Shares no code
    with module M(gedge.engine.sriov).
positional: _input
options:
  _input:
    description: Output of C(ip -j -d link show).
    type: str
    required: true
  sysfs_links:
    description: Lines C(PATH TARGET) of the links C(driver) and C(virtfnN) below C(/sys/devices).
    type: str
    required: true
  asked:
    description:
      - What was asked for, in the form of O(gedge.engine.sriov#module:pfs).
      - PFs are found by address, name or network.
    type: list
    elements: dict
    required: true
  ports:
    description: The host variable C(testbed_ports).
    type: list
    elements: dict
    default: []
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read the VFs by iproute2
  ansible.builtin.command: ip -j -d link show
  changed_when: false
  register: links

- name: Read drivers and VFs from sysfs
  ansible.builtin.command: find /sys/devices -type l ( -name driver -o -name virtfn* ) -printf "%p %l\n"
  changed_when: false
  register: sysfs

- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (links.stdout | gedge.engine.sriov_reading(sysfs.stdout, asked)).findings }}"
  vars:
    asked:
      - {select: {address: "0000:21:00.0"}, count: 4}
"""

RETURN = r"""
_value:
  description: C(findings), C(endpoints), the VFs that traffic can be sent from, and C(count), the number of VFs.
  type: dict
  sample:
    findings: [{device: ens10f0 VF 1, what: "vlan 30 asked for, 31 found", advice: Run the site playbook}]
    endpoints: [{interface: ens10f0v0, title: ens10f0 VF 0, network: sriov-a, switch_port: tor/25}]
    count: 4
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..plugin_utils.verify import findings, probe, reading


def sriov_reading(ip_json, sysfs_links, asked, ports=()):
    """See DOCUMENTATION."""
    try:
        found = reading.read(ip_json, sysfs_links)
        return {
            "findings": findings.sriov(found, asked, ports),
            "endpoints": probe.endpoints(found, ports),
            "count": sum(len(pf["vfs"]) for pf in found.values()),
        }
    except (EngineError, ValueError) as error:
        raise AnsibleFilterError("sriov_reading: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"sriov_reading": sriov_reading}
