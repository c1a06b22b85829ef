# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter rdma_reading."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rdma_reading
short_description: Hold an independent reading of a node's RDMA against what was asked for
version_added: 0.1.0
description:
  - Reads what iproute2 and a login say, and names each difference to what was asked for. Shares no code with module
    M(gedge.engine.rdma).
positional: _input, asked
options:
  _input:
    description: The outputs of C(rdma -j link show), C(rdma system show), C(ip -j -d addr show) and C(ulimit -l).
    type: list
    elements: str
    required: true
  asked:
    description: What was asked for; C(rxe), C(netns) and C(memlock) as for M(gedge.engine.rdma).
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (['[]', 'netns shared', '[]', '64'] | gedge.engine.rdma_reading(asked)).findings }}"
  vars:
    asked: {rxe: [{interface: ens1f0v0}], netns: shared, memlock: unlimited}
"""

RETURN = r"""
_value:
  description: C(findings), C(endpoints), the addresses that can be measured, and C(lines), what was seen.
  type: dict
  sample:
    findings: []
    endpoints: [{label: ens1f0v0, device: rxe_ens1f0v0, address: 192.168.20.101, network: 192.168.20.96/28}]
    lines: ["RDMA devices: rxe_ens1f0v0 over ens1f0v0; netns shared; a login may pin unlimited"]
"""

from ansible.errors import AnsibleFilterError

from ..plugin_utils.verify import rdma


def rdma_reading(outputs, asked):
    """See DOCUMENTATION."""
    try:
        return rdma.read(outputs, asked)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnsibleFilterError("rdma_reading: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"rdma_reading": rdma_reading}
