#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: tuning
short_description: Hugepages, sysctls, IRQ affinity and CPU governor of a node from one declaration
version_added: 0.1.0
description:
  - States in one call how a node is tuned, sets it now, and has the distribution's own means bring it back at boot.
    C(sysctl.d) for sysctls, C(tmpfiles.d) for hugepages per NUMA node, one systemd unit for IRQs and the governor.
  - Hugepages that would leave the node too little memory are refused before anything is touched. Where memory is in
    pieces the kernel is asked to join them; what still fails is put back, and the message says how many were had where.
  - IRQs leave the isolated CPUs, and new ones never get there. Those that the kernel lets nobody move (managed IRQs)
    are told in RV(refused_irqs). C(irqbalance), where it runs, is told to leave the isolated CPUs alone.
requirements:
  - Debian or a system made from it, with systemd, on the node.
options:
  profile:
    description: V(edge-accelerated) is a table of values with their reasons, see role P(gedge.engine.node_tuning#role).
    type: str
    choices: [none, edge-accelerated]
    default: none
  hugepages:
    description:
      - Pages per size and NUMA node. Those of 1 GiB or more are set by M(gedge.engine.boot) and are only counted here.
      - A size or NUMA node that is not named is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      size:
        description: V(2M) or another size that the CPU has.
        type: str
        required: true
      count:
        description: Number of pages.
        type: int
        required: true
      numa_node:
        description: The NUMA node. Without it the pages are spread evenly over all.
        type: int
  sysctls:
    description: "Sysctls as {name: value}; they win over those of the profile."
    type: dict
    default: {}
  isolated_cpus:
    description: CPUs such as V(2-3,6) that shall have no IRQ, whether the kernel has been started with them or not yet.
    type: str
    default: ""
  governor:
    description: The CPU governor. Empty, the one of the profile, if any. CPUs without frequency scaling have none.
    type: str
    default: ""
  state:
    description:
      - V(present) brings the node to what is asked for; what was asked for earlier and is not now, returns to what was
        before.
      - V(absent) restores what was before this module's first change, and removes its files.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Hugepages on two NUMA nodes, two CPUs without interrupts, and the values of the profile
  gedge.engine.tuning:
    profile: edge-accelerated
    hugepages:
      - {size: 2M, count: 512, numa_node: 0}
      - {size: 2M, count: 512, numa_node: 1}
    isolated_cpus: "2-3"
    sysctls: {vm.max_map_count: 262144}

- name: Back to what was before
  gedge.engine.tuning:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: /proc/sys/vm/swappiness, action: set-sysctl, reason: differs from what is asked for, disruption: none,
       before: "60", after: "10"}
disruption:
  description: The worst disruption among the steps; always V(none).
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
refused_irqs:
  description: IRQs on isolated CPUs that the kernel lets nobody move, each with its number, users and CPUs.
  type: list
  elements: dict
  returned: success
  sample:
    - {irq: 77, name: nvme0q2, cpus: "3"}
governor:
  description: The governor that the CPUs are given, empty for none or where they have no frequency scaling.
  type: str
  returned: success
  sample: performance
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.node_module import run_subsystem
from ..module_utils.system import System
from ..module_utils.tuning.options import argument_spec
from ..module_utils.tuning.subsystem import Tuning


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Tuning(params, System()))


if __name__ == "__main__":
    main()
