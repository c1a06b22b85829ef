#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: worker
short_description: A node as a worker of a cluster, from one declaration
version_added: 0.1.0
description:
  - States in one call that a node is in a cluster. Units of kubelet and kube-proxy (nftables), C(kubeadm join), and the
    wait until the API server takes the node for Ready, or misses nothing but the pod network.
  - The kubelet does not start before the VFs in O(vfs) exist, now and at every boot, since device plugins look for them
    once.
  - A node that others brought into a cluster is left alone.
  - The programs must be on the node already; RV(missing) tells in check mode which ones are not.
requirements:
  - Debian or a system made from it, with systemd and containerd, on the node.
options:
  name:
    description: The node's name in the cluster. Needed for O(state=present).
    type: str
    default: ""
  address:
    description: The node's InternalIP, its address in the management network. Needed for O(state=present).
    type: str
    default: ""
  join:
    description: What C(kubeadm token create --print-join-command) prints. Needed for O(state=present).
    type: dict
    default: {}
    suboptions:
      endpoint:
        description: Where the API server is, C(host:port).
        type: str
        default: ""
      token:
        description: A bootstrap token; needed only as long as the node has not joined. It stands in no log.
        type: str
        default: ""
      ca_cert_hash:
        description: The digest of the cluster's CA, C(sha256:) and 64 digits.
        type: str
        default: ""
  programs:
    description:
      - "The file below C(/usr/local/bin) that each of kubelet, kubeadm, kubectl and kube-proxy is, as {name: {binary:
        file, sha256: digest}}. One binary may be several programs: it is the one by whose name it is called, and gets a
        link for each."
    type: dict
    default: {}
  cni_programs:
    description: "CNI plugins below C(/opt/cni/bin), as {name: SHA-256}."
    type: dict
    default: {}
  vfs:
    description: How many VFs a PF must have before the kubelet starts.
    type: list
    elements: dict
    default: []
    suboptions:
      pci:
        description: The PF's PCI address.
        type: str
        required: true
      count:
        description: Number of VFs, at least.
        type: int
        required: true
  kube_proxy:
    description: How kube-proxy reaches the API server. Without it there is none of ours.
    type: dict
    suboptions:
      server:
        description: URL of the API server.
        type: str
        required: true
      ca:
        description: The cluster's CA, in base64 as kubeconfigs have it.
        type: str
        required: true
      token:
        description: Token of its ServiceAccount. It is kept on the node in a file for root alone.
        type: str
        required: true
      pod_subnet:
        description: The network of all pods.
        type: str
        default: ""
  timeout:
    description: Seconds for each of kubeadm's waits, and for the node to be Ready.
    type: int
    default: 300
  state:
    description:
      - V(present) brings the node into the cluster.
      - V(absent) takes it out by C(kubeadm reset), and removes what that leaves and all files of this module. It does
        not drain, and the Node object stays; role P(gedge.engine.cluster_worker#role) does both.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Into the cluster, once the VFs of a PF are there
  gedge.engine.worker:
    name: node1
    address: 192.168.10.101
    join: "{{ hostvars['master'].cluster_join }}"
    programs:
      kubelet: {binary: kubernetes-node}
      kubeadm: {binary: kubernetes-node}
      kubectl: {binary: kubernetes-node}
    vfs:
      - {pci: "0000:21:00.0", count: 4}

- name: Out of it
  gedge.engine.worker:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order. No token.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: node1, action: join-cluster, reason: it is in no cluster, disruption: none, before: "",
       after: "192.168.10.100:6443"}
disruption:
  description: The worst disruption among the steps; V(drain) where the node leaves its cluster.
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
missing:
  description: Paths of programs that the node does not have, or of which it has others.
  type: list
  elements: str
  returned: success
  sample: [/usr/local/bin/kubernetes-node]
joined:
  description: Whether the node was in a cluster before.
  type: bool
  returned: success
  sample: false
left_alone:
  description: Whether others brought the node into a cluster.
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
from ..module_utils.system import System
from ..module_utils.worker.options import argument_spec
from ..module_utils.worker.subsystem import Worker


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Worker(params, System()))


if __name__ == "__main__":
    main()
