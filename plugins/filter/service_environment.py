# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_environment."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_environment
short_description: Environment and command line of placed services that run without Kubernetes
version_added: 0.1.0
description:
  - For each container that was placed, an environment file (GPUs by UUID, hints for NCCL, arguments of DPDK's EAL) and
    the command line under C(numactl), so that a service which runs bare on its node uses what it was promised.
  - A variable of the container itself stands over one of these.
positional: _input, placement
options:
  _input:
    description: What P(gedge.engine.service_normalize#filter) gave.
    type: dict
    required: true
  placement:
    description: What P(gedge.engine.placement#filter) gave.
    type: dict
    required: true
  topologies:
    description: What M(gedge.engine.topology_facts) returned, by node; names of interfaces and RDMA devices are in it.
    type: dict
    default: {}
  uuids:
    description: UUIDs of GPUs by node and PCI address.
    type: dict
    default: {}
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Write the environment files of what runs on this node
  ansible.builtin.copy:
    content: "{{ item.text }}"
    dest: /etc/gedge/{{ item.file }}
    mode: "0644"
  loop: "{{ services | gedge.engine.service_environment(placement, uuids=gpu_uuids) }}"
  loop_control: {label: "{{ item.file }}"}
  when: item.node == inventory_hostname
"""

RETURN = r"""
_value:
  description: One entry for each container, by namespace, service, replica and container.
  type: list
  elements: dict
  contains:
    service: {description: Name., type: str, sample: detector}
    namespace: {description: Namespace., type: str, sample: default}
    replica: {description: Number of the replica., type: int, sample: 0}
    container: {description: Name of the container., type: str, sample: main}
    node: {description: The node., type: str, sample: node1}
    file: {description: A name for the file., type: str, sample: default.detector.0.main.env}
    variables: {description: The variables., type: dict, sample: {CUDA_VISIBLE_DEVICES: GPU-8a56a4bc}}
    text: {description: The file., type: str, sample: "CUDA_VISIBLE_DEVICES=\"GPU-8a56a4bc\"\n"}
    eal: {description: Arguments of DPDK's EAL., type: list, elements: str, sample: [-l, 2-5, -a, "0000:21:10.0"]}
    command:
      description: The command line.
      type: list
      elements: str
      sample: [numactl, --physcpubind=2-5, --membind=0, --, /detector]
    notes: {description: What could not be told., type: list, elements: str, sample: []}
"""

from ..module_utils.manifests.environment import environments
from ..plugin_utils.filter_errors import tells


@tells
def service_environment(services, placement, topologies=None, uuids=None):
    """See DOCUMENTATION."""
    return environments(services, placement, topologies, uuids)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_environment": service_environment}
