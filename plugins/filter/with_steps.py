# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter with_steps."""

from __future__ import annotations

DOCUMENTATION = r"""
name: with_steps
short_description: A module's result with the steps of the tasks beside it
version_added: 0.1.0
description:
  - What a role returns where a module of this collection does the most of it, and modules of others copy a program or
    apply an object beside it. It counts as changed where there is any step.
positional: _input, first, last
options:
  _input:
    description: What the task with a module of this collection registered; one that was skipped has no steps.
    type: dict
    required: true
  first:
    description: Steps of the tasks before it, as P(gedge.engine.told_steps#filter) makes them.
    type: list
    elements: dict
    default: []
  last:
    description: Steps of the tasks after it.
    type: list
    elements: dict
    default: []
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what a role returns
  ansible.builtin.debug:
    msg: "{{ done | gedge.engine.with_steps(first=copied | gedge.engine.told_steps('bring-program', 'another')) }}"
  vars:
    copied: {changed: true, dest: /usr/local/lib/gedge/sriovdp}
    done: {changed: false, steps: []}
"""

RETURN = r"""
_value:
  description: The result with RV(_value.steps) of all and RV(_value.changed) of all.
  type: dict
  sample:
    changed: true
    steps:
      - {target: /usr/local/lib/gedge/sriovdp, action: bring-program, reason: another, disruption: none,
         before: null, after: null}
"""

from ..plugin_utils import told_steps
from ..plugin_utils.filter_errors import tells


@tells
def with_steps(result, first=(), last=()):
    """See DOCUMENTATION."""
    return told_steps.beside(result, first, last)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"with_steps": with_steps}
