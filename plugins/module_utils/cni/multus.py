# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The configuration of Multus, before all others by name. Pure."""

from __future__ import annotations

import json
import posixpath

CONF = "00-multus.conf"
KUBECONFIG = "/etc/cni/gedge-multus.kubeconfig"
# A folder with one link to the list of plugins that pods have first; see told().
LISTED = "/etc/cni/gedge-multus.d/network.conflist"
NAME = "multus"


def conf(network, options, conf_dir, bin_dir):
    """Text of its configuration. network: the Network that pods have first, or its name where the user says it."""
    able = getattr(network, "capabilities", {})
    made = {
        "cniVersion": "0.3.1",
        "name": "multus-cni-network",
        "type": "multus",
        "kubeconfig": KUBECONFIG,
        "confDir": conf_dir,
        "binDir": bin_dir,
        "clusterNetwork": told(cluster_network(network)),
        "logLevel": options["log_level"],
        "logToStderr": True,
    }
    if able:
        made["capabilities"] = able
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def cluster_network(network):
    """A list by its path, a single configuration by its name; what the user says as it is. For a name Multus first asks
    the API server, which writes a warning into the events of each pod."""
    if isinstance(network, str):
        return network
    return network.path if network.path.endswith(".conflist") else network.name


def is_list(name):
    """Whether a network is told by the path of a list of plugins."""
    return name.startswith("/") and name.endswith(".conflist")


def told(name):
    """How Multus is told of it: a list by a folder that has nothing else. Multus 4.3.0 forgets most keys of a list that
    it is told by its path, and then no pod can be removed ("no IP ranges specified": seen)."""
    return posixpath.dirname(LISTED) if is_list(name) else name
