#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: service_wait
short_description: Wait until the workloads of services are available, and say why where they are not
version_added: "0.1.0"
description:
  - Looks about once a second with one call of kubectl at all workloads and their pods, and appends a line for each
    change to the progress file. Ends when all are available, when waiting longer is senseless, or when the time is
    over.
  - A pod that does not run is explained in a sentence that says where, what is wrong and what to change.
  - An API server that goes away is waited for as long as the time lasts. Runs on the controller.
options:
  workloads:
    description: What to wait for.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description: Its kind.
        type: str
        choices: [Deployment, StatefulSet, DaemonSet, Job]
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
      name:
        description: Its name.
        type: str
        required: true
  placements:
    description: The C(placements) of the ledger; explanations say what was promised.
    type: list
    elements: dict
    default: []
  state:
    description: V(present) waits until they are available, V(absent) until none of their pods is left.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description: Seconds at most.
    type: int
    default: 300
  patience:
    description: Seconds for which one trouble may last before waiting for it is taken as senseless.
    type: int
    default: 45
  delay:
    description:
      - Seconds before the first look at workloads. Where the controller and the nodes share CPUs, as in the lab, a look
        at pods that are just beginning takes them the time to begin.
    type: float
    default: 0
  interval:
    description: Seconds between two looks, at least. Where looking takes long, four times as long as that, 5 at most.
    type: float
    default: 1
  progress_file:
    description: A file to append lines about the progress to.
    type: path
attributes:
  check_mode:
    description: Can run in check mode; it never changes anything.
    support: full
  diff_mode:
    description: There is nothing to show, as nothing is changed.
    support: none
extends_documentation_fragment:
  - gedge.engine.kubectl
"""

EXAMPLES = r"""
---
- name: Wait for a Deployment
  gedge.engine.service_wait:
    workloads:
      - {kind: Deployment, namespace: default, name: camera}
    timeout: 120
  delegate_to: localhost
  register: waited

- name: Say why it does not run
  ansible.builtin.fail:
    msg: "{{ waited.explained | join('\n') }}"
  when: not waited.available
"""

RETURN = r"""
available:
  description: Whether all are.
  returned: success
  type: bool
senseless:
  description: Whether it ended early, since all that is not available will not become so by itself.
  returned: success
  type: bool
workloads:
  description: Each with its number of pods and its troubles.
  returned: success
  type: list
  elements: dict
  sample:
    - {namespace: default, kind: Deployment, name: camera, wanted: 1, there: 1, available: true, troubles: []}
explained:
  description: A sentence for each trouble.
  returned: success
  type: list
  elements: str
  sample:
    - >-
      default/camera-7d9c-x2x8q (promised: node1, NUMA node 0): the scheduler finds no node for it: node1 is cordoned.
      Run kubectl uncordon node1 once it may take pods
waited:
  description: Seconds.
  returned: success
  type: float
  sample: 14.2
"""

from ..module_utils.node_module import run_facts
from ..module_utils.rollout.gone import wait_until_gone
from ..module_utils.rollout.kubectl import OPTIONS
from ..module_utils.rollout.wait import wait
from ..module_utils.system import System

WORKLOAD = {
    "kind": {"type": "str", "required": True, "choices": ["Deployment", "StatefulSet", "DaemonSet", "Job"]},
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
}
ARGUMENT_SPEC = {
    "workloads": {"type": "list", "elements": "dict", "required": True, "options": WORKLOAD},
    "placements": {"type": "list", "elements": "dict", "default": []},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
    "timeout": {"type": "int", "default": 300},
    "patience": {"type": "int", "default": 45},
    "delay": {"type": "float", "default": 0},
    "interval": {"type": "float", "default": 1},
    "progress_file": {"type": "path"},
    **OPTIONS,
}


def main():
    """The module."""
    run_facts(
        ARGUMENT_SPEC, lambda params: (wait if params["state"] == "present" else wait_until_gone)(System(), params)
    )


if __name__ == "__main__":
    main()
