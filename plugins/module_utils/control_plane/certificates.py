# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Certificates and kubeconfigs that kubeadm makes: which there are, who reads them, and why one must be made anew."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from . import config
from .flags import PKI

MISSING = "missing"


@dataclass
class Certificate:
    """What a certificate says. names: its SANs; until: end of its life, seconds since the epoch; key, signer:
    identifiers of its own key and of its CA's."""

    until: float
    names: frozenset = frozenset()
    key: str = ""
    signer: str = ""


@dataclass
class Kubeconfig:
    """What a kubeconfig says, and its client certificate. ca: the CA's PEM text."""

    server: str
    ca: str
    certificate: Certificate = None


@dataclass
class Kind:
    """signer: name of the CA, "" for a CA itself; readers: units that must start anew; names: the SANs of a Wanted."""

    signer: str = ""
    readers: tuple = ()
    names: object = field(default=None, repr=False)


def _server_names(wanted):
    """The SANs of the API server."""
    first = str(ipaddress.ip_network(wanted.service_subnet)[1])
    base = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"]
    own = [wanted.name, "kubernetes.default.svc." + wanted.dns_domain, first, wanted.address, wanted.endpoint[0]]
    return frozenset(_plain(name) for name in base + own + wanted.names)


def _etcd_names(wanted):
    """The SANs of etcd, as a server and as a peer."""
    return frozenset(_plain(name) for name in (wanted.name, "localhost", wanted.address, "127.0.0.1", "::1"))


def _plain(name):
    """Addresses in one way of writing."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


API, ETCD, CONTROLLERS, SCHEDULER = "kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"
ALL = (API, ETCD, CONTROLLERS, SCHEDULER)
# In the order in which they are made: a CA before what it signs.
KINDS = {
    "ca": Kind("", (API, CONTROLLERS)),
    "apiserver": Kind("ca", (API,), _server_names),
    "apiserver-kubelet-client": Kind("ca", (API,)),
    "front-proxy-ca": Kind("", (API, CONTROLLERS)),
    "front-proxy-client": Kind("front-proxy-ca", (API,)),
    "etcd/ca": Kind("", (API, ETCD)),
    "etcd/server": Kind("etcd/ca", (ETCD,), _etcd_names),
    "etcd/peer": Kind("etcd/ca", (ETCD,), _etcd_names),
    "etcd/healthcheck-client": Kind("etcd/ca"),
    "apiserver-etcd-client": Kind("etcd/ca", (API,)),
}
KUBECONFIGS = {
    "admin": (),
    "super-admin": (),
    "controller-manager": (CONTROLLERS,),
    "scheduler": (SCHEDULER,),
}
CAS = tuple(name for name, kind in KINDS.items() if not kind.signer)
# What a second control-plane node has from the first.
SHARED = tuple("%s.%s" % (name, end) for name in CAS for end in ("crt", "key")) + ("sa.pub", "sa.key")


def path(name):
    """The file of a certificate."""
    return "%s/%s.crt" % (PKI, name)


def conf(name):
    """The file of a kubeconfig."""
    return "%s/%s.conf" % (config.FOLDER, name)


def kubeconfigs(wanted):
    """Names of the kubeconfigs of this node: only kubeadm init knows super-admin."""
    return [name for name in KUBECONFIGS if wanted.first or name != "super-admin"]


def server(name, wanted):
    """The API server that a kubeconfig names: kubeadm gives its components this node's own."""
    return wanted.server if name in ("admin", "super-admin") else wanted.local


def files(wanted):
    """All files that are made, by kubeadm or out of what the first node gives."""
    ends = ["%s/%s.%s" % (PKI, name, end) for name in KINDS for end in ("crt", "key")]
    return ends + [PKI + "/sa.key", PKI + "/sa.pub"] + [conf(name) for name in KUBECONFIGS]


def reason(name, found, wanted, now):
    """Why a certificate must be made anew, "" where it need not. found: {name: Certificate or None}."""
    one, kind = found.get(name), KINDS[name]
    if one is None:
        return MISSING
    if not kind.signer:
        return ""
    issuer = found.get(kind.signer)
    if issuer is None or (one.signer and issuer.key and one.signer != issuer.key):
        return "is not of this CA"
    if kind.names and one.names != kind.names(wanted):
        return "is for other names"
    return _age(one, wanted, now)


def kubeconfig_reason(name, one, ca_text, found, wanted, now):
    """Why a kubeconfig must be made anew, "" where it need not. one: Kubeconfig or None; found: as in reason()."""
    if one is None:
        return MISSING
    if one.server != server(name, wanted):
        return "names the API server %s" % one.server
    issuer, own = found.get("ca"), one.certificate
    if issuer is None or one.ca.strip() != (ca_text or "").strip() or (own and own.signer != issuer.key):
        return "is not of this CA"
    return _age(own, wanted, now) if own else "has no certificate"


def _age(one, wanted, now):
    """Words for a certificate that ends soon."""
    days = (one.until - now) / 86400
    if days < 0:
        return "has expired"
    return "expires within %d days" % wanted.renew_before_days if days < wanted.renew_before_days else ""
