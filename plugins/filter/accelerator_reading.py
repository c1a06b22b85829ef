# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter accelerator_reading."""

from __future__ import annotations

DOCUMENTATION = r"""
name: accelerator_reading
short_description: Hold an independent reading of a node's accelerators against the catalogue
version_added: 0.1.0
description:
  - Reads what the kernel and udev say of PCI devices, modules and device nodes, and names each difference to what the
    catalogue of module M(gedge.engine.accelerator) asks for the devices of one kind.
positional: _input
options:
  _input:
    description: Lines C(PATH/uevent:KEY=VALUE) of the PCI devices.
    type: str
    required: true
  modules:
    description: Text of C(/proc/modules).
    type: str
    required: true
  nodes:
    description: Lines C(PATH MODE OWNER GROUP) of the files in C(/dev).
    type: str
    required: true
  kind:
    description: The devices that are meant.
    type: str
    choices: [gpu, fpga, accelerator]
    required: true
  catalogue:
    description: The user's entries, as in O(gedge.engine.accelerator#module:catalogue).
    type: list
    elements: dict
    default: []
  whole:
    description: Whether whole cards are given to C(vfio-pci).
    type: bool
    default: false
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read the PCI devices
  ansible.builtin.command: find -L /sys/bus/pci/devices -maxdepth 2 -name uevent -exec grep -H . {} +
  changed_when: false
  register: uevents

- name: Show the GPUs that the catalogue knows
  ansible.builtin.debug:
    msg: "{{ (uevents.stdout | gedge.engine.accelerator_reading('', '', 'gpu')).devices }}"
"""

RETURN = r"""
_value:
  description:
    - C(devices), what was found by address; C(findings), what is not as asked for; C(health), the commands to run.
  type: dict
  sample:
    devices: {"0000:3b:00.0": {vendor: "10de", device: "20b0", class: "030200", driver: nvidia, name: NVIDIA Ampere}}
    findings: []
    health: [{name: NVIDIA Ampere, argv: [nvidia-smi, -L]}]
"""

from ..module_utils.accelerator import entry
from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import accelerator


@tells
def accelerator_reading(uevents, modules, nodes, kind, catalogue=(), whole=False):
    """See DOCUMENTATION."""
    devices = accelerator.of_kind(accelerator.read(uevents), entry.entries(catalogue), kind)
    return {
        "devices": {address: dict(seen, name=one.name) for address, (seen, one) in devices.items()},
        "findings": accelerator.findings(devices, modules, nodes, whole),
        "health": accelerator.health(devices),
    }


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"accelerator_reading": accelerator_reading}
