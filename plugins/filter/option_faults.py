# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter option_faults."""

from __future__ import annotations

DOCUMENTATION = r"""
name: option_faults
short_description: Variables that were meant to be an option
version_added: 0.1.0
description:
  - Says which variables begin with a role's name and are no option of it, and which are one slip (a letter that is
    wrong, missing or too many, or two swapped) from an option or from what a playbook takes.
  - Ansible takes any variable, so a mistyped one does nothing and nobody says so.
positional: _input
options:
  _input:
    description: Names of variables.
    type: list
    elements: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Refuse a mistyped option
  ansible.builtin.assert:
    that: faults | length == 0
    fail_msg: "{{ faults | join('; ') }}"
  vars:
    faults: "{{ ['cluster_kubelet_cpu_manger_policy'] | gedge.engine.option_faults }}"
"""

RETURN = r"""
_value:
  description: Sentences, none where all is right.
  type: list
  elements: str
  sample:
    - >-
      no option of role cluster_kubelet is called "cluster_kubelet_cpu_manger_policy". Did you mean
      "cluster_kubelet_cpu_manager_policy"?
"""

from ..plugin_utils import known_options


def option_faults(names):
    """See DOCUMENTATION."""
    return known_options.faults(names)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"option_faults": option_faults}
