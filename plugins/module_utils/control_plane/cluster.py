# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What kubeadm keeps in the API server for those who join: its configuration, cluster-info, who may bootstrap."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import string

from ..errors import EngineError
from . import certificates, config, reading
from .wanted import BIN

DIGEST = "gedge.io/digest"
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "kubeadm:cluster-admins"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "kubeadm:cluster-admins"}],
}
KUBECTL, KUBEADM = BIN + "/kubectl", BIN + "/kubeadm"
SUPER = certificates.conf("super-admin")
DRAFT, DOCUMENTS = "/run/gedge-control-plane.conf", "/run/gedge-kubeadm.yaml"


def digest(wanted):
    """That of what kubeadm is told."""
    return hashlib.sha256(config.text(wanted).encode()).hexdigest()[:16]


def kubectl(system, wanted, *words, **more):
    """Run kubectl against this node's own API server, as who may do all: for those that have joined, the first node has
    allowed the administrators everything."""
    conf = SUPER if wanted.first else certificates.conf("admin")
    argv = [KUBECTL, "--kubeconfig", conf, "--server", wanted.local, "--request-timeout=20s"]
    return system.run(argv + list(words), **more)


def observe(system, wanted):
    """{"digest", "server", "ca"} of what is there, None where it cannot be read or is not complete."""
    maps = {}
    for namespace, name in (("kube-system", "kubeadm-config"), ("kube-public", "cluster-info")):
        answer = kubectl(system, wanted, "-n", namespace, "get", "configmap", name, "-o", "json", check=False)
        if answer.rc != 0:
            return None
        maps[name] = json.loads(answer.out)
    known = reading.kubeconfig(system, maps["cluster-info"].get("data", {}).get("kubeconfig", ""))
    notes = maps["kubeadm-config"]["metadata"].get("annotations") or {}
    return {
        "digest": notes.get(DIGEST, ""),
        "server": known.server if known else "",
        "ca": known.ca.strip() if known else "",
    }


def upload(system, wanted):
    """Have kubeadm write it. It takes the server's address for cluster-info from the kubeconfig that it is given, so
    that address, which this node need not reach, is put there afterwards."""
    with kubeconfig(system, wanted.local):
        system.write_file(DOCUMENTS, config.text(wanted, new_token(), True), 0o600)
        _apply(system, wanted, BINDING)
        _phase(system, "upload-config", "all")
        _phase(system, "bootstrap-token", "--skip-token-print")
    _point(system, wanted)
    note = "%s=%s" % (DIGEST, digest(wanted))
    kubectl(system, wanted, "-n", "kube-system", "annotate", "--overwrite", "configmap", "kubeadm-config", note)


@contextlib.contextmanager
def kubeconfig(system, server):
    """DRAFT for who may do all, through a certain server, and a place for DOCUMENTS; both are gone afterwards."""
    text = system.read(SUPER)
    if not text:
        raise EngineError("is not there", SUPER, "Run role cluster_control_plane again")
    before = os.umask(0o077)  # nobody else's from the first moment
    try:
        system.write_file(DRAFT, re.sub(r"(?m)^(\s*server:\s*).*$", r"\g<1>" + server, text) + "\n", 0o600)
        yield
    finally:
        os.umask(before)
        for path in (DRAFT, DOCUMENTS):
            system.remove_file(path)


def _phase(system, *words):
    # Its output has the token.
    argv = [KUBEADM, "init", "phase"] + list(words) + ["--config", DOCUMENTS, "--kubeconfig", DRAFT]
    answer = system.run(argv, check=False)
    if answer.rc != 0:
        said = re.sub(r"[a-z0-9]{6}\.[a-z0-9]{16}", "TOKEN", (answer.err or answer.out).strip()[-600:])
        raise EngineError("rc %d: %s" % (answer.rc, said), "kubeadm init phase " + " ".join(words))


def _point(system, wanted):
    """cluster-info names the endpoint. That key alone is applied: the controller that signs it writes there as well."""
    words = ("-n", "kube-public", "get", "configmap", "cluster-info", "-o", "json")
    text = json.loads(kubectl(system, wanted, *words).out)["data"]["kubeconfig"]
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cluster-info", "namespace": "kube-public"}}
    _apply(system, wanted, dict(one, data={"kubeconfig": text.replace(wanted.local, wanted.server)}))


def _apply(system, wanted, one):
    """Have what an object says, whatever else is in it."""
    words = ("apply", "--server-side", "--force-conflicts", "--field-manager=gedge-engine", "-f", "-")
    kubectl(system, wanted, *words, stdin=json.dumps(one))


def new_token():
    """A bootstrap token, as kubeadm writes it."""
    signs = string.ascii_lowercase + string.digits
    return "%s.%s" % tuple("".join(secrets.choice(signs) for dummy in range(size)) for size in (6, 16))
