#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cluster_apply
short_description: Apply objects to a cluster, or remove them, with one call of kubectl
version_added: "0.1.0"
description:
  - Applies a list of objects with one C(kubectl apply --server-side), or removes them with one C(kubectl delete).
  - What is refused is told in a sentence for each object, with the owner of a field and what to do; all else is done.
    No value of an object is in these sentences.
  - Whether an object differs is not looked at; P(gedge.engine.service_rollout#filter) says which do. Runs on the
    controller.
options:
  objects:
    description: A list of the objects, what others refer to first, or its JSON text, which Ansible hands on faster.
    type: json
    required: true
  state:
    description: V(absent) removes them, and does not wait for their end; what is not there is no error.
    type: str
    choices: [present, absent]
    default: present
  field_manager:
    description: The name under which fields are applied.
    type: str
    default: gedge-engine
  force_conflicts:
    description: Take over fields that somebody else has set.
    type: bool
    default: false
  timeout:
    description: Seconds for which an API server that does not answer is asked again.
    type: int
    default: 60
attributes:
  check_mode:
    description: Can run in check mode; it asks nobody, and says that the objects would change.
    support: full
  diff_mode:
    description: There is nothing to show; P(gedge.engine.service_diff#filter) shows what differs.
    support: none
extends_documentation_fragment:
  - gedge.engine.kubectl
"""

EXAMPLES = r"""
---
- name: Have a namespace
  gedge.engine.cluster_apply:
    objects:
      - {apiVersion: v1, kind: Namespace, metadata: {name: vision}}
  delegate_to: localhost
  register: applied

- name: Say what was refused
  ansible.builtin.fail:
    msg: "{{ applied.refused | join('\n') }}"
  when: applied.refused | length > 0
"""

RETURN = r"""
refused:
  description: A sentence for each object that was refused.
  returned: success
  type: list
  elements: str
  sample:
    - >-
      Deployment default/camera: .spec.replicas is set by "kubectl-edit" (someone who ran kubectl edit) to another
      value: take it back there, or run once with cluster_service_force_conflicts=true, which takes the field over
"""

from ..module_utils.node_module import run_action
from ..module_utils.rollout.apply import bring
from ..module_utils.rollout.kubectl import OPTIONS
from ..module_utils.system import System

ARGUMENT_SPEC = {
    "objects": {"type": "json", "required": True},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    "field_manager": {"type": "str", "default": "gedge-engine"},
    "force_conflicts": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 60},
    **OPTIONS,
}


def main():
    """The module."""
    run_action(ARGUMENT_SPEC, lambda params, check_mode: bring(System(), params, check_mode))


if __name__ == "__main__":
    main()
