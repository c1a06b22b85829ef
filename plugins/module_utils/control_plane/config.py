# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The documents that kubeadm's phases read. They are JSON, which is YAML too."""

from __future__ import annotations

import json

from ..worker.files import SOCKET
from .wanted import joined

FOLDER = "/etc/kubernetes"
PATH = FOLDER + "/gedge-kubeadm.yaml"
SCHEDULER = FOLDER + "/gedge-scheduler.yaml"
HEAD = "# Made by gedge.engine.control_plane; it goes with state: absent.\n"
API = "kubeadm.k8s.io/v1beta4"
RSA = "RSA-2048"  # kubeadm's own choice
PROBED_S = 240  # the least that a pod has to start, as kubeadm has it


def cluster(wanted):
    """ClusterConfiguration: the same on all control-plane nodes."""
    names = sorted(set(wanted.names) | {wanted.endpoint[0]})
    made = {
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
    if wanted.key_algorithm != RSA:
        made["encryptionAlgorithm"] = wanted.key_algorithm
    return _with_pods(made, wanted) if wanted.pods else made


def _with_pods(made, wanted):
    """What only static pods are told by it; units have their flags in their own files."""
    extra = {
        name: [{"name": str(flag), "value": text_of(value)} for flag, value in sorted(one.items())]
        for name, one in wanted.extra_args.items()
    }
    scheduler = {"extraArgs": extra.get("kube-scheduler", [])}
    if wanted.scheduler_config:
        scheduler["extraArgs"] = [{"name": "config", "value": SCHEDULER}] + scheduler["extraArgs"]
        place = {"name": "gedge-scheduler", "hostPath": SCHEDULER, "mountPath": SCHEDULER}
        scheduler["extraVolumes"] = [dict(place, readOnly=True, pathType="File")]
    made["apiServer"]["extraArgs"] = extra.get("kube-apiserver", [])
    made["etcd"]["local"]["extraArgs"] = extra.get("etcd", [])
    # No image of ours has CoreDNS, and kube-proxy is role cluster_worker's.
    addons = {"dns": {"disabled": True}, "proxy": {"disabled": True}}
    repository, tag = wanted.images["etcd"].rpartition(":")[::2]
    made["etcd"]["local"].update(imageRepository=repository.rpartition("/")[0], imageTag=tag)
    return dict(
        made,
        imageRepository=wanted.images["kube-apiserver"].rpartition("/")[0],
        controllerManager={"extraArgs": extra.get("kube-controller-manager", [])},
        scheduler=scheduler,
        **addons,
    )


def text_of(value):
    """A flag's value, as the command line has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def init(wanted, token=None, waits=False):
    """InitConfiguration of this node. token: a bootstrap token to make, None for none; waits: whether it says how long
    is waited."""
    tokens = [{"token": token, "ttl": "1h0m0s", "description": "gedge.engine"}] if token else []
    made = {
        "apiVersion": API,
        "kind": "InitConfiguration",
        "localAPIEndpoint": {"advertiseAddress": wanted.address, "bindPort": wanted.port},
        "nodeRegistration": {"name": wanted.name},
        "bootstrapTokens": tokens,
    }
    if wanted.pods:
        ip = {"name": "node-ip", "value": wanted.address}
        made["nodeRegistration"].update(criSocket=SOCKET, kubeletExtraArgs=[ip])
        if wanted.schedulable:
            made["nodeRegistration"]["taints"] = []  # without this key kubeadm taints
    if wanted.pods and waits:
        probed = "%ds" % max(wanted.timeout, PROBED_S)
        made["timeouts"] = {"controlPlaneComponentHealthCheck": probed, "kubernetesAPICall": "%ds" % wanted.timeout}
    return made


def text(wanted, token=None, waits=False):
    """The file for kubeadm. What is kept says nothing of waiting, so that more patience changes no cluster."""
    return HEAD + "---\n".join(_json(one) for one in (init(wanted, token, waits), cluster(wanted)))


def scheduler(wanted):
    """The scheduler's configuration; without a word about it, it uses the kubeconfig that kubeadm made."""
    asked = dict(wanted.scheduler_config)
    asked.setdefault("apiVersion", "kubescheduler.config.k8s.io/v1")
    asked.setdefault("kind", "KubeSchedulerConfiguration")
    connection = dict({"kubeconfig": FOLDER + "/scheduler.conf"}, **asked.get("clientConnection", {}))
    return HEAD + _json(dict(asked, clientConnection=connection))


def _json(content):
    return json.dumps(content, indent=1, sort_keys=True) + "\n"
