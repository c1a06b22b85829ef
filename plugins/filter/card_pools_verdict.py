# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter card_pools_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: card_pools_verdict
short_description: Hold the cards that a node offers to pods against what its kernel says
version_added: 0.1.0
description:
  - Names each resource of which other cards are allocatable than the plugin was told of, each socket that it does not
    listen on, and each card that has another driver by now.
positional: _input, pools, lines, state
options:
  _input:
    description: The Node object, in a list; empty where the API server knows none.
    type: list
    elements: dict
    required: true
  pools:
    description: C(resourceList) of the plugin's configuration on the node.
    type: list
    elements: dict
    required: true
  lines:
    description: Paths of the sockets on which the plugin listens, and C(ADDRESS DRIVER) of the PCI devices.
    type: list
    elements: str
    required: true
  state:
    description: Whether anything shall be offered.
    type: str
    choices: [present, absent]
    default: present
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (nodes | gedge.engine.card_pools_verdict(pools, [])).findings }}"
  vars:
    nodes:
      - metadata: {name: node1}
        status: {allocatable: {example.com/asic: "1"}}
    pools:
      - {resourceName: asic, resourcePrefix: example.com, cards: [{address: "0000:5e:00.0", driver: example}]}
"""

RETURN = r"""
_value:
  description: C(findings), each with C(device), C(what) and C(advice), and C(proof), lines for a person.
  type: dict
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import cluster


@tells
def card_pools_verdict(nodes, pools, lines, state="present"):
    """See DOCUMENTATION."""
    return cluster.cards(nodes, pools, lines, state)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"card_pools_verdict": card_pools_verdict}
