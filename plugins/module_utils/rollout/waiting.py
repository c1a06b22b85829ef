# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a kubelet says while a container waits, and what it means.

Each row: a pattern for the message, what is wrong, what to change; {0}, {1} are what the pattern caught. The first row
that fits is taken.
"""

from __future__ import annotations

# Why a container waits: (reason, pattern for the message, what, advice, whether waiting longer is senseless).
WAITING = (
    (
        "ErrImageNeverPull",
        r"Container image \"([^\"]+)\" is not present",
        "the image {0} is not on that node, and may not be pulled",
        "Import it there: ctr -n k8s.io images import FILE; its name must be the very same",
        True,
    ),
    ("InvalidImageName", r"(?s)(.*)", "the image has no valid name: {0}", "Correct image in the service file", True),
    (
        "ErrImagePull|ImagePullBackOff",
        r"(?s)\"([^\"]+)\".*(?:not found|manifest unknown|repository does not exist)",
        "there is no image {0} at its registry",
        "Correct image in the service file, or push it there",
        True,
    ),
    (
        "ErrImagePull|ImagePullBackOff",
        r"(?s)\"([^\"]+)\".*(?:no such host|connection refused|i/o timeout|Client.Timeout|no route to host"
        r"|network is unreachable|server misbehaving)",
        "the registry of the image {0} cannot be reached from that node",
        "Import the image there (ctr -n k8s.io images import FILE), or see the mirrors of role cluster_runtime",
        False,
    ),
    (
        "ErrImagePull|ImagePullBackOff",
        r"(?s)\"([^\"]+)\".*(?:unauthorized|denied|authentication required)",
        "the registry does not give out the image {0} without credentials",
        "Give the namespace an imagePullSecret, or correct image in the service file",
        True,
    ),
    (
        "ErrImagePull|ImagePullBackOff",
        r"(?s)\"([^\"]+)\"",
        "the image {0} cannot be pulled",
        "See the pod's events for the cause, or import the image on that node",
        False,
    ),
    (
        "CreateContainerConfigError",
        r"(configmap|secret) \"([^\"]+)\" not found",
        "there is no {0} {1}",
        "Create it in the pod's namespace",
        False,
    ),
    (
        "CreateContainerConfigError",
        r"(?s)(.*)",
        "its container cannot be described to the runtime: {0}",
        "Correct that in the service file",
        False,
    ),
    (
        "CreateContainerError",
        r"CDI device injection failed: (?:unresolvable CDI devices )?(.*)",
        "the runtime knows no such CDI device: {0}",
        "Write the CDI specification on that node (role cluster_runtime has CDI on; the device's role writes it)",
        False,
    ),
    (
        "CreateContainerError",
        r"error gathering device information while adding custom device \"([^\"]+)\"",
        "the device {0} is not there",
        "Load its driver on that node (playbook verify says which)",
        False,
    ),
    (
        "CreateContainerError|RunContainerError",
        r"failed to reserve container name",
        "the runtime has a container of that name still",
        "Wait; where it stays so, restart containerd on that node",
        False,
    ),
    (
        "CreateContainerError|RunContainerError",
        r"cpuset\.(cpus|mems): (.*)",
        "the kernel refused the {0} that the kubelet wants for it: {1}",
        "See that these are online; the kubelet's state files may be of another machine or boot",
        False,
    ),
    (
        "CreateContainerError|RunContainerError|StartError",
        r"exec: \"([^\"]+)\": (.*)",
        "its command {0} cannot be started: {1}",
        "Correct command in the service file, or the image",
        True,
    ),
    (
        "CreateContainerError|RunContainerError|StartError|PreCreateHookError",
        r"(?s)(.*)",
        "the runtime could not make its container: {0}",
        "See containerd's log on that node",
        False,
    ),
)
