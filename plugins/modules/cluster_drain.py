#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cluster_drain
short_description: Cordon a node and drain it, or take back that cordon
version_added: "0.1.0"
description:
  - Cordons a node, notes in its annotation C(gedge.io/cordoned-by) who did, and has C(kubectl drain) evict its pods, as
    PodDisruptionBudgets allow; pods of a DaemonSet stay. What cannot be evicted by these options is told before the
    first pod goes.
  - Where the drain fails, a node that this call has cordoned is uncordoned again. One that was cordoned before stays
    cordoned.
  - A run that is cut off leaves the annotation, by which the next one knows that the cordon is not somebody else's.
  - The kubelet of a node that is not Ready can end no pod; such a node is cordoned only. Runs on the controller.
options:
  node:
    description: The node's name in the cluster.
    type: str
    required: true
  state:
    description:
      - V(drained) cordons and drains.
      - V(schedulable) uncordons a node that this module has cordoned, and leaves one that others have.
    type: str
    choices: [drained, schedulable]
    default: drained
  owner:
    description: Who cordons, for those who find the annotation.
    type: str
    default: gedge.engine
  timeout:
    description: Seconds in which all pods must be gone.
    type: int
    default: 300
  force:
    description: Let pods go that nothing makes anew.
    type: bool
    default: false
  delete_emptydir_data:
    description: Let pods go that have an emptyDir, which loses what is in it.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check mode.
    details: It says whether the node would be cordoned or uncordoned, not whether all pods can go.
    support: partial
  diff_mode:
    description: There is nothing to show.
    support: none
extends_documentation_fragment:
  - gedge.engine.kubectl
"""

EXAMPLES = r"""
---
- name: Have no pods on a node while something is changed there
  gedge.engine.cluster_drain:
    node: node1
    owner: my change
  delegate_to: localhost
  register: drained

- name: Take pods again
  gedge.engine.cluster_drain:
    node: node1
    state: schedulable
  delegate_to: localhost
  when: drained.ours
"""

RETURN = r"""
ours:
  description: Whether the cordon is, or was, one of this module; now or by an earlier call.
  returned: success
  type: bool
  sample: true
drained:
  description: Whether pods were evicted, or would be in check mode.
  returned: success
  type: bool
  sample: true
"""

from ..module_utils.node_module import run_action
from ..module_utils.rollout.drain import DRAINED, SCHEDULABLE, bring
from ..module_utils.rollout.kubectl import OPTIONS
from ..module_utils.system import System

ARGUMENT_SPEC = {
    "node": {"type": "str", "required": True},
    "state": {"type": "str", "default": DRAINED, "choices": [DRAINED, SCHEDULABLE]},
    "owner": {"type": "str", "default": "gedge.engine"},
    "timeout": {"type": "int", "default": 300},
    "force": {"type": "bool", "default": False},
    "delete_emptydir_data": {"type": "bool", "default": False},
    **OPTIONS,
}


def main():
    """The module."""
    run_action(ARGUMENT_SPEC, lambda params, check_mode: bring(System(), params, check_mode))


if __name__ == "__main__":
    main()
