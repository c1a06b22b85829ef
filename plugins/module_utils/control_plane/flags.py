# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The command lines: those of kubeadm's own static pods (tests hold them against kubeadm), with the options' on top."""

from __future__ import annotations

from . import config
from .wanted import joined

PKI = config.FOLDER + "/pki"


def of(component, wanted):
    """{flag: value} of a component."""
    made = MAKERS[component](wanted)
    made.update({str(flag): config.text_of(value) for flag, value in wanted.extra_args.get(component, {}).items()})
    return made


def etcd(wanted):
    """Who is in the cluster at the first start is told by environment variables; see etcd.first_start."""
    here = "https://%s" % joined(wanted.address, 2379)
    peer = "https://%s" % joined(wanted.address, 2380)
    return {
        "advertise-client-urls": here,
        "cert-file": PKI + "/etcd/server.crt",
        "client-cert-auth": "true",
        "data-dir": wanted.data_dir,
        "feature-gates": "InitialCorruptCheck=true",
        "initial-advertise-peer-urls": peer,
        "key-file": PKI + "/etcd/server.key",
        "listen-client-urls": "https://127.0.0.1:2379," + here,
        "listen-metrics-urls": "http://127.0.0.1:2381",
        "listen-peer-urls": peer,
        "name": wanted.name,
        "peer-cert-file": PKI + "/etcd/peer.crt",
        "peer-client-cert-auth": "true",
        "peer-key-file": PKI + "/etcd/peer.key",
        "peer-trusted-ca-file": PKI + "/etcd/ca.crt",
        "snapshot-count": "10000",
        "trusted-ca-file": PKI + "/etcd/ca.crt",
        "watch-progress-notify-interval": "5s",
    }


def apiserver(wanted):
    """Authorization Node and RBAC, admission NodeRestriction: kubeadm's defaults."""
    return {
        "advertise-address": wanted.address,
        "allow-privileged": "true",
        "authorization-mode": "Node,RBAC",
        "client-ca-file": PKI + "/ca.crt",
        "enable-admission-plugins": "NodeRestriction",
        "enable-bootstrap-token-auth": "true",
        "etcd-cafile": PKI + "/etcd/ca.crt",
        "etcd-certfile": PKI + "/apiserver-etcd-client.crt",
        "etcd-keyfile": PKI + "/apiserver-etcd-client.key",
        "etcd-servers": "https://127.0.0.1:2379",
        "kubelet-client-certificate": PKI + "/apiserver-kubelet-client.crt",
        "kubelet-client-key": PKI + "/apiserver-kubelet-client.key",
        "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
        "proxy-client-cert-file": PKI + "/front-proxy-client.crt",
        "proxy-client-key-file": PKI + "/front-proxy-client.key",
        "requestheader-allowed-names": "front-proxy-client",
        "requestheader-client-ca-file": PKI + "/front-proxy-ca.crt",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-username-headers": "X-Remote-User",
        "secure-port": str(wanted.port),
        "service-account-issuer": "https://kubernetes.default.svc.%s" % wanted.dns_domain,
        "service-account-key-file": PKI + "/sa.pub",
        "service-account-signing-key-file": PKI + "/sa.key",
        "service-cluster-ip-range": wanted.service_subnet,
        "tls-cert-file": PKI + "/apiserver.crt",
        "tls-private-key-file": PKI + "/apiserver.key",
    }


def controller_manager(wanted):
    """With a range of pod addresses for each node."""
    kubeconfig = config.FOLDER + "/controller-manager.conf"
    return {
        "allocate-node-cidrs": "true",
        "authentication-kubeconfig": kubeconfig,
        "authorization-kubeconfig": kubeconfig,
        "bind-address": "127.0.0.1",
        "client-ca-file": PKI + "/ca.crt",
        "cluster-cidr": wanted.pod_subnet,
        "cluster-name": "kubernetes",
        "cluster-signing-cert-file": PKI + "/ca.crt",
        "cluster-signing-key-file": PKI + "/ca.key",
        "controllers": "*,bootstrapsigner,tokencleaner",
        "kubeconfig": kubeconfig,
        "leader-elect": "true",
        "requestheader-client-ca-file": PKI + "/front-proxy-ca.crt",
        "root-ca-file": PKI + "/ca.crt",
        "service-account-private-key-file": PKI + "/sa.key",
        "service-cluster-ip-range": wanted.service_subnet,
        "use-service-account-credentials": "true",
    }


def scheduler(wanted):
    """A configuration of one's own says itself which kubeconfig it takes and who leads; kubeadm says it, too."""
    kubeconfig = config.FOLDER + "/scheduler.conf"
    own = {"config": config.SCHEDULER} if wanted.scheduler_config else {}
    if wanted.pods or not own:
        own.update({"kubeconfig": kubeconfig, "leader-elect": "true"})
    return dict(
        own,
        **{
            "authentication-kubeconfig": kubeconfig,
            "authorization-kubeconfig": kubeconfig,
            "bind-address": "127.0.0.1",
        },
    )


MAKERS = {
    "etcd": etcd,
    "kube-apiserver": apiserver,
    "kube-controller-manager": controller_manager,
    "kube-scheduler": scheduler,
}
