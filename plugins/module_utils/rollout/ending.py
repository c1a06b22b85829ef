# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a kubelet says when it can't end a pod (event FailedKillPod), and what it means.

Each row: a pattern for the message, what is wrong, what to change; {0}, {1} are what the pattern caught. The first row
that fits is taken. Sources: the messages of sriov-cni and multus, and their issue threads.
"""

from __future__ import annotations

ENDING = (
    (
        r"failed to (?:rename link|move interface|move IF) (\S+).*file exists",
        "its VF ({0}) can't be given back: its name of the host is an alternative name of a device already",
        "Take that name off there (ip link property del dev {0} altname NAME, in the pod's network namespace); role "
        "cluster_sriov has a sriov-cni that does so by itself",
    ),
    (
        r"(?:[Ff]ailed to get (?:netlink device with name|link) (\S+?):? |alternative name).*",
        "its VF's interface can't be found in its network namespace",
        "See where it is (ip -all netns exec ip link), and its entry below /var/lib/cni/sriov",
    ),
    (
        r"failed to find plugin \"([^\"]+)\" in path \[([^\]]*)\]",
        "the CNI plugin {0} is not in {1} there any more, and without it what the pod had can't be taken back",
        "Install it there again (playbook cluster)",
    ),
    (
        r"dial unix (\S+multus\S*): connect: (?:no such file or directory|connection refused)",
        "the daemon of Multus does not run there ({0})",
        "See its log; start it (role cluster_multus)",
    ),
    (r"(?s)(.*)", "the kubelet can't end it: {0}", "See the kubelet's log there"),
)
