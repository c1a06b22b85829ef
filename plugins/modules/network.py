#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: network
short_description: Networks of a node, kept apart, from one declaration
version_added: 0.1.0
description:
  - States in one call all links of a node that the testbed uses; addresses, VLAN sub-interfaces, MTU, gateways, routes,
    policy routing, what keeps the networks apart, and what may enter from each.
  - What is right already is not touched; only interfaces that change are configured anew.
  - The links are left to C(systemd-networkd) where it runs, else to C(NetworkManager), which brings them back at boot;
    files that an earlier run made for the other one go. What somebody else has made for an interface and comes before
    ours (a C(.network) file, a profile, an entry of ifupdown) is refused by name.
  - A change is commit-confirmed. Before the first step the node gets a script and a clock of its own that put
    everything back after O(confirm_within) seconds, also when the controller, the connection or this module dies, and
    at boot when the node is restarted in between. The change stays only when the node is told to keep it, over a new
    connection; see O(confirm_by).
  - An interface that carries the management connection, or lies below one that does, is refused unless it is named in
    O(allow_management). One that somebody else has set up as asked for is left alone.
requirements:
  - Linux with systemd-networkd >= 252 or NetworkManager >= 1.42 running, iproute2 >= 5.10 and util-linux on the node;
    nftables for O(filters).
options:
  links:
    description: The links. Ours that are left out go back to what they were.
    type: list
    elements: dict
    suboptions:
      interface:
        description: Network device of the port. Either this or O(links[].pci) is needed.
        type: str
      pci:
        description: PCI address of the port.
        type: str
      network:
        description: Name of the network, as in O(filters[].network).
        type: str
        required: true
      purpose:
        description:
          - V(data) for a network of experiments and services; nothing of it is forwarded, no router is believed.
          - V(management) for the network that nodes are managed over. Its gateway is preferred for the default route.
        type: str
        choices: [data, management]
        default: data
      addresses:
        description: Addresses with their prefix, such as V(192.168.20.100/28).
        type: list
        elements: str
      vlan:
        description: VLAN that the node tags itself. The link is then the sub-interface C(PORT.VLAN).
        type: int
      mtu:
        description: MTU in bytes. Left out, it stays as it is.
        type: int
      gateway:
        description:
          - Router of the network, with IPv6 also by its link-local address. It becomes the default route when the
            node has no other.
          - Otherwise, and where two networks have gateways, it serves only what this link's addresses send; see
            O(links[].table).
        type: str
      table:
        description: Number of the routing table, and priority of the rule, for what this link's addresses send.
        type: int
      routes:
        description: Further networks behind routers of this one.
        type: list
        elements: dict
        suboptions:
          to:
            description: The network, such as V(10.20.0.0/16).
            type: str
            required: true
          via:
            description: The router.
            type: str
            required: true
      up:
        description: V(false) keeps the link down. Under NetworkManager a VLAN that is down is not made.
        type: bool
        default: true
  filters:
    description:
      - What may enter from each network. Nothing is forwarded between two networks that are named here.
    type: list
    elements: dict
    suboptions:
      network:
        description: The network, as in O(links[].network).
        type: str
        required: true
      interfaces:
        description: Its interfaces; by default the links of that network.
        type: list
        elements: str
      allow:
        description: What may enter. Left out, everything; an empty list, nothing but replies.
        type: list
        elements: dict
        suboptions:
          from:
            description: Networks of the senders; by default any.
            type: list
            elements: str
          protocol:
            description: Protocol.
            type: str
            choices: [any, tcp, udp, icmp, icmpv6]
            default: any
          ports:
            description: Ports and ranges of the receiver, such as V(5201,8000-8010).
            type: str
          rate:
            description: Highest rate, such as V(1000/second); what is above is dropped.
            type: str
  separation:
    description:
      - Whether sysctls keep the networks apart on the links; no answer to ARP for an address of another interface,
        strict return path, no router advertisements and no IPv6 forwarding on data links.
    type: bool
    default: true
  policy_routing:
    description: Whether links with a gateway may have a routing table of their own.
    type: bool
    default: true
  allow_management:
    description: Interfaces that may be changed though they carry the management connection.
    type: list
    elements: str
  confirm_within:
    description: Seconds from the first step until an unconfirmed change is put back.
    type: int
    default: 60
  confirm_by:
    description:
      - V(task) has this task connect anew and confirm, whatever other nodes of the play still do.
      - V(token) leaves it to the caller, who gives the token in RV(confirm) as O(confirm).
    type: str
    choices: [task, token]
    default: task
  confirm:
    description: Token of a change that is to stay. Nothing else is done then.
    type: str
  state:
    description: V(absent) restores what was before this module's first change.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: An untagged public port and a tagged data network
  gedge.engine.network:
    links:
      - {pci: "0000:81:00.1", network: public, addresses: [198.51.100.24/24], gateway: 198.51.100.1, table: 1010}
      - {interface: ens1f0, vlan: 30, network: sriov-a, addresses: [192.168.20.100/28], mtu: 1500}
    filters:
      - {network: public, allow: [{protocol: tcp, ports: "443"}]}
      - {network: sriov-a}

- name: A change that is kept when a test of one's own has passed
  gedge.engine.network:
    links: []
    confirm_by: token
  register: network

- name: Connect anew, over what is now
  ansible.builtin.meta: reset_connection

- name: Keep it
  gedge.engine.network:
    confirm: "{{ network.confirm.token }}"
  when: network.confirm is not none

- name: Back to what was before
  gedge.engine.network:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: ens2f1, action: configure-link, reason: differs in mtu, disruption: link, before: {mtu: 9000},
       after: {mtu: 1500}}
disruption:
  description: The worst disruption among the steps.
  type: str
  returned: success
  sample: link
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
confirm:
  description:
    - C(token) and C(within) of the change that waits for its confirmation; null where nothing was changed, or where the
      task has confirmed it.
  type: dict
  returned: success
  sample: {token: 7f3c0e6a51b2d498, within: 60}
filters:
  description: Where what enters each interface is filtered, and which filters of its own the NIC has; none is used yet.
  type: list
  elements: dict
  returned: success
  sample:
    - network: public
      interface: ens2f1
      where: nftables
      reason: ens2f1 has neither ntuple filters nor tc offload (flower)
left_alone:
  description: Links that somebody else has set up as asked for, and that carry the management connection.
  type: list
  elements: str
  returned: success
  sample: [eno1]
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
failed_step:
  description: The step that failed.
  type: dict
  returned: when a step failed
put_back:
  description: Whether the state before the run was restored after the failure.
  type: bool
  returned: when a step failed
"""

from ..module_utils.network.options import argument_spec
from ..module_utils.network.run import act
from ..module_utils.node_module import run_action
from ..module_utils.system import System


def main():
    """Run the module."""
    run_action(argument_spec(), lambda params, check_mode: act(params, check_mode, System()))


if __name__ == "__main__":
    main()
