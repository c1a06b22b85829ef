# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The device plugins that run as units of a node: where their files are, and how they are called."""

from __future__ import annotations

from collections import namedtuple

# key: of the list of pools in its configuration; flags: of the command, with the configuration's path and a verbosity;
# once: it looks at devices when it starts, and never again.
Kind = namedtuple("Kind", "unit config key program flags title once")

OWN_FLAGS = "-config %(config)s"  # of gedge-cards: one unit for each kind of cards, so that each has one owner

KINDS = {
    # The version of 2022-11 has no --log-level.
    "sriov": Kind(
        "gedge-sriov-device-plugin.service",
        "/etc/pcidp/gedge.json",
        "resourceList",
        "/usr/local/bin/sriovdp",
        "-config-file %(config)s -logtostderr=true -v %(verbosity)d",
        "SR-IOV device plugin",
        True,
    ),
    "rdma-shared": Kind(
        "gedge-rdma-device-plugin.service",
        "/etc/pcidp/gedge-rdma.json",
        "configList",
        "/usr/local/bin/k8s-rdma-shared-dp",
        "--config-file=%(config)s",
        "shared RDMA device plugin",
        True,
    ),
    "accelerators": Kind(
        "gedge-accelerator-plugin.service",
        "/etc/pcidp/gedge-accelerators.json",
        "resourceList",
        "/usr/local/bin/gedge-cards",
        OWN_FLAGS,
        "device plugin for FPGAs and other accelerators",
        False,
    ),
    "gpus": Kind(
        "gedge-gpu-plugin.service",
        "/etc/pcidp/gedge-gpus.json",
        "resourceList",
        "/usr/local/bin/gedge-cards",
        OWN_FLAGS,
        "device plugin for GPUs",
        False,
    ),
}
