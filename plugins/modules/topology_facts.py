#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: topology_facts
short_description: Read the CPUs, NUMA nodes and PCI devices of a node
version_added: "0.1.0"
description:
  - Returns what a node really has, with the place of each thing in its NUMA and PCIe tree.
  - Reads sysfs and procfs only and runs no command, so a saved tree of another machine gives the same answer.
  - The class of a PCI device decides its kind, whoever made it; a small table refines it (FPGAs, and the pictures
    of management controllers and virtual machines, which are no GPUs).
  - A kernel without NUMA support has no node folder. As hwloc does, the whole machine is then NUMA node 0,
    while its PCI devices keep the C(-1) that the kernel says.
options:
  root:
    description:
      - The folder that holds C(sys) and C(proc) of the machine. Symbolic links are followed inside it.
    type: path
    default: /
  kinds:
    description:
      - Return PCI devices of these kinds only. All kinds by default.
      - "Known: V(nic), V(gpu), V(fpga), V(accelerator) and V(nvme)."
    type: list
    elements: str
    default: []
  volatile:
    description:
      - Return the numbers that change by themselves too, which are free hugepages, the speed and width that a link
        has just now (power management lowers them), and IOMMU groups (the kernel numbers them anew at each boot).
      - V(false) gives a topology that is the same on each run, to be saved and compared.
    type: bool
    default: true
attributes:
  check_mode:
    description: Can run in check mode; it never changes anything.
    support: full
  diff_mode:
    description: There is nothing to show, as nothing is changed.
    support: none
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read the topology of the node
  gedge.engine.topology_facts:
  register: node

- name: Show which GPU is nearest to the first NIC
  ansible.builtin.debug:
    msg: "{{ node.topology | gedge.engine.nearest_devices('0000:21:00.0', kind='gpu', count=1) }}"
  when: node.topology.pci_devices | selectattr('address', 'equalto', '0000:21:00.0') | length > 0

- name: Read the NICs and GPUs of a machine whose sysfs was saved
  gedge.engine.topology_facts:
    root: /var/tmp/saved-node
    kinds: [nic, gpu]
  delegate_to: localhost
"""

RETURN = r"""
topology:
  description: What the node has.
  returned: success
  type: dict
  contains:
    root:
      description: Where it was read.
      type: str
      sample: /
    cpus:
      description: The CPUs in the machine, by number, offline ones too.
      type: list
      elements: dict
      contains:
        cpu: {description: Number of the CPU., type: int, sample: 3}
        online: {description: Whether it runs., type: bool, sample: true}
        socket: {description: Physical package; null where the kernel does not say., type: int, sample: 0}
        core: {description: Core in the socket; null where the kernel does not say., type: int, sample: 3}
        numa_node: {description: NUMA node; -1 where unknown., type: int, sample: 0}
        thread_siblings: {description: CPUs of the same core with itself., type: list, elements: int, sample: [3, 43]}
        l3: {description: Id of the level 3 cache; null where there is none., type: int, sample: 0}
        isolated: {description: Whether the scheduler leaves it alone (isolcpus)., type: bool, sample: false}
    numa_nodes:
      description: The NUMA nodes, by number, those without CPUs or without memory too.
      type: list
      elements: dict
      contains:
        node: {description: Number of the node., type: int, sample: 0}
        cpus: {description: Its CPUs that are online., type: list, elements: int, sample: [0, 1]}
        memory_bytes: {description: Its memory in bytes; null where unknown., type: int, sample: 17149054976}
        hugepages:
          description: "By size, C(total) and (with O(volatile)) C(free) pages."
          type: dict
          sample: {"2048kB": {"total": 64, "free": 64}}
        distances:
          description: To each node of this list in its order, 10 is local; empty where unknown.
          type: list
          elements: int
          sample: [10, 21]
    pcie_roots:
      description: The root complexes of the devices in C(pci_devices), by name.
      type: list
      elements: dict
      contains:
        root: {description: Name., type: str, sample: "pci0000:20"}
        numa_node:
          description: What most functions below it say, the lowest on a tie; -1 where none knows.
          type: int
          sample: 0
    pci_devices:
      description: The PCI devices that matter, by address. A virtual function is a device of its own.
      type: list
      elements: dict
      contains:
        address: {description: PCI address., type: str, sample: "0000:21:00.0"}
        kind: {description: "One of C(nic), C(gpu), C(fpga), C(accelerator), C(nvme).", type: str, sample: nic}
        vendor: {description: Vendor id., type: str, sample: "8086"}
        device: {description: Device id., type: str, sample: "10fb"}
        subsystem_vendor: {description: Subsystem vendor id., type: str, sample: "8086"}
        subsystem_device: {description: Subsystem device id., type: str, sample: "0003"}
        class: {description: "Class, subclass and programming interface.", type: str, sample: "020000"}
        numa_node: {description: NUMA node that the kernel says; -1 where unknown., type: int, sample: 0}
        pcie_path:
          description: Root complex first, then each bridge down to the device, which is not in it.
          type: list
          elements: str
          sample: ["pci0000:20", "0000:20:00.0"]
        driver: {description: Driver that it is bound to or null., type: str, sample: ixgbe}
        iommu_group: {description: "IOMMU group or null, with O(volatile).", type: int, sample: 14}
        link:
          description: PCIe link now and at most, speed in GT/s and width in lanes; null where unknown.
          type: dict
          sample: {"speed_gts": 5.0, "width": 8, "max_speed_gts": 5.0, "max_width": 8}
        sriov:
          description:
            - "C(role) is C(pf) (then C(total), C(num) and C(vfs), the addresses in the order of their numbers, and
              C(offset) and C(stride), which say where VFs will be, null where the kernel does not tell), C(vf) (then
              C(pf) and C(index)) or null."
          type: dict
          sample: {"role": "vf", "pf": "0000:21:00.0", "index": 0}
        net: {description: Network devices in this network namespace., type: list, elements: str, sample: [ens1f0]}
        rdma: {description: RDMA devices., type: list, elements: str, sample: [mlx5_0]}
"""

from ..module_utils.node_module import run_facts
from ..module_utils.system import System
from ..module_utils.topology import facts


def main():
    run_facts(
        {
            "root": {"type": "path", "default": "/"},
            "kinds": {"type": "list", "elements": "str", "default": []},
            "volatile": {"type": "bool", "default": True},
        },
        lambda params: {"topology": facts.gather(System(params["root"]), params["kinds"], params["volatile"])},
    )


if __name__ == "__main__":
    main()
