# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter layer_faults."""

from __future__ import annotations

DOCUMENTATION = r"""
name: layer_faults
short_description: What is wrong with names of layers
version_added: 0.1.0
description:
  - Says which names are no layer's, such as a misspelled tag, for which Ansible would do nothing and call it a success.
positional: _input, layers
options:
  _input:
    description: The names that somebody wrote.
    type: list
    elements: str
    required: true
  layers:
    description: The names that there are.
    type: list
    elements: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Refuse what is no layer
  ansible.builtin.assert:
    that: faults | length == 0
    fail_msg: "{{ faults | join('; ') }}"
  vars:
    faults: "{{ ['node_sriv'] | gedge.engine.layer_faults(['node_boot', 'node_sriov']) }}"
"""

RETURN = r"""
_value:
  description: Sentences, none where all is right.
  type: list
  elements: str
  sample: ['no layer is called "node_sriv". Did you mean "node_sriov"? The layers: node_boot, node_sriov']
"""

from ..plugin_utils import layers as of_layers


def layer_faults(names, layers):
    """See DOCUMENTATION."""
    return of_layers.faults(names, layers)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"layer_faults": layer_faults}
