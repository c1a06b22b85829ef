# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter pod_network_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: pod_network_verdict
short_description: Hold a node's pod network against what was asked for
version_added: 0.1.0
description:
  - Names what the node lacks of the pod network, and each other node that does not answer over it, or not by TCP.
    Shares no code with module M(gedge.engine.pod_network).
positional: _input, lines, ports
options:
  _input:
    description: C(pings) of M(gedge.engine.network_probe), with the other node's name as C(label).
    type: list
    elements: dict
    required: true
  lines:
    description:
      - C(conf NAME) for each CNI configuration, C(mtu NUMBER) of device C(gedge-pods), and C(table) where nftables has
        the table.
    type: list
    elements: str
    required: true
  ports:
    description: C(ports) of M(gedge.engine.network_probe) by TCP, likewise.
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Be sure that all other nodes answer
  ansible.builtin.assert:
    that: (pings | gedge.engine.pod_network_verdict(lines, ports)).findings == []
  vars:
    pings: [{label: node2, address: 10.244.1.0, sent: 3, replies: 3}]
    ports: [{label: node2, address: 10.244.1.0, protocol: tcp, port: 10250, answer: open}]
    lines: [conf 10-gedge-pods.conflist, mtu 1450, table]
"""

RETURN = r"""
_value:
  description: C(findings), each with C(device), C(what) and C(advice), and C(proof), lines for a person.
  type: dict
  sample: {findings: [], proof: ["pod network: 1 of 1 other nodes answer packets of 1450 bytes, 1 by TCP"]}
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import pod_network


@tells
def pod_network_verdict(answers, lines, ports):
    """See DOCUMENTATION."""
    return pod_network.pod_network(answers, lines, ports)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"pod_network_verdict": pod_network_verdict}
