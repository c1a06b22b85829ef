# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the filters over the variables of all nodes document alike."""

from __future__ import annotations


class ModuleDocFragment:
    """The variables, the nodes and the roles that are meant."""

    DOCUMENTATION = r"""
options:
  _input:
    description: The variables of all nodes, C(hostvars).
    type: dict
    required: true
  nodes:
    description: The nodes that are meant.
    type: list
    elements: str
    required: true
  roles:
    description: The roles that ran, in their order, as a list, or by node where not each node has the same ones.
    type: raw
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""
