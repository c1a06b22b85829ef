# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The files by which a node's kubelet and kube-proxy run, and what kubeadm is told to join."""

from __future__ import annotations

import json

from ..own_files import LINK

BIN, CNI_BIN = "/usr/local/bin", "/opt/cni/bin"
KUBELET, PROXY = "kubelet.service", "kube-proxy.service"
UNITS = "/etc/systemd/system/"
WANTS = UNITS + "multi-user.target.wants/"
GATE = UNITS + "kubelet.service.d/20-gedge-vfs.conf"
PROXY_FOLDER = "/var/lib/kube-proxy"
PROXY_TOKEN = PROXY_FOLDER + "/token"
SOCKET = "unix:///run/containerd/containerd.sock"
KUBECONFIG = "/etc/kubernetes/kubelet.conf"
HEAD = "# Made by gedge.engine.worker; it goes with state: absent.\n"
# As kubeadm's packages have it, in one file.
KUBELET_UNIT = """\
[Unit]
Description=kubelet: the Kubernetes node agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target containerd.service
After=network-online.target containerd.service

[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \\
  --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
Restart=always
StartLimitInterval=0
RestartSec=5

[Install]
WantedBy=multi-user.target
"""
# Device plugins look for VFs once, when the kubelet lets them start; one that is not there then is never found.
GATE_LINE = """\
ExecStartPre=/bin/sh -c 'n=$$(cat /sys/bus/pci/devices/%(pci)s/sriov_numvfs 2>/dev/null || echo 0); \\
  [ "$$n" -ge %(count)d ] || { echo "PF %(pci)s has $$n of %(count)d VFs: all must be there first" >&2; exit 1; }'
"""
PROXY_UNIT = """\
[Unit]
Description=kube-proxy: the addresses of services on this node (nftables)
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/local/bin/kube-proxy --config=/var/lib/kube-proxy/config.json
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
"""


def links(programs):
    """{path: text} of the links to a binary that is several programs. programs: {name: {"binary", "sha256"}}."""
    return {"%s/%s" % (BIN, name): LINK + one["binary"] for name, one in programs.items() if one["binary"] != name}


def binaries(programs, cni_programs):
    """{path: SHA-256 or ""} of the files that must be on the node."""
    paths = {"%s/%s" % (BIN, one["binary"]): one.get("sha256", "") for one in programs.values()}
    paths.update({"%s/%s" % (CNI_BIN, name): digest for name, digest in cni_programs.items()})
    return paths


def wanted(params):
    """{path: text} of all our files but the token."""
    texts = dict(links(params["programs"]))
    texts[UNITS + KUBELET] = HEAD + KUBELET_UNIT
    texts[WANTS + KUBELET] = LINK + UNITS + KUBELET
    lines = [GATE_LINE % one for one in params["vfs"] if one["count"]]
    if lines:
        texts[GATE] = "%s[Service]\n%s" % (HEAD, "".join(lines))
    if params["kube_proxy"]:
        texts.update(_proxy(params["name"], params["kube_proxy"]))
    return texts


def _proxy(name, proxy):
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "hostnameOverride": name,
        "clusterCIDR": proxy["pod_subnet"],
        "clientConnection": {"kubeconfig": PROXY_FOLDER + "/kubeconfig"},
    }
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "cluster", "cluster": {"server": proxy["server"], "certificate-authority-data": proxy["ca"]}}
        ],
        "users": [{"name": "kube-proxy", "user": {"tokenFile": PROXY_TOKEN}}],
        "contexts": [{"name": "kube-proxy", "context": {"cluster": "cluster", "user": "kube-proxy"}}],
        "current-context": "kube-proxy",
    }
    return {
        UNITS + PROXY: HEAD + PROXY_UNIT,
        WANTS + PROXY: LINK + UNITS + PROXY,
        PROXY_FOLDER + "/config.json": json.dumps(config, indent=1, sort_keys=True) + "\n",
        PROXY_FOLDER + "/kubeconfig": json.dumps(kubeconfig, indent=1, sort_keys=True) + "\n",
    }


# All that there can be, so that what is no longer asked for is seen.
ALL = (
    [UNITS + KUBELET, WANTS + KUBELET, GATE, UNITS + PROXY, WANTS + PROXY]
    + [PROXY_FOLDER + "/config.json", PROXY_FOLDER + "/kubeconfig"]
    + ["%s/%s" % (BIN, name) for name in ("kubelet", "kubeadm", "kubectl", "kube-proxy")]
)


def join_configuration(params):
    """The text of kubeadm's JoinConfiguration, with the token in it."""
    join, seconds = params["join"], "%ds" % params["timeout"]
    token = {
        "apiServerEndpoint": join["endpoint"],
        "token": join["token"],
        "caCertHashes": [join["ca_cert_hash"]],
    }
    config = {
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "JoinConfiguration",
        "discovery": {"bootstrapToken": token},
        "nodeRegistration": {
            "name": params["name"],
            "criSocket": SOCKET,
            "kubeletExtraArgs": [{"name": "node-ip", "value": params["address"]}],
        },
        "timeouts": {
            "discovery": seconds,
            "kubeletHealthCheck": seconds,
            "tlsBootstrap": seconds,
            "kubernetesAPICall": "60s",
        },
    }
    return json.dumps(config, indent=1) + "\n"
