# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
name: resource_distance
short_description: The Resource Distance Matrix of a node
version_added: "0.1.0"
description:
  - How far each NIC (virtual functions too), GPU, FPGA, accelerator and NVMe disk is from each other, in the levels
    of C(nvidia-smi topo -m) and as a weight.
  - The same list of bridges above both is PIX (also two functions of one card, and a VF beside its PF), the same
    first bridge PXB, the same root complex PHB. Across root complexes it is NODE within a NUMA node, SYS between
    two, UNKNOWN where the NUMA node of one is not known (two unknown ones are not the same one).
  - Each bridge counts, the ports of a PCIe switch too, so two devices below two ports of one switch are PXB here
    and in C(lstopo), where C(nvidia-smi) may call them PIX.
  - The NUMA node of a root complex is what most of its functions say, the lowest on a tie.
  - sysfs knows no NVLink, so NV does not occur here.
  - The matrix is symmetric and ultrametric; it is checked before it is returned.
extends_documentation_fragment:
  - gedge.engine.distance
  - gedge.engine.distance.weights
  - gedge.engine.distance.devices
"""

EXAMPLES = r"""
- name: Read the topology of the node
  gedge.engine.topology_facts:
  register: node

- name: Show how far the NICs and GPUs are from each other
  ansible.builtin.debug:
    msg: "{{ node.topology | gedge.engine.resource_distance(kinds=['nic', 'gpu'], weights={'SYS': 10}) }}"
"""

RETURN = r"""
_value:
  description: The matrix, rows and columns in the order of C(devices).
  type: dict
  contains:
    devices: {description: Addresses., type: list, elements: str, sample: ["0000:21:00.0", "0000:22:00.0"]}
    level: {description: Level of each pair., type: list, elements: list, sample: [[X, PHB], [PHB, X]]}
    weight: {description: Weight of each pair., type: list, elements: list, sample: [[0, 3.5], [3.5, 0]]}
"""

from ..module_utils.distance.matrix import build
from ..plugin_utils.filter_errors import tells, warn_of_inversions


@tells
def resource_distance(topology, kinds=None, devices=None, weights=None):
    """The matrix of a topology; the arguments are the filter's options."""
    warn_of_inversions(weights)
    return build(topology, kinds, devices, weights)


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return {"resource_distance": resource_distance}
