#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: sriov
short_description: SR-IOV of a node from one declaration
version_added: 0.1.0
description:
  - States the SR-IOV of all physical functions (PFs) of a node in one call; the number of virtual functions (VFs), and
    for each VF its MAC address, VLAN, priority, spoof check, trust, rates, link state, driver and MTU.
  - What is right already is not touched. A PF whose VF count is right is never reset, and one VF is changed without
    touching its neighbours.
  - Each step is named in advance with its disruption; check mode predicts exactly the steps that a run then takes.
  - Run time and boot are both set. At boot C(systemd.link) files make the VFs and their attributes, C(driverctl)
    binds C(vfio-pci), and one systemd unit per PF sets the link and the rates.
  - A step that fails half-way is followed by putting the earlier state back; the result says so.
requirements:
  - Linux with systemd >= 251, iproute2 >= 5.10 and udev on the node.
  - C(driverctl) on the node, where a VF is bound to C(vfio-pci).
options:
  pfs:
    description: The PFs and what is asked of each. A PF may be meant by one item only.
    type: list
    elements: dict
    suboptions:
      select:
        description: Which PFs are meant; all keys that are given must hold.
        type: dict
        required: true
        suboptions:
          name:
            description: The network device, such as V(ens10f0).
            type: str
          address:
            description: The PCI address, such as V(0000:21:00.0).
            type: str
          network:
            description: A network of the testbed; the PFs of this node's ports on it, as given in O(ports).
            type: str
          vendor:
            description: PCI vendor, four hexadecimal digits.
            type: str
          device:
            description: PCI device, four hexadecimal digits.
            type: str
          numa_node:
            description: NUMA node of the PF.
            type: int
      count:
        description:
          - Number of VFs. Left out, the number stays as it is.
          - The kernel changes a number other than 0 only by way of 0, so all VFs of the PF go; see O(allow_vf_loss).
        type: int
      mtu:
        description: MTU of the PF in bytes.
        type: int
      up:
        description: Whether the PF is up. By default it is brought up where VFs are asked for; they need it for a link.
        type: bool
      vfs:
        description: What is asked of single VFs. A key that is left out is left alone.
        type: list
        elements: dict
        suboptions:
          range:
            description: The VFs that are meant, such as V(0), V(0-3) or V(0,2-5).
            type: str
            required: true
          mac:
            description: MAC address, for one VF.
            type: str
          vlan:
            description: VLAN that the PF puts the VF into, V(0) for none.
            type: int
          qos:
            description: VLAN priority, 0 to 7. V(0) where a O(pfs[].vfs[].vlan) is given without it.
            type: int
          spoofchk:
            description: Whether frames with a foreign source address are dropped.
            type: bool
          trust:
            description: Whether the VF may do what needs trust, such as changing its MAC address or being promiscuous.
            type: bool
          min_tx_rate:
            description: Guaranteed rate in Mbit/s, V(0) for none.
            type: int
          max_tx_rate:
            description: Highest rate in Mbit/s, V(0) for no limit.
            type: int
          link_state:
            description: Whether the VF's link follows the PF's, or is forced.
            type: str
            choices: [auto, enable, disable]
          driver:
            description: V(netdevice) for the kernel's network driver, V(vfio-pci) for use from user space or a VM.
            type: str
            choices: [netdevice, vfio-pci]
          mtu:
            description: MTU of the VF's network device in bytes.
            type: int
  ports:
    description:
      - The node's ports and their networks, for O(pfs[].select.network). The host variable C(testbed_ports) of the
        inventory plugin P(gedge.engine.testbed#inventory) is such a list. Of each item C(network) is read, and
        C(pci) or C(interface), which say the PF.
    type: list
    elements: dict
  allow_vf_loss:
    description:
      - PFs, by name or PCI address, whose VFs may be lost though they are in use (bound to C(vfio-pci), in another
        network namespace, with an address, or claimed by a pod). Without it such a change is refused.
    type: list
    elements: str
  iommu_at_boot:
    description:
      - Whether a reboot that switches the IOMMU on is about to come. VFs that are to be bound to C(vfio-pci) while the
        IOMMU is off are a fault without it; with it they are bound at that boot, and are among the RV(reboot_reasons).
    type: bool
    default: false
  state:
    description:
      - V(present) brings the PFs to what is asked for.
      - V(absent) restores what was before this module's first change, of the PFs in O(pfs) or of all, and removes
        its files.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Four VFs on a port, two of them in VLAN 30 and one for DPDK
  gedge.engine.sriov:
    pfs:
      - select: {address: "0000:21:00.0"}
        count: 4
        vfs:
          - {range: "0-1", vlan: 30, spoofchk: true}
          - {range: "2", mac: "02:00:00:00:01:02", vlan: 40, qos: 5, max_tx_rate: 200}
          - {range: "3", driver: vfio-pci}

- name: Seven VFs on each PF of NUMA node 0
  gedge.engine.sriov:
    pfs:
      - select: {numa_node: 0}
        count: 7

- name: The ports of a testbed network
  gedge.engine.sriov:
    ports: "{{ testbed_ports }}"
    pfs:
      - select: {network: sriov-a}
        count: 4

- name: Back to what was before, though a VF of that port is bound to vfio-pci
  gedge.engine.sriov:
    state: absent
    allow_vf_loss: ["0000:21:00.0"]
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  contains:
    target: {description: Device or file., type: str}
    action: {description: "What is done, such as C(set-vf-count).", type: str}
    reason: {description: Why., type: str}
    disruption: {description: "C(none), C(link), C(drain) or C(reboot).", type: str}
    before: {description: The value before., type: raw}
    after: {description: The value after., type: raw}
  sample:
    - {target: ens10f0, action: set-vf-count, reason: no VF exists yet, disruption: none, before: 0, after: 4}
disruption:
  description: The worst disruption among the steps.
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings.
  type: list
  elements: str
  returned: success
  sample: ["VFs 3 of ens1f0 get vfio-pci when the IOMMU is on"]
missing_packages:
  description: Packages that the settings need to come back at boot and that are not installed.
  type: list
  elements: str
  returned: success
  sample: [driverctl]
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
failed_step:
  description: The step that failed.
  type: dict
  returned: when a step failed
put_back:
  description: Whether the state before the run was restored after the failure.
  type: bool
  returned: when a step failed
"""

from ..module_utils.node_module import run_subsystem
from ..module_utils.sriov.options import argument_spec
from ..module_utils.sriov.subsystem import Sriov
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Sriov(params, System()))


if __name__ == "__main__":
    main()
