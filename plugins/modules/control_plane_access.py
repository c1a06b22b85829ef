#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: control_plane_access
short_description: What the first control-plane node gives to others
version_added: 0.1.0
description:
  - Returns the kubeconfig of an administrator, what nodes need to join, and the keys that a second control-plane node
    needs. B(Its result has secrets), so the task must say C(no_log=true).
  - A bootstrap token is made only where one of O(nodes) has not joined yet, and no token of this module is good for
    another 15 minutes. It ends by itself.
requirements:
  - A control plane that M(gedge.engine.control_plane) has made on the node, and openssl.
options:
  address:
    description: The address of this node's own API server.
    type: str
    required: true
  port:
    description: Its port.
    type: int
    default: 6443
  server:
    description: The API server as C(https://HOST:PORT) for the kubeconfig. Empty, the endpoint of the cluster.
    type: str
    default: ""
  nodes:
    description: Names of the nodes that shall join.
    type: list
    elements: str
    default: []
  shared:
    description: Whether to return the keys and CAs.
    type: bool
    default: false
  ttl_minutes:
    description: How long a new token is good for.
    type: int
    default: 60
author:
  - The gedge.engine authors (@gedge-engine)
attributes:
  check_mode:
    support: full
    description: Says whether a token would be made.
"""

EXAMPLES = r"""
- name: Have what a worker needs to join
  gedge.engine.control_plane_access:
    address: 192.168.10.100
    nodes: [worker1]
  no_log: true
  register: access
"""

RETURN = r"""
kubeconfig:
  description: That of an administrator. Empty in check mode where there is no control plane yet.
  type: str
  returned: success
join:
  description: C(endpoint), C(token) and C(ca_cert_hash). The token is empty where no node is to join.
  type: dict
  returned: success
  sample: {endpoint: "192.168.10.100:6443", token: "", ca_cert_hash: "sha256:9b1d3c0e"}
shared:
  description: Keys and CAs by their files below C(/etc/kubernetes/pki), where they were asked for.
  type: dict
  returned: success
  sample: {}
"""

from ..module_utils.control_plane import access
from ..module_utils.node_module import run_action
from ..module_utils.system import System

ARGUMENT_SPEC = {
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "default": 6443},
    "server": {"type": "str", "default": ""},
    "nodes": {"type": "list", "elements": "str", "default": []},
    "shared": {"type": "bool", "default": False},
    "ttl_minutes": {"type": "int", "default": 60},
}


def main():
    """Run the module."""
    run_action(ARGUMENT_SPEC, lambda params, check_mode: access.read(System(), params, check_mode))


if __name__ == "__main__":
    main()
