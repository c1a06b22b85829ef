#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: kubelet
short_description: CPU, topology and memory manager of a node's kubelet, and what is reserved, as one transaction
version_added: 0.1.0
description:
  - States in one call how the kubelet's resource managers work. It is stopped, state files that it would refuse are
    removed, a drop-in is written, and it is started; then it must be well, else all is put back and its last words are
    told.
  - All rules of the kubelet are looked at before anything is touched, with the node's own CPUs, NUMA nodes, kubelet
    version and the configuration that others made; all faults are told at once.
  - C(reservedMemory) of the Static memory manager is computed from the NUMA nodes, so that it meets to the byte what is
    reserved.
  - Does not drain; the steps say by their disruption V(drain) that it is needed. Role
    P(gedge.engine.cluster_kubelet#role) does.
  - Where the kubelet is started without C(--config-dir), a systemd drop-in repeats the unit's own command with it;
    C(kubeadm)'s unit and variables stay as they are.
requirements:
  - A kubelet 1.30 or later with a systemd unit of its own on the node (kubeadm, kubespray or by hand; not k3s).
options:
  cpu_manager_policy:
    description: V(static) gives whole CPUs to Guaranteed containers that ask for whole ones. Empty, as others set it.
    type: str
    choices: ["", none, static]
    default: ""
  cpu_manager_policy_options:
    description:
      - "Options of the static policy, such as C({full-pcpus-only: true}). Where these or O(cpu_manager_policy) are
        given, those that others set and this does not name are taken out."
    type: dict
    default: {}
  cpu_manager_reconcile_period:
    description: How often CPU sets are brought to what they should be, such as V(5s). Empty, as others set it.
    type: str
    default: ""
  topology_manager_policy:
    description: How CPUs, memory and devices are brought together on a NUMA node. Empty, as others set it.
    type: str
    choices: ["", none, best-effort, restricted, single-numa-node]
    default: ""
  topology_manager_scope:
    description: Whether each container or the pod as a whole is brought together. Empty, as others set it.
    type: str
    choices: ["", container, pod]
    default: ""
  topology_manager_policy_options:
    description:
      - "Options of the Topology Manager, such as C({prefer-closest-numa-nodes: true}). Where these or
        O(topology_manager_policy) are given, what others set and this does not name is taken out, too."
    type: dict
    default: {}
  memory_manager_policy:
    description: V(Static) gives memory and hugepages of certain NUMA nodes to Guaranteed pods. Empty, as others set it.
    type: str
    choices: ["", None, Static]
    default: ""
  reserved_cpus:
    description:
      - CPUs such as V(0,40) that no pod has for itself. Empty, as others set it, unless O(kube_reserved) or
        O(system_reserved) name an amount of CPUs.
    type: str
    default: ""
  kube_reserved:
    description:
      - What is kept for the kubelet and the runtime, C(cpu), C(memory), C(ephemeral-storage), C(pid). What is not named
        stays as others set it.
    type: dict
    default: {}
  system_reserved:
    description: What is kept for the rest of the system, as O(kube_reserved).
    type: dict
    default: {}
  eviction_hard:
    description: "Thresholds such as C({memory.available: 200Mi}). What is not named stays as others set it."
    type: dict
    default: {}
  feature_gates:
    description: "Feature gates of the managers, such as C({CPUManagerPolicyAlphaOptions: true})."
    type: dict
    default: {}
  timeout:
    description:
      - Seconds in which the kubelet must be well. It has them again when the old configuration is put back.
    type: int
    default: 120
  state:
    description:
      - V(present) brings the kubelet to what is asked for, and starts it where it does not run.
      - V(absent) removes what this module made and starts the kubelet with what others set.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Pin CPUs, memory and devices of a pod to one NUMA node
  gedge.engine.kubelet:
    cpu_manager_policy: static
    cpu_manager_policy_options: {full-pcpus-only: true}
    topology_manager_policy: single-numa-node
    memory_manager_policy: Static
    reserved_cpus: "0,40"
    system_reserved: {memory: 1Gi}
    kube_reserved: {memory: 512Mi}

- name: Back to what was before
  gedge.engine.kubelet:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: kubelet.service, action: stop-unit, reason: it reads its configuration when it starts, disruption: drain,
       before: running, after: stopped}
disruption:
  description: The worst disruption among the steps, V(drain) where policies or reservations change.
  type: str
  returned: success
  sample: drain
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
configuration:
  description: The fields of C(KubeletConfiguration) that this module looks after, as the kubelet puts them together.
  type: dict
  returned: success
  sample: {cpuManagerPolicy: static, reservedSystemCPUs: "0,40"}
expected:
  description:
    - What the node must then show, C(capacity) and C(allocatable), which CPUs the static policy keeps
      (C(reserved_cpus)), how many can be pinned (C(pinnable_cpus)), and the same as a C(sentence).
  type: dict
  returned: success
  sample:
    allocatable: {cpu: 79500m, memory: 257Gi}
    pinnable_cpus: 79
    sentence: Reserving 500m of 80 CPUs shows 79500m allocatable, of which 79 can be pinned
kubelet:
  description: The kubelet's version.
  type: str
  returned: success
  sample: "1.37"
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.kubelet_config.subsystem import Kubelet
from ..module_utils.node_module import run_subsystem
from ..module_utils.system import System


def argument_spec():
    """The options, in the order of the documentation."""
    policies = ["", "none", "best-effort", "restricted", "single-numa-node"]
    return {
        "cpu_manager_policy": {"type": "str", "choices": ["", "none", "static"], "default": ""},
        "cpu_manager_policy_options": {"type": "dict", "default": {}},
        "cpu_manager_reconcile_period": {"type": "str", "default": ""},
        "topology_manager_policy": {"type": "str", "choices": policies, "default": ""},
        "topology_manager_scope": {"type": "str", "choices": ["", "container", "pod"], "default": ""},
        "topology_manager_policy_options": {"type": "dict", "default": {}},
        "memory_manager_policy": {"type": "str", "choices": ["", "None", "Static"], "default": ""},
        "reserved_cpus": {"type": "str", "default": ""},
        "kube_reserved": {"type": "dict", "default": {}},
        "system_reserved": {"type": "dict", "default": {}},
        "eviction_hard": {"type": "dict", "default": {}},
        "feature_gates": {"type": "dict", "default": {}},
        "timeout": {"type": "int", "default": 120},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Kubelet(params, System()))


if __name__ == "__main__":
    main()
