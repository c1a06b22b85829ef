# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter benchmark_targets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: benchmark_targets
short_description: In which pod a side of a comparison is measured, and by which command
version_added: 0.1.0
description:
  - Finds the client's pod of each side, and the address of its server, which is the static address of the second
    network where the pod has one and else that of the overlay.
positional: _input, pods
options:
  _input:
    description: A comparison of what P(gedge.engine.benchmark_plan#filter) gave.
    type: dict
    required: true
  pods:
    description: The pods of the namespace, as the API server shows them.
    type: list
    elements: dict
    required: true
  sides:
    description: The sides that are wanted, C(a) and C(b).
    type: list
    elements: str
    default: [a, b]
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Measure side a once
  kubernetes.core.k8s_exec:
    namespace: gedge-benchmark
    pod: "{{ targets.a.pod }}"
    command: "{{ targets.a.command | map('ansible.builtin.quote') | join(' ') }}"
  vars:
    targets: "{{ plan | gedge.engine.benchmark_targets(pods.resources) }}"
"""

RETURN = r"""
_value:
  description: For each side C(pod), C(address) and C(command), a list of words.
  type: dict
"""

from ..plugin_utils.benchmark import pods as of_pods
from ..plugin_utils.filter_errors import tells


@tells
def benchmark_targets(planned, pods, sides=("a", "b")):
    """See DOCUMENTATION."""
    return of_pods.targets(planned, pods, sides)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"benchmark_targets": benchmark_targets}
