#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: rdma_probe
short_description: Measure RDMA between nodes with rping and ib_send_lat
version_added: 0.1.0
description:
  - "Three calls make a measurement: V(serve) on the nodes with servers, V(measure) on those with clients, V(stop) on
    the first again."
  - The servers are transient units of systemd that end after O(wait) seconds by themselves.
author:
  - The gedge.engine authors (@gedge-engine)
requirements:
  - rdmacm-utils, perftest and systemd on the node.
options:
  phase:
    description:
      - V(serve) starts a server of each tool for each of O(servers).
      - V(measure) runs the clients against O(targets), one after the other.
      - V(stop) ends the servers.
    type: str
    choices: [serve, measure, stop]
    required: true
  servers:
    description: Where to listen.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: An IP address of this node on the RDMA device.
        type: str
        required: true
      port:
        description: The port of rping; ib_send_lat has the next one.
        type: int
        required: true
      label:
        description: Words that say what is measured; returned as they are.
        type: str
      server:
        description: The node that serves; returned as it is.
        type: str
      client:
        description: The node that measures; returned as it is.
        type: str
  targets:
    description: What to measure.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The IP address of the server.
        type: str
        required: true
      port:
        description: Its port.
        type: int
        required: true
      label:
        description: Words that say what is measured; returned as they are.
        type: str
      server:
        description: The node that serves; returned as it is.
        type: str
      client:
        description: The node that measures; returned as it is.
        type: str
  wait:
    description: How long one client may take, and the servers last, in seconds.
    type: int
    default: 60
attributes:
  check_mode:
    description: Can run in check mode; then nothing is started.
    support: full
"""

EXAMPLES = r"""
- name: Listen
  gedge.engine.rdma_probe:
    phase: serve
    servers: [{address: 192.168.20.100, port: 18700}]

- name: Measure from another node
  gedge.engine.rdma_probe:
    phase: measure
    targets: [{address: 192.168.20.100, port: 18700, label: VF 0 to VF 0}]
"""

RETURN = r"""
targets:
  description: The targets, each with what was measured; the figures are microseconds.
  type: list
  elements: dict
  returned: success
  sample:
    - address: 192.168.20.100
      port: 18700
      label: VF 0 to VF 0
      rping: true
      error: ""
      latency: {bytes: 2, messages: 200, minimum: 306.9, maximum: 5287.5, typical: 1780.9, average: 1888.4,
        deviation: 1118.8, p99: 5287.5}
"""

from ..module_utils.node_module import run_action
from ..module_utils.rdma import probe
from ..module_utils.system import System


def argument_spec():
    """The options, in the order of the documentation."""
    place = {"address": {"type": "str", "required": True}, "port": {"type": "int", "required": True}}
    place.update({key: {"type": "str"} for key in ("label", "server", "client")})
    return {
        "phase": {"type": "str", "choices": ["serve", "measure", "stop"], "required": True},
        "servers": {"type": "list", "elements": "dict", "default": [], "options": place},
        "targets": {"type": "list", "elements": "dict", "default": [], "options": place},
        "wait": {"type": "int", "default": 60},
    }


def run(params, check_mode):
    """Carry one phase out; returns the result."""
    system, rows = System(), []
    if check_mode:
        return {"changed": False, "targets": rows}
    if params["phase"] == "serve":
        probe.serve(system, params["servers"], params["wait"])
    elif params["phase"] == "measure":
        rows = probe.measure(system, params["targets"], params["wait"])
    else:
        probe.stop(system, params["servers"])
    return {"changed": False, "targets": rows}


def main():
    """Run the module."""
    run_action(argument_spec(), run)


if __name__ == "__main__":
    main()
