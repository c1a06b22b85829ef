# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter rdma_asked."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rdma_asked
short_description: What module rdma is asked for, from a node's RDMA settings and ports
version_added: 0.1.0
description:
  - Turns the host variable C(testbed_rdma) of the inventory plugin P(gedge.engine.testbed#inventory) into the options
    O(gedge.engine.rdma#module:rxe), O(gedge.engine.rdma#module:netns) and O(gedge.engine.rdma#module:roce) of module
    M(gedge.engine.rdma). Networks become the node's ports in them; a tagged port a VLAN on it.
positional: _input, ports
options:
  _input:
    description: The RDMA settings of one node; may be empty.
    type: dict
    required: true
  ports:
    description: The host variable C(testbed_ports).
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Soft-RoCE as the testbed says
  gedge.engine.rdma:
    rxe: "{{ (testbed_rdma | gedge.engine.rdma_asked(testbed_ports)).rxe }}"
"""

RETURN = r"""
_value:
  description: C(rxe), C(netns) and C(roce).
  type: dict
  sample:
    rxe: [{pci: "0000:21:00.0", vlan: 30}, {interface: ens1f0v0}]
    netns: exclusive
    roce: null
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..plugin_utils import asked_rdma


def rdma_asked(rdma, ports):
    """See DOCUMENTATION."""
    try:
        return asked_rdma.asked(rdma or {}, ports)
    except (EngineError, KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError("rdma_asked: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"rdma_asked": rdma_asked}
