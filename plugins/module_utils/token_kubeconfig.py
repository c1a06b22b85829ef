# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""The kubeconfig of a program that is no pod: the cluster's CA and a token of its own, in a file for root."""

from __future__ import annotations

import base64
import hashlib
import json
import re

MODE = 0o600
SERVER = re.compile(r"""(?m)^\s*(?:-\s+)?server:\s*["']?(https?://[^\s"']+)""")


def text(name, server, authority, token):
    """Its text; JSON is YAML, too. authority: PEM."""
    cluster = {"server": server, "certificate-authority-data": base64.b64encode(authority.encode()).decode()}
    made = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return json.dumps(made, indent=1) + "\n"


def server_of(kubeconfig):
    """The API server in a kubeconfig's text, "" for none."""
    hit = SERVER.search(kubeconfig or "")
    return hit.group(1) if hit else ""


def shown(kubeconfig, mode=MODE):
    """What of it may be told: nothing of its token but whether it is another one."""
    told = "SHA-256 %s" % hashlib.sha256(kubeconfig.encode()).hexdigest()[:16]
    return told if mode == MODE else "%s, mode %o" % (told, mode)


def read(system, path):
    """{path: what may be told} of the one on a node, {} for none."""
    data = system.read_bytes(path)
    return {} if data is None else {path: shown(data.decode("utf-8", "replace"), system.mode(path))}
