# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter kubelet_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: kubelet_verdict
short_description: Hold what a kubelet says of itself against what was asked for
version_added: 0.1.0
description:
  - Takes the kubelet's C(/configz) and its Node object, and names each difference to what was asked for, and where
    allocatable is not capacity less what is reserved. Shares no code with module M(gedge.engine.kubelet).
positional: _input
options:
  _input:
    description: The answer of C(/configz).
    type: dict
    required: true
  node:
    description: The Node object.
    type: dict
    required: true
  asked:
    description: The options of module M(gedge.engine.kubelet) that were asked for, empty for none.
    type: dict
    required: true
  turn:
    description: Whether the node is being changed, and so may be cordoned by module M(gedge.engine.cluster_drain).
    type: bool
    default: false
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ (configz | gedge.engine.kubelet_verdict(node, {'cpu_manager_policy': 'static'})).findings }}"
  vars:
    configz:
      kubeletconfig:
        cpuManagerPolicy: none
        topologyManagerPolicy: none
        memoryManagerPolicy: None
    node:
      status:
        capacity: {cpu: "4", memory: 8Gi}
        allocatable: {cpu: "4", memory: 8Gi}
"""

RETURN = r"""
_value:
  description: C(findings), what is not as asked for, and C(proof), a line on how the kubelet works.
  type: dict
  sample:
    findings:
      - device: cpuManagerPolicy
        what: "cpuManagerPolicy: static asked for, none found"
        advice: Run role cluster_kubelet; find out what changed it
    proof:
      - "kubelet: static, restricted, memory None; 79500m of 80 CPUs allocatable, of which 79 can be pinned"
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..plugin_utils.verify import kubelet


def kubelet_verdict(configz, node, asked, turn=False):
    """See DOCUMENTATION."""
    try:
        return kubelet.kubelet(configz, node, asked, turn)
    except (EngineError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise AnsibleFilterError("kubelet_verdict: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"kubelet_verdict": kubelet_verdict}
