# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a kubelet (1.37, pkg/kubelet/cm and lifecycle) says when it refuses a pod, and what it means.

Each row: a pattern for the message, what is wrong, what to change; {0}, {1} are what the pattern caught. The first row
that fits is taken.
"""

from __future__ import annotations

# Reasons with which a kubelet refuses a pod that was sent to it. The pod stays Failed; its controller makes another.
ADMISSION = (
    (
        "TopologyAffinityError",
        r"",
        "no NUMA node there has all that it asks for at once",
        "Look who has CPUs and devices there beside the promise (pods that were not placed by role service), "
        "run playbook discover and place it again, or write topology: best-effort",
    ),
    (
        "SMTAlignmentError",
        r"requested (\d+) cpus not multiple cpus per core = (\d+)",
        "it asks for {0} CPUs, and the kubelet gives whole cores of {1} only (full-pcpus-only)",
        "Ask for a multiple of {1} CPUs",
    ),
    (
        "SMTAlignmentError",
        r"available physical CPUs = (\d+), requested CPUs = (\d+)",
        "it asks for {1} CPUs of whole cores, and {0} are free",
        "Ask for less, or take pods away from that node",
    ),
    (
        "UnexpectedAdmissionError",
        r"requested number of devices unavailable for (\S+?)\. Requested: ?(\d+), Available: ?(\d+)",
        "it asks for {1} {0}, and {2} are free there",
        "See which pods hold them; where none does, the kubelet has not noticed that one has gone: restart it",
    ),
    (
        "UnexpectedAdmissionError",
        r"no healthy devices present; cannot allocate unhealthy devices (\S+?)(?:,|$)",
        "the device plugin of {0} has no healthy device there",
        "See the log of that plugin, and that the VFs are there (playbook verify)",
    ),
    (
        "UnexpectedAdmissionError",
        r"previously allocated devices are no longer healthy; cannot allocate unhealthy devices (\S+?)(?:,|$)",
        "the device of {0} that it had is not healthy any more",
        "See the log of that plugin, and that the VFs are there (playbook verify)",
    ),
    (
        "UnexpectedAdmissionError",
        r"cannot allocate unregistered device (\S+?)(?:,|$)",
        "no device plugin for {0} has registered with the kubelet there",
        "Start the plugin (role cluster_sriov, or the one that this resource has)",
    ),
    (
        "UnexpectedAdmissionError",
        r"\[memorymanager\].*no NUMA nodes with enough memory|\[memorymanager\] (?:failed to find|preferred hint)",
        "no NUMA node there has the memory that it asks for free (Memory Manager, Static)",
        "Ask for less memory, or take pods away from that node",
    ),
    (
        "UnexpectedAdmissionError",
        r"not enough cpus available to satisfy request: requested=(\d+), available=(\d+)",
        "it asks for {0} exclusive CPUs, and {1} are free there",
        "Ask for less, or take pods away from that node",
    ),
    (
        "UnexpectedAdmissionError",
        r"rpc error: code = Unavailable",
        "the device plugin went away while it gave the device",
        "See the log of that plugin, and that it runs",
    ),
    (
        "UnexpectedAdmissionError",
        r"(?:GetPreferredAllocation|PreStartContainer|device plugin).*?desc = (.*?)(?:, which is unexpected)?$",
        "its device plugin refuses: {0}",
        "See the log of that plugin, and the device",
    ),
    (
        "UnexpectedAdmissionError",
        r"Allocate failed due to (.*), which is unexpected",
        "the kubelet could not give what it asks for: {0}",
        "See the kubelet's log there",
    ),
    (
        "NodeAffinity",
        r"",
        "the kubelet there says that the pod may not run on this node",
        "See the labels of the node: they changed after the pod was sent there",
    ),
    (
        "OutOf",
        r"Node didn't have enough resource: (\S+), requested: (\d+), used: (\d+), capacity: (\d+)",
        "it asks for {1} {0}, and {2} of {3} are taken there",
        "Take pods away from that node, ask for less, or place it anew; another scheduler may send pods there too",
    ),
    (
        "EmptyPodSharedPoolError",
        r"",
        "with the Topology Manager's scope pod, containers without exclusive CPUs have none left to share",
        "Ask for more CPUs in the pod, or pin all of its containers",
    ),
)
