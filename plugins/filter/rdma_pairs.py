# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter rdma_pairs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rdma_pairs
short_description: Which node measures RDMA to which
version_added: 0.1.0
description:
  - In each network each node measures to the one before it. The values are the servers and targets of module
    M(gedge.engine.rdma_probe).
positional: _input
options:
  _input:
    description: For each node the result of filter P(gedge.engine.rdma_reading#filter).
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show who measures to whom
  ansible.builtin.debug:
    msg: "{{ {'node1': {'endpoints': []}, 'node2': {'endpoints': []}} | gedge.engine.rdma_pairs }}"
"""

RETURN = r"""
_value:
  description: The pairs.
  type: list
  elements: dict
  sample:
    - server: node1
      client: node2
      address: 192.168.20.101
      port: 18700
      label: node2 ens1f0v0 -> node1 ens1f0v0
"""

from ansible.errors import AnsibleFilterError

from ..plugin_utils.verify import rdma


def rdma_pairs(readings):
    """See DOCUMENTATION."""
    try:
        return rdma.pairs(readings)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError("rdma_pairs: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"rdma_pairs": rdma_pairs}
