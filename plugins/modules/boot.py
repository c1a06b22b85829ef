#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: boot
short_description: Kernel arguments and modules of a node from one declaration
version_added: 0.1.0
description:
  - States in one call which arguments the kernel is started with, which modules are loaded, and their options.
  - The arguments are one drop-in, C(/etc/default/grub.d/zz-gedge.cfg), that adds to what others set; C(grub.cfg) is
    made anew and must then have them in all its entries, else the files before are put back.
  - What others set for the same argument is named; where theirs would win, nothing is changed.
  - Never reboots; RV(reboot_reasons) says what of the asked for only a reboot brings.
  - On a node that GRUB does not start (systemd-boot, extlinux, direct kernel boot) arguments that are missing are
    refused; modules work there too.
requirements:
  - Debian or a system made from it, with GRUB where arguments are asked for.
options:
  iommu:
    description:
      - V(on) switches the IOMMU on and lets the host's own devices pass it by (C(iommu=pt)); the argument follows the
        IOMMU that the firmware shows, else the vendor of the CPU.
      - V(off) switches it off; V(leave) says nothing about it.
    type: str
    choices: ["on", "off", leave]
    default: leave
  isolated_cpus:
    description:
      - CPUs such as V(2-3,6) that the scheduler and managed interrupts keep away from
        (C(isolcpus=managed_irq,domain,...)).
    type: str
    default: ""
  nohz_full:
    description:
      - Whether the isolated CPUs are without a timer tick and RCU callbacks too (C(nohz_full=), C(rcu_nocbs=)).
    type: bool
    default: false
  hugepages:
    description:
      - Pages per size and NUMA node. Those of 1 GiB or more become arguments; smaller ones are set by
        M(gedge.engine.tuning) and are only counted here, since all together must leave memory to the node.
    type: list
    elements: dict
    default: []
    suboptions:
      size:
        description: V(1G), V(2M) or another size that the CPU has.
        type: str
        required: true
      count:
        description: Number of pages.
        type: int
        required: true
      numa_node:
        description: The NUMA node. Without it the kernel spreads the pages over all.
        type: int
  default_hugepagesz:
    description: Size of the pages that programs get which ask for none, V(2M) or V(1G).
    type: str
  arguments:
    description: Any other arguments, C(key) or C(key=value) each; a value with blanks in double quotes.
    type: list
    elements: str
    default: []
  modules:
    description: Modules to be loaded, now and at every boot.
    type: list
    elements: str
    default: []
  module_options:
    description:
      - "Options of modules as {module: {option: value}}. Those that a loaded module can change are changed now."
    type: dict
    default: {}
  state:
    description:
      - V(present) brings the node to what is asked for; what was asked for earlier and is not now, goes.
      - V(absent) removes all that this module made, unloads what it loaded where nothing uses it, and restores options.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: IOMMU, two CPUs for services alone, and a huge page on each NUMA node
  gedge.engine.boot:
    iommu: "on"
    isolated_cpus: "2-3"
    nohz_full: true
    hugepages:
      - {size: 1G, count: 1, numa_node: 0}
      - {size: 1G, count: 1, numa_node: 1}
    arguments: [pci=realloc, mitigations=auto]

- name: A module and its options
  gedge.engine.boot:
    modules: [vfio-pci]
    module_options: {vfio-pci: {disable_idle_d3: true}}

- name: Back to what was before
  gedge.engine.boot:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: /boot/grub/grub.cfg, action: update-grub, reason: the entries differ, disruption: reboot, before: "",
       after: intel_iommu=on iommu=pt}
disruption:
  description: The worst disruption among the steps, V(reboot) where one is needed for the asked for to hold.
  type: str
  returned: success
  sample: reboot
reboot_reasons:
  description: What of the asked for only a reboot brings.
  type: list
  elements: str
  returned: success
  sample: [the running kernel was started without intel_iommu=on iommu=pt]
arguments:
  description: All kernel arguments that are asked for.
  type: list
  elements: str
  returned: success
  sample: [intel_iommu=on, iommu=pt, "isolcpus=managed_irq,domain,2-3"]
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.boot.options import argument_spec
from ..module_utils.boot.subsystem import Boot
from ..module_utils.node_module import run_subsystem
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Boot(params, System()))


if __name__ == "__main__":
    main()
