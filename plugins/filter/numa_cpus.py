# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
name: numa_cpus
short_description: The CPUs of a device's NUMA node
version_added: "0.1.0"
description:
  - The online CPUs of the NUMA node that a device is on, without the reserved ones.
  - Where the kernel does not know the node of the device (C(-1)), the other devices of its root complex tell, or
    the machine has one node only. Else it is an error, as the kernel's own answer (every CPU) would pin badly.
positional: device
options:
  device:
    description:
      - A PCI address (domain 0000 may be left out), a network or an RDMA device name.
    type: str
    required: true
  reserved:
    description:
      - CPUs to leave out, as the kernel writes them (C(0,2-3)) or as a list.
    type: raw
    default: ""
  form:
    description:
      - V(list) gives numbers, V(cpuset) text as the kernel writes it.
    type: str
    choices: [list, cpuset]
    default: list
  unknown:
    description:
      - V(all) gives every online CPU where nothing tells the NUMA node.
    type: str
    choices: [error, all]
    default: error
extends_documentation_fragment:
  - gedge.engine.distance
"""

EXAMPLES = r"""
- name: Read the topology of the node
  gedge.engine.topology_facts:
  register: node

- name: Show the CPUs beside the first NIC, but for CPU 0
  ansible.builtin.debug:
    msg: "{{ node.topology | gedge.engine.numa_cpus(nic.address, reserved='0', form='cpuset', unknown='all') }}"
  vars:
    nic: "{{ node.topology.pci_devices | selectattr('kind', 'equalto', 'nic') | first }}"
"""

RETURN = r"""
_value:
  description: Numbers of the CPUs, or text such as C(1,3-5).
  type: raw
  sample: [1, 3, 4, 5]
"""

from ..module_utils import cpuset
from ..module_utils.distance import nearest
from ..module_utils.errors import EngineError
from ..plugin_utils.filter_errors import tells


@tells
def numa_cpus(topology, device, reserved="", form="list", unknown="error"):
    """The CPUs beside a device; the arguments are the filter's options."""
    if form not in ("list", "cpuset"):
        raise EngineError("%r is no choice" % (form,), "form", 'Write "list" or "cpuset"')
    cpus = nearest.numa_cpus(topology, device, reserved, unknown)
    return cpuset.render(cpus) if form == "cpuset" else cpus


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return {"numa_cpus": numa_cpus}
