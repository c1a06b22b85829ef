# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter others_gpus_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: others_gpus_verdict
short_description: Whether a cluster's own plugin or DRA driver offers all GPUs of a node
version_added: 0.1.0
description:
  - Holds the number of GPUs that pods can ask for, as C(nvidia.com/gpu) or by claims of driver C(gpu.nvidia.com),
    against those that the node has. More are no fault, since one can be several (MIG, sharing).
positional: _input, slices, addresses
options:
  _input:
    description: The Node object, in a list; empty where the API server knows none.
    type: list
    elements: dict
    required: true
  slices:
    description: The ResourceSlices of driver C(gpu.nvidia.com).
    type: list
    elements: dict
    required: true
  addresses:
    description: PCI addresses of the NVIDIA GPUs that the node has.
    type: list
    elements: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (nodes | gedge.engine.others_gpus_verdict([], ['0000:3b:00.0'])).findings }}"
  vars:
    nodes:
      - metadata: {name: node1}
        status: {allocatable: {nvidia.com/gpu: "1"}}
"""

RETURN = r"""
_value:
  description: C(findings), each with C(device), C(what) and C(advice), and C(proof), lines for a person.
  type: dict
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import cluster


@tells
def others_gpus_verdict(nodes, slices, addresses):
    """See DOCUMENTATION."""
    return cluster.others_gpus(nodes, slices, addresses)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"others_gpus_verdict": others_gpus_verdict}
