# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
name: nearest_devices
short_description: The devices that are nearest to a device
version_added: "0.1.0"
description:
  - The other devices of a node, nearest first, by address where they are equally near.
positional: device
options:
  device:
    description:
      - From where. A PCI address (domain 0000 may be left out), a network or an RDMA device name.
    type: str
    required: true
  kind:
    description:
      - Devices of this kind, or of this list of kinds, only.
    type: raw
  count:
    description:
      - At most so many.
    type: int
extends_documentation_fragment:
  - gedge.engine.distance
  - gedge.engine.distance.weights
"""

EXAMPLES = r"""
- name: Read the topology of the node
  gedge.engine.topology_facts:
  register: node

- name: Show the GPU that is nearest to the first NIC
  ansible.builtin.debug:
    msg: "{{ node.topology | gedge.engine.nearest_devices(nic.address, kind='gpu', count=1) }}"
  vars:
    nic: "{{ node.topology.pci_devices | selectattr('kind', 'equalto', 'nic') | first }}"
"""

RETURN = r"""
_value:
  description: The devices.
  type: list
  elements: dict
  contains:
    address: {description: PCI address., type: str, sample: "0000:22:00.0"}
    kind: {description: Kind., type: str, sample: gpu}
    level: {description: Level of the distance., type: str, sample: PHB}
    weight: {description: Weight of the distance., type: float, sample: 3.5}
"""

from ..module_utils.distance import nearest
from ..plugin_utils.filter_errors import tells, warn_of_inversions


@tells
def nearest_devices(topology, device, kind=None, count=None, weights=None):
    """The devices near to one; the arguments are the filter's options."""
    warn_of_inversions(weights)
    return nearest.nearest_devices(topology, device, kind, count, weights)


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return {"nearest_devices": nearest_devices}
