#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: pod_network
short_description: The basic pod network of a node, a bridge and VXLAN over the management network
version_added: 0.1.0
description:
  - States in one call the nodes of a cluster and their pod networks. A CNI configuration with the bridge plugin for the
    node's own pods, a VXLAN device, and one route for each other node's pods. One systemd unit brings it back at boot.
  - What leaves the pod network has the node's address, and the networks in O(closed) cannot be reached from it.
  - A node with the CNI configuration of another pod network is left alone.
  - Nothing is learnt by itself. After a node has come or gone the module must run on all.
requirements:
  - iproute2 and nftables, and the CNI plugins bridge, host-local and portmap in C(/opt/cni/bin), on the node.
options:
  name:
    description: This node's name among O(nodes). Needed for O(state=present).
    type: str
    default: ""
  nodes:
    description: All nodes of the cluster.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The node's name in the cluster.
        type: str
        required: true
      address:
        description: Its address in the management network.
        type: str
        required: true
      pod_cidr:
        description: The network of its pods, C(spec.podCIDR) of its Node object.
        type: str
        required: true
  pod_subnet:
    description: The network of all pods.
    type: str
    default: 10.244.0.0/16
  closed:
    description: Networks, such as the data networks of the testbed, to and from which pods are not forwarded.
    type: list
    elements: str
    default: []
  vni:
    description: The number of the VXLAN.
    type: int
    default: 4096
  port:
    description: The UDP port of the VXLAN. Filters of the management network have to let it in.
    type: int
    default: 4789
  mtu:
    description: The MTU of pods. 0 for that of the interface with the node's address, less 50.
    type: int
    default: 0
  checksum_offload:
    description:
      - Whether the node's NIC may compute the checksums of what pods send. V(false) for a NIC that computes them wrong
        inside of VXLAN, which some do, among them QEMU's igb; echo requests pass then, and TCP does not.
      - V(false) needs ethtool on the node.
    type: bool
    default: true
  state:
    description:
      - V(present) brings the node's pod network to what is asked for.
      - V(absent) removes it. Refused as long as pods are in it.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Two nodes
  gedge.engine.pod_network:
    name: node1
    nodes:
      - {name: node1, address: 192.168.10.101, pod_cidr: 10.244.0.0/24}
      - {name: node2, address: 192.168.10.102, pod_cidr: 10.244.1.0/24}
    closed: [192.168.20.96/28]
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: gedge-pod-network.service, action: start-unit, reason: the overlay is not as its files say,
       disruption: none, before: [], after: [10.244.1.0/24]}
disruption:
  description: The worst disruption among the steps; V(link) where the VXLAN device is made anew.
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
left_alone:
  description: Whether the node has the pod network of others.
  type: bool
  returned: success
  sample: false
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.node_module import run_subsystem
from ..module_utils.pod_network.options import argument_spec
from ..module_utils.pod_network.subsystem import PodNetwork
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: PodNetwork(params, System()))


if __name__ == "__main__":
    main()
