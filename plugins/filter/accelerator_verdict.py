# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter accelerator_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: accelerator_verdict
short_description: What is not as asked for of a node's accelerators, and what was shown
version_added: 0.1.0
description:
  - Puts the findings of P(gedge.engine.accelerator_reading#filter) together with the answers of the health commands
    and, where they are given, with the reading of MIG, VFs and bitstreams.
positional: _input
options:
  _input:
    description: What P(gedge.engine.accelerator_reading#filter) gave.
    type: dict
    required: true
  health:
    description: The registered results of a loop over its C(health).
    type: list
    elements: dict
    required: true
  mig:
    description: MIG layouts, as in O(gedge.engine.accelerator#module:gpu.mig).
    type: list
    elements: dict
    default: []
  buses:
    description: Output of C(nvidia-smi --query-gpu=uuid,pci.bus_id --format=csv,noheader).
    type: str
    default: ""
  listing:
    description: Output of C(nvidia-smi -L).
    type: str
    default: ""
  fpga:
    description: What is asked of FPGAs, with C(vfs) (below 0 for any), C(vfio), C(bitstreams).
    type: dict
    default: {}
  sysfs:
    description: Lines C(PATH:VALUE) of the attributes C(afu_id) and C(sriov_numvfs).
    type: str
    default: ""
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (reading | gedge.engine.accelerator_verdict(health.results)).findings }}"
  vars:
    reading: {devices: {}, findings: [], health: []}
    health: {results: []}
"""

RETURN = r"""
_value:
  description: C(findings) with device, what and advice; C(proof), sentences with what was read.
  type: dict
  sample: {findings: [], proof: ["0000:3b:00.0: NVIDIA Ampere, driven by nvidia."]}
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import accelerator


@tells
def accelerator_verdict(reading, health, mig=(), buses="", listing="", fpga=None, sysfs=""):
    """See DOCUMENTATION."""
    rows = list(reading["findings"]) + accelerator.health_findings(health)
    devices = reading["devices"]
    if devices and mig:
        rows += accelerator.mig_findings(mig, buses, listing)
    if devices and fpga:
        rows += accelerator.fpga_findings(devices, fpga["vfs"], fpga["vfio"], fpga["bitstreams"], sysfs)
    return {"findings": rows, "proof": accelerator.proof(devices, health)}


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"accelerator_verdict": accelerator_verdict}
