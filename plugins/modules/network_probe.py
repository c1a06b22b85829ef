#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: network_probe
short_description: Send traffic over a node's networks, with nothing listening at the other end
version_added: 0.1.0
description:
  - Sends ICMP echo requests, and knocks at TCP and UDP ports. A port that nobody serves is refused by the peer itself,
    and one that a filter drops stays silent; so no listener is started anywhere, and nothing is left running.
  - Then loads one path with UDP to the discard port, while echo requests watch another.
author:
  - The gedge.engine authors (@gedge-engine)
requirements:
  - iputils-ping on the node, and root, since packets are sent from a device.
options:
  pings:
    description: What to send echo requests to, three to each, all at once. Keys that are not listed are returned.
    type: list
    elements: dict
    default: []
    suboptions:
      interface:
        description: The device to send from.
        type: str
        required: true
      address:
        description: The address to send to.
        type: str
        required: true
      expect:
        description: Whether an answer is expected; for V(silence) less time is given.
        type: str
        choices: [reply, silence]
        default: reply
      size:
        description: Size of the IP packet in bytes, which may not be fragmented.
        type: int
      kind:
        description: Word that says what is probed; returned as it is.
        type: str
      label:
        description: Words that say what is probed; returned as they are.
        type: str
      pid:
        description: The process whose network namespace it is sent from, such as that of a pod.
        type: int
  ports:
    description: What to knock at, all at once.
    type: list
    elements: dict
    default: []
    suboptions:
      interface:
        description: The device to send from.
        type: str
        required: true
      address:
        description: The address to send to.
        type: str
        required: true
      protocol:
        description: The protocol.
        type: str
        choices: [tcp, udp]
        required: true
      port:
        description: The port.
        type: int
        required: true
      expect:
        description: Whether packets are expected to pass; returned as it is.
        type: str
        choices: [passes, stopped]
        default: passes
      label:
        description: Words that say what is probed; returned as they are.
        type: str
  load:
    description: The path to load. Left out, none is.
    type: dict
    suboptions:
      interface:
        description: The device to send from.
        type: str
        required: true
      address:
        description: The address to send to.
        type: str
        required: true
      network:
        description: Its network; for people.
        type: str
  watch:
    description: What to send echo requests to while the path is loaded.
    type: list
    elements: dict
    default: []
    suboptions:
      interface:
        description: The device to send from.
        type: str
      address:
        description: The address to send to.
        type: str
        required: true
      label:
        description: Words that say what is probed; returned as they are.
        type: str
  wait:
    description: How long to wait for an answer, in seconds.
    type: int
    default: 5
  seconds:
    description: How long the path is loaded, in seconds.
    type: int
    default: 3
attributes:
  check_mode:
    description: Can run in check mode; then nothing is sent.
    support: full
"""

EXAMPLES = r"""
- name: Is the peer there, does its filter let iperf3 in and SSH not
  gedge.engine.network_probe:
    pings:
      - {interface: ens1f0.30, address: 192.168.20.101, size: 1500}
    ports:
      - {interface: ens1f0.30, address: 192.168.20.101, protocol: tcp, port: 5201}
      - {interface: ens1f0.30, address: 192.168.20.101, protocol: tcp, port: 22, expect: stopped}

- name: Load a data network and watch the management network
  gedge.engine.network_probe:
    load: {interface: ens1f0.30, address: 192.168.20.101}
    watch:
      - {interface: ens1f1, address: 192.168.10.101}
    seconds: 10
"""

RETURN = r"""
pings:
  description:
    - The option, each item with what was sent and answered, and the average and worst time in milliseconds.
    - Where an answer was expected and none came, C(seen) is what the device says, carrier, packets sent, received and
      lost, and what the kernel knows of the neighbour.
  type: list
  elements: dict
  returned: success
  sample: [{interface: ens1f0.30, address: 192.168.20.101, sent: 3, replies: 3, rtt_ms: 0.4, worst_ms: 0.6}]
ports:
  description: The option, each item with C(answer), which is V(open), V(refused) or V(silent).
  type: list
  elements: dict
  returned: success
  sample: [{interface: ens1f0.30, address: 192.168.20.101, protocol: tcp, port: 5201, answer: refused}]
load:
  description: What was sent over the device in Mbit/s, and the echo requests of O(watch) meanwhile.
  type: dict
  returned: where O(load) is given
  sample:
    interface: ens1f0.30
    address: 192.168.20.101
    seconds: 3.1
    sent_mbit: 940.2
    answers: [{interface: ens1f1, address: 192.168.10.101, sent: 15, replies: 15, rtt_ms: 0.3, worst_ms: 0.9}]
"""

from ..module_utils.node_module import run_action
from ..module_utils.probe import echoes, ports, silence
from ..module_utils.system import System


def argument_spec():
    """The options, in the order of the documentation."""
    words = {key: {"type": "str"} for key in ("kind", "label", "network")}
    place = {key: {"type": "str", "required": True} for key in ("interface", "address")}
    ping = dict(
        place,
        expect={"type": "str", "choices": ["reply", "silence"], "default": "reply"},
        size={"type": "int"},
        pid={"type": "int"},
        kind=words["kind"],
        label=words["label"],
    )
    port = dict(
        place,
        protocol={"type": "str", "choices": ["tcp", "udp"], "required": True},
        port={"type": "int", "required": True},
        expect={"type": "str", "choices": ["passes", "stopped"], "default": "passes"},
        label=words["label"],
    )
    watch = {"interface": {"type": "str"}, "address": place["address"], "label": words["label"]}
    return {
        "pings": {"type": "list", "elements": "dict", "default": [], "options": ping},
        "ports": {"type": "list", "elements": "dict", "default": [], "options": port},
        "load": {"type": "dict", "options": dict(place, network=words["network"])},
        "watch": {"type": "list", "elements": "dict", "default": [], "options": watch},
        "wait": {"type": "int", "default": 5},
        "seconds": {"type": "int", "default": 3},
    }


def probe(params, check_mode):
    """Send, wait and return."""
    if check_mode:
        return {"changed": False, "pings": [], "ports": [], "load": None}
    running = echoes.begin(params["pings"], params["wait"])
    answered = ports.knock(params["ports"], min(params["wait"], ports.LONGEST_S))
    load = params["load"]
    return {
        "changed": False,
        "ports": answered,
        "pings": silence.explained(System(), echoes.end(running)),
        "load": load and echoes.under_load(load, params["watch"], params["seconds"]),
    }


def main():
    """Run the module."""
    run_action(argument_spec(), probe)


if __name__ == "__main__":
    main()
