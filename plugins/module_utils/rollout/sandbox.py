# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What Multus 4.3, sriov-cni 2.1 and others say (their sources, and issue threads) when a pod gets no sandbox.

Each row: a pattern for the message, what is wrong, what to change; {0}, {1} are what the pattern caught. The first row
that fits is taken.
"""

from __future__ import annotations

# Multus gives the API server 2.5 s for a pod: too few where several pods begin at once on a slow node.
AWAY = r"error (?:waiting for|getting) pod: .*(?:deadline exceeded|timeout|connection refused|EOF)"
# Messages of the event FailedCreatePodSandBox: network, mostly.
SANDBOX = (
    (
        r"cannot find a network-attachment-definition \(([^)]*)\) in namespace \(([^)]*)\)",
        "there is no NetworkAttachmentDefinition {1}/{0}",
        "Deploy again, or run role cluster_networks",
    ),
    (
        r"network-attachment-definitions\.k8s\.cni\.cncf\.io \"([^\"]+)\" not found",
        "there is no NetworkAttachmentDefinition {0}",
        "Deploy again, or run role cluster_networks",
    ),
    (
        r"error adding container to network \"([^\"]+)\":.*VF pci addr is required",
        "Multus gave sriov-cni no VF for network {0}: the annotation resourceName of its NetworkAttachmentDefinition "
        "is not a resource that the container asks for",
        "Deploy again: both come from one table; whoever edited one of them has to take that back",
    ),
    (
        r"error adding container to network \"([^\"]+)\":.*lstat /sys/bus/pci/devices/([^/]+)/physfn",
        "VF {1} of network {0} is gone: the device plugin gave one that the node has no more",
        "Make the VFs again (playbook site) and restart the device plugin, which looks for devices at its start only",
    ),
    (
        r"error adding container to network \"([^\"]+)\":.*failed to set vf (\d+) vlan: (.*?)(?:\"|$)",
        "the driver refused the VLAN of VF {1} for network {0}: {2}",
        "See that the PF is up and its driver lets VLANs of VFs be set",
    ),
    (
        r"error adding container to network \"([^\"]+)\":.*(?:does not have a interface name|failed to get VF)",
        "the VF that it got for network {0} has no interface",
        "See the driver of that VF on the node: netdevice VFs need the NIC's VF driver, not vfio-pci",
    ),
    (
        r"error adding container to network \"([^\"]+)\":.*[Ll]ink not found",
        "the interface that network {0} is made on is not there",
        "See the interface (master) in its NetworkAttachmentDefinition, and playbook verify",
    ),
    (
        r"error adding container to network \"([^\"]+)\":.*device or resource busy",
        "the device for network {0} is in use still",
        "Wait: an earlier pod gives it back; else look who has it on the node",
    ),
    (
        r"error adding container to network \"([^\"]+)\":.*failed to find plugin \"([^\"]+)\" in path \[([^\]]*)\]",
        "the CNI plugin {1} for network {0} is not in {2} there",
        "Install it on that node (role cluster_multus or cluster_sriov)",
    ),
    (
        r"failed to find plugin \"([^\"]+)\" in path \[([^\]]*)\]",
        "the CNI plugin {0} is not in {1} there",
        "Install it on that node (roles cluster_runtime and cluster_multus)",
    ),
    (
        r"error adding container to network \"([^\"]+)\": (.*)",
        "network {0} could not be attached: {1}",
        "See that network's NetworkAttachmentDefinition and the kubelet's log there",
    ),
    (
        r"cni plugin not initialized|network is not ready|No networks found in /etc/cni/net\.d",
        "no pod network is set up there",
        "Install one (playbook cluster), or see /etc/cni/net.d on that node",
    ),
    (
        r"dial unix (\S+multus\S*): connect: (?:no such file or directory|connection refused)",
        "the daemon of Multus does not run there ({0})",
        "See its log; start it (role cluster_multus)",
    ),
    (
        r"[Uu]nauthorized",
        "Multus may not ask the API server: its credentials are refused",
        "Run role cluster_multus, which gives it new ones",
    ),
    (r"failed to (?:get|pull) sandbox image \"?([^\":]+(?::[^\":]+)?)\"?", "the pause image {0} is not there",
     "Import it on that node (role cluster_runtime)"),
    (r"[Nn]o such file or directory.*cgroup|cgroup.*[Nn]o such file", "its cgroup could not be made there",
     "See that containerd and the kubelet both use the systemd cgroup driver"),
)  # fmt: skip

# Other events of a pod that has a node and does not start: (reason, pattern, what, advice).
EVENTS = (
    (
        "NoNetworkFound",
        r"cannot find a network-attachment-definition \(([^)]*)\) in namespace \(([^)]*)\)",
        "there is no NetworkAttachmentDefinition {1}/{0}",
        "Deploy again, or run role cluster_networks",
    ),
    (
        "FailedMount",
        r"(?s)(.*)",
        "a volume cannot be mounted: {0}",
        "See the volume's server and the node's mount programs (role cluster_storage)",
    ),
    (
        "FailedAttachVolume",
        r"(?s)(.*)",
        "a volume cannot be attached: {0}",
        "See the volume and its driver",
    ),
    (
        "FailedPrepareDynamicResources",
        r"(?s)(.*)",
        "its DRA driver could not prepare the devices: {0}",
        "See that the driver runs there, and its log",
    ),
    (
        "NetworkNotReady",
        r"",
        "no pod network is set up there",
        "Install one (playbook cluster), or see /etc/cni/net.d on that node",
    ),
)
