# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the first control-plane node gives to others: keys for a second one, a kubeconfig, a token for who joins."""

from __future__ import annotations

import base64
import calendar
import hashlib
import json
import re
import time

from ..errors import EngineError, Problem, ProblemsError
from . import certificates, cluster
from .flags import PKI
from .wanted import joined

LEAST_S = 15 * 60  # what a token must still be good for
DESCRIPTION = "gedge.engine"
TOKENS = ("-n", "kube-system", "get", "secrets", "-o", "json", "--field-selector", "type=bootstrap.kubernetes.io/token")


def read(system, params, check_mode, now=time.time):
    """The result of module control_plane_access. Nothing is made in check mode."""
    if not re.match(r"https://[^\s/]+:\d+\Z", params["server"] or "https://host:1"):
        raise ProblemsError([Problem("server", "is no https://HOST:PORT", "Write one", params["server"])])
    admin = system.read(certificates.conf("admin"))
    shared = {name: system.read("%s/%s" % (PKI, name)) for name in certificates.SHARED}
    if admin is None or None in shared.values():
        if check_mode:
            return _result()
        lacking = [name for name, text in sorted(shared.items()) if text is None] or ["admin.conf"]
        raise EngineError("there is no control plane here: no %s" % lacking[0], "/etc/kubernetes", "Make it first")
    server = re.search(r"(?m)^\s*server:\s*(\S+)\s*$", admin).group(1)
    kubeconfig = re.sub(r"(?m)^(\s*server:\s*).*$", r"\g<1>" + (params["server"] or server), admin) + "\n"
    made, token = _token(system, params, check_mode, now)
    join = {"endpoint": server[len("https://") :], "token": token, "ca_cert_hash": ca_hash(system, shared["ca.crt"])}
    return _result(made, kubeconfig, shared if params["shared"] else {}, join)


def _result(changed=False, kubeconfig="", shared=None, join=None):
    empty = {"endpoint": "", "token": "", "ca_cert_hash": ""}
    return {"changed": changed, "kubeconfig": kubeconfig, "shared": shared or {}, "join": join or empty}


def ca_hash(system, pem):
    """What kubeadm join knows a cluster's CA by: sha256:HEX of its public key."""
    text = system.run(["openssl", "x509", "-noout", "-pubkey"], stdin=pem + "\n").out
    body = "".join(line for line in text.splitlines() if line and "-----" not in line)
    return "sha256:" + hashlib.sha256(base64.b64decode(body)).hexdigest()


def _token(system, params, check_mode, now):
    """(whether one is made, the token): only where a node is still to join, and no token is good for long enough."""
    try:
        here = {one["metadata"]["name"] for one in _items(system, params, "get", "nodes", "-o", "json")}
    except EngineError:
        if check_mode:  # it does not run yet
            return True, ""
        raise
    if not set(params["nodes"]) - here:
        return False, ""
    for secret in _items(system, params, *TOKENS):
        data = {key: base64.b64decode(value).decode() for key, value in (secret.get("data") or {}).items()}
        if data.get("description") == DESCRIPTION and _until(data) - now() >= LEAST_S:
            return False, "%s.%s" % (data["token-id"], data["token-secret"])
    if check_mode:
        return True, ""
    token = cluster.new_token()
    argv = [cluster.KUBEADM, "token", "create", "--config", cluster.DOCUMENTS, "--kubeconfig", cluster.DRAFT]
    documents = {
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "InitConfiguration",
        "bootstrapTokens": [{"token": token, "ttl": "%dm0s" % params["ttl_minutes"], "description": DESCRIPTION}],
    }
    with cluster.kubeconfig(system, _local(params)):
        system.write_file(cluster.DOCUMENTS, json.dumps(documents) + "\n", 0o600)
        answer = system.run(argv, check=False)
    if answer.rc != 0:
        raise EngineError(
            "rc %d: %s" % (answer.rc, answer.err.strip()[-400:].replace(token, "TOKEN")), "kubeadm token create"
        )
    return True, token


def _until(data):
    """When a token ends, seconds since the epoch."""
    try:
        return calendar.timegm(time.strptime(data.get("expiration", ""), "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        return 0


def _items(system, params, *words):
    argv = [cluster.KUBECTL, "--kubeconfig", cluster.SUPER, "--server", _local(params), "--request-timeout=20s"]
    return json.loads(system.run(argv + list(words)).out)["items"]


def _local(params):
    return "https://%s" % joined(params["address"], params["port"])
