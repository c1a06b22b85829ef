# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter card_pools."""

from __future__ import annotations

DOCUMENTATION = r"""
name: card_pools
short_description: The cards that each node offers by the collection's own device plugin
version_added: 0.1.0
description:
  - Makes pools for module M(gedge.engine.device_plugin) of the cards that the catalogue of accelerators names a
    resource for, one for each resource and node. What P(gedge.engine.device_pools#filter) gives to the SR-IOV device
    plugin is in none, so that a card has one owner.
  - A card that a service was promised under another name is an error, and so is a resource with the prefix of the
    SR-IOV device plugin's pools.
positional: _input, catalogue, kinds, placements, options
options:
  _input:
    description: The C(testbed) that P(gedge.engine.service_site#filter) gives.
    type: dict
    required: true
  catalogue:
    description: The user's entries, as in O(gedge.engine.accelerator#module:catalogue).
    type: list
    elements: dict
    default: []
  kinds:
    description: Which kinds of entries.
    type: list
    elements: str
    choices: [gpu, fpga, accelerator]
    default: [fpga, accelerator]
  placements:
    description: What services were promised, as in C(services.json).
    type: list
    elements: dict
    default: []
  options:
    description: Those of P(gedge.engine.service_manifests#filter), so that both agree.
    type: dict
    default: {}
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show the pools of a testbed without any
  ansible.builtin.debug:
    msg: "{{ {'networks': {}} | gedge.engine.card_pools }}"
"""

RETURN = r"""
_value:
  description:
    - By node, C(pools) for module M(gedge.engine.device_plugin), and C(devices), the addresses of each resource.
  type: dict
  sample:
    node1:
      pools:
        - resourcePrefix: intel.com
          resourceName: fpga_dfl
          cards: [{address: "0000:5e:00.0", nodes: ["fpga_region/region*/dfl-port.*"]}]
      devices: {intel.com/fpga_dfl: ["0000:5e:00.0"]}
"""

from ..plugin_utils import card_pools as core
from ..plugin_utils.filter_errors import tells


@tells
def card_pools(testbed, catalogue=(), kinds=core.ACCELERATORS, placements=(), options=None):
    """See DOCUMENTATION."""
    return core.card_pools(testbed, catalogue, kinds, placements, options)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"card_pools": card_pools}
