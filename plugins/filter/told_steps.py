# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter told_steps."""

from __future__ import annotations

DOCUMENTATION = r"""
name: told_steps
short_description: Steps out of a module that tells none
version_added: 0.1.0
description:
  - Makes of what C(kubernetes.core.k8s) or C(ansible.builtin.file) registered a step for each object and each file that
    changes, as the modules of this collection return them, for P(gedge.engine.site_plan#filter).
positional: _input, action, reason, once
options:
  _input:
    description: What the task registered, also with a loop, or skipped.
    type: dict
    required: true
  action:
    description: The verb of each step.
    type: str
    required: true
  reason:
    description: Why, for a person.
    type: str
    required: true
  once:
    description: Whether the task ran once for all hosts, so that a plan has to tell it once.
    type: bool
    default: false
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what would be applied
  ansible.builtin.debug:
    msg: "{{ applied | gedge.engine.told_steps('apply-object', 'the cluster has it otherwise') }}"
  vars:
    applied: {changed: true, result: {kind: Namespace, metadata: {name: vision}}}
"""

RETURN = r"""
_value:
  description: Steps with target, action, reason, disruption, before and after.
  type: list
  elements: dict
  sample:
    - {target: Namespace vision, action: apply-object, reason: the cluster has it otherwise, disruption: none,
       before: null, after: null}
"""

from ..plugin_utils import told_steps as of_results
from ..plugin_utils.filter_errors import tells


@tells
def told_steps(result, action, reason, once=False):
    """See DOCUMENTATION."""
    return of_results.steps(result, action, reason, once)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"told_steps": told_steps}
