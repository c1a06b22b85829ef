# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_pods."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_pods
short_description: The pods of services on a node, as module pod_facts takes them
version_added: 0.1.0
description:
  - Of the pods that the API server has, those of services that run on a node, with the ids of their containers.
positional: _input, node
options:
  _input:
    description: Pods.
    type: list
    elements: dict
    required: true
  node:
    description: Name of the node.
    type: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read what the pods of this node got
  gedge.engine.pod_facts:
    pods: "{{ read.objects | gedge.engine.service_pods(inventory_hostname) }}"
  vars:
    read: {objects: []}
"""

RETURN = r"""
_value:
  description: The option O(gedge.engine.pod_facts#module:pods).
  type: list
  elements: dict
  sample:
    - uid: 6f0c1f0e-31f3-4a3e-8f0e-9d1b6a0c2f11
      namespace: default
      name: camera-7d9c5b6f4-x2x8q
      containers: {main: "containerd://4fd2c0"}
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.proof.promises import to_read


@tells
def service_pods(pods, node):
    """See DOCUMENTATION."""
    return to_read(pods, node)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_pods": service_pods}
