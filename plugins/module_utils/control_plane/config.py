# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The documents that kubeadm's phases read. They are JSON, which is YAML too."""

from __future__ import annotations

import json

from .wanted import joined

FOLDER = "/etc/kubernetes"
PATH = FOLDER + "/gedge-kubeadm.yaml"
SCHEDULER = FOLDER + "/gedge-scheduler.yaml"
HEAD = "# Made by gedge.engine.control_plane; it goes with state: absent.\n"
API = "kubeadm.k8s.io/v1beta4"


def cluster(wanted):
    """ClusterConfiguration: the same on all control-plane nodes."""
    names = sorted(set(wanted.names) | {wanted.endpoint[0]})
    return {
        "apiVersion": API,
        "kind": "ClusterConfiguration",
        "kubernetesVersion": "v" + wanted.version,
        "controlPlaneEndpoint": joined(*wanted.endpoint),
        "networking": {
            "serviceSubnet": wanted.service_subnet,
            "podSubnet": wanted.pod_subnet,
            "dnsDomain": wanted.dns_domain,
        },
        "apiServer": {"certSANs": names},
        "etcd": {"local": {"dataDir": wanted.data_dir}},
    }


def init(wanted, token=None):
    """InitConfiguration of this node. token: a bootstrap token to make, None for none."""
    tokens = [{"token": token, "ttl": "1h0m0s", "description": "gedge.engine"}] if token else []
    return {
        "apiVersion": API,
        "kind": "InitConfiguration",
        "localAPIEndpoint": {"advertiseAddress": wanted.address, "bindPort": wanted.port},
        "nodeRegistration": {"name": wanted.name},
        "bootstrapTokens": tokens,
    }


def text(wanted, token=None):
    """The file for kubeadm."""
    return HEAD + "---\n".join(_json(one) for one in (init(wanted, token), cluster(wanted)))


def scheduler(wanted):
    """The scheduler's configuration; without a word about it, it uses the kubeconfig that kubeadm made."""
    asked = dict(wanted.scheduler_config)
    asked.setdefault("apiVersion", "kubescheduler.config.k8s.io/v1")
    asked.setdefault("kind", "KubeSchedulerConfiguration")
    connection = dict({"kubeconfig": FOLDER + "/scheduler.conf"}, **asked.get("clientConnection", {}))
    return HEAD + _json(dict(asked, clientConnection=connection))


def _json(content):
    return json.dumps(content, indent=1, sort_keys=True) + "\n"
