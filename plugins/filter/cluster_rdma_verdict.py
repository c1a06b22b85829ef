# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter cluster_rdma_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_rdma_verdict
short_description: Hold what a node offers of RDMA against what was asked for
version_added: 0.1.0
description:
  - Names a kernel in another mode than asked for, a CNI program that is missing, and a shared pool of which nothing is
    allocatable. Shares no code with M(gedge.engine.device_plugin).
positional: _input, pools, lines, mode
options:
  _input:
    description: The Node object, in a list; empty where the API server knows none.
    type: list
    elements: dict
    required: true
  pools:
    description: C(configList) of the shared plugin's configuration on the node.
    type: list
    elements: dict
    required: true
  lines:
    description: What C(/sys/module/ib_core/parameters/netns_mode) says, then the target of the CNI program's link.
    type: list
    elements: str
    required: true
  mode:
    description: The mode that was asked for.
    type: str
    choices: [shared, exclusive, none]
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ ([{'status': {}}] | gedge.engine.cluster_rdma_verdict([], ['Y'], 'exclusive')).findings }}"
"""

RETURN = r"""
_value:
  description: C(findings), each with C(device), C(what) and C(advice), and C(proof), lines for a person.
  type: dict
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import cluster


@tells
def cluster_rdma_verdict(nodes, pools, lines, mode):
    """See DOCUMENTATION."""
    return cluster.rdma(nodes, pools, lines, mode)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"cluster_rdma_verdict": cluster_rdma_verdict}
