#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: pod_facts
short_description: Read what each pod of a node really got
version_added: "0.1.0"
description:
  - Reads the CPUs and NUMA nodes of each container (cgroup v2, systemd driver), where its memory is, the interfaces and
    VFs in the pod's network namespace with what the PFs know of them, its RDMA devices, NVIDIA GPUs and VFIO groups.
  - Nothing of it comes from what was asked for. One call for all pods of a node. Runs as root on the node.
  - A pod that cannot be read has the reason in RV(pods[].problem); a node with cgroup v1 is refused.
options:
  pods:
    description: The pods, as the API server knows them.
    type: list
    elements: dict
    required: true
    suboptions:
      uid:
        description: C(metadata.uid).
        type: str
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
      name:
        description: Its name.
        type: str
        required: true
      containers:
        description: Name and C(containerID) of each container.
        type: dict
        required: true
  root:
    description: The folder that has C(sys) and C(proc); another than C(/) is for tests.
    type: path
    default: /
attributes:
  check_mode:
    description: Can run in check mode; it never changes anything.
    support: full
  diff_mode:
    description: There is nothing to show, as nothing is changed.
    support: none
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
---
- name: Read what a pod got
  gedge.engine.pod_facts:
    pods:
      - uid: 6f0c1f0e-31f3-4a3e-8f0e-9d1b6a0c2f11
        namespace: default
        name: camera-7d9c5b6f4-x2x8q
        containers:
          main: containerd://4fd2c0
"""

RETURN = r"""
pods:
  description: One entry for each pod, in the order in which they were given.
  returned: success
  type: list
  elements: dict
  contains:
    uid: {description: As given., type: str}
    namespace: {description: As given., type: str}
    name: {description: As given., type: str}
    problem: {description: Why it could not be read; empty where it could., type: str, sample: ""}
    pid: {description: A process of it; it is in the pod's network namespace., type: int, sample: 4711}
    interfaces:
      description: The interfaces in its network namespace but the loopback.
      type: list
      elements: dict
      sample:
        - name: net1
          mac: "02:00:00:00:30:01"
          addresses: [192.168.20.109/28]
          kind: vf
          pci: "0000:21:10.2"
          vf: {pf: "0000:21:00.0", number: 1, port: {mac: "02:00:00:00:30:01", vlan: 30, qos: 0, trust: false}}
    containers:
      description: By name; memory in bytes by NUMA node.
      type: dict
      sample:
        main: {cpus: "2", mems: "0", memory: {"0": 4194304}, rdma: [], gpus: [], vfio: []}
"""

from ..module_utils.node_module import run_facts
from ..module_utils.pods.read import read
from ..module_utils.system import System

POD = {
    "uid": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "containers": {"type": "dict", "required": True},
}
ARGUMENT_SPEC = {
    "pods": {"type": "list", "elements": "dict", "required": True, "options": POD},
    "root": {"type": "path", "default": "/"},
}


def main():
    """The module."""
    run_facts(ARGUMENT_SPEC, lambda params: read(System(params["root"]), params["pods"]))


if __name__ == "__main__":
    main()
