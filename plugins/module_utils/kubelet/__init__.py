# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the kubelet of Kubernetes 1.37 decides about a pod on a node: whether it is admitted, and which CPUs,
memory and devices it gets. Models of its Topology Manager, static CPU manager, Static memory manager and device
manager; docs/kubelet.md says how they are proven against the kubelet's own code.

topology_manager.admit    hints of providers -> admitted, NUMA affinity
hints                     free resources -> hints
cpu_static                the CPUs that the static policy takes
memory_static             the memory that the Static policy takes
devices                   which devices may be handed out
facts, cpu_topology       what the managers know of a node, out of its topology_facts
node.Node                 all of it: pods in, verdicts out
"""
