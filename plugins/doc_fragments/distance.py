# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the filters over a topology document alike."""

from __future__ import annotations


class ModuleDocFragment:
    """The topology that goes in; with weights, and with a choice of devices."""

    DOCUMENTATION = r"""
options:
  _input:
    description:
      - The topology that M(gedge.engine.topology_facts) returned, or its whole result.
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
seealso:
  - plugin: gedge.engine.topology_facts
    plugin_type: module
"""

    WEIGHTS = r"""
options:
  weights:
    description:
      - Weight for a level, over the defaults X 0, NV 1, PIX 2, PXB 3, PHB 3.5, NODE 4, SYS 5, UNKNOWN 5.
      - Weights that fall while the distance grows are used, with a warning.
    type: dict
"""

    DEVICES = r"""
options:
  kinds:
    description:
      - Devices of these kinds only, all by default. Known are V(nic), V(gpu), V(fpga), V(accelerator) and V(nvme).
    type: list
    elements: str
  devices:
    description:
      - These devices only, in this order. A network or RDMA device name does too.
      - By default all by PCI address; in a table or picture by NUMA node first.
    type: list
    elements: str
"""
