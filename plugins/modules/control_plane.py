#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: control_plane
short_description: The control plane of a cluster on a node, as systemd units or static pods
version_added: 0.1.0
description:
  - Has etcd, kube-apiserver, kube-controller-manager and kube-scheduler run as hardened systemd units, without images.
    Certificates, kubeconfigs, cluster-info and what those who join read come from phases of C(kubeadm), and the command
    lines are those of its static pods.
  - Certificates that end soon, or are for other names than those asked for, are made anew, and only the units that read
    them are started anew, the API server never without its etcd. Each must be ready in time; the message has its last
    words else, and what was done before is put back.
  - With O(mode=static-pods) they are static pods instead, each made by the phase of C(kubeadm init) that is for it, and
    the node registers with its kubelet. A manifest is held against the flags and the image that kubeadm would write; a
    pod is started anew by taking its manifest away until it has ended.
  - The programs must be on the node, below C(/usr/local/bin).
requirements:
  - Debian or a system made from it, with systemd and openssl, on the node.
options:
  mode:
    description:
      - V(services) for systemd units, V(static-pods) for those of kubeadm.
      - A node that has the one is refused the other.
    type: str
    choices: [services, static-pods]
    default: services
  version:
    description: The version of Kubernetes, such as V(1.37.2). Needed for O(state=present).
    type: str
  name:
    description: The node's name in the cluster. Needed for O(state=present).
    type: str
  members:
    description: All control-plane nodes, one or three. The first one begins the cluster, the others join it.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The node's name in the cluster.
        type: str
        required: true
      address:
        description: Its address for the others, not a loopback one.
        type: str
        required: true
  endpoint:
    description: Where all nodes find the API server, C(host) or C(host:port). Empty, the first member's address.
    type: str
    default: ""
  port:
    description: The port of the API servers.
    type: int
    default: 6443
  certificate_names:
    description: Further addresses and names by which the API server is reached.
    type: list
    elements: str
    default: []
  service_subnet:
    description: The network of services.
    type: str
    default: 10.96.0.0/16
  pod_subnet:
    description: The network of pods; each node gets a part of it.
    type: str
    default: 10.244.0.0/16
  dns_domain:
    description: The domain of services.
    type: str
    default: cluster.local
  key_algorithm:
    description: What keys and certificates that are made from now on are of. Those that are there stay.
    type: str
    choices: [RSA-2048, RSA-3072, RSA-4096, ECDSA-P256, ECDSA-P384]
    default: RSA-2048
  programs:
    description:
      - "The file below C(/usr/local/bin) that each program is, as {name: {binary: file, sha256: digest}}. One binary
        may be several programs: it is the one by whose name it is called, and gets a link for each."
      - A program that is not named is the file of its own name. Without a digest, another program is seen by the file.
    type: dict
    default: {}
  images:
    description:
      - The names of the images for O(mode=static-pods), as C(kubeadm config images list) tells them. They must be
        there, or come from their registry.
    type: list
    elements: str
    default: []
  schedulable:
    description: Whether pods may run on the node of static pods. Otherwise it has kubeadm's taint.
    type: bool
    default: false
  shared:
    description: "Keys and CAs of the first node, {file below /etc/kubernetes/pki: text}, for those that join."
    type: dict
    default: {}
  scheduler_config:
    description: A KubeSchedulerConfiguration, for a second profile. The kubeconfig need not be said.
    type: dict
    default: {}
  extra_args:
    description: "More flags, or other values, as {component: {flag: value}}."
    type: dict
    default: {}
  renew_before_days:
    description: Certificates that end within so many days are made anew. CAs are not; they are told in a warning.
    type: int
    default: 30
  etcd_data_dir:
    description: Where etcd keeps its data.
    type: path
    default: /var/lib/etcd
  remove_etcd_data:
    description: Whether O(state=absent) removes the data, too. All that the cluster knows is lost then.
    type: bool
    default: false
  timeout:
    description: Seconds in which each component must be ready.
    type: int
    default: 120
  state:
    description:
      - V(present) brings the node to what is asked for.
      - V(absent) stops the units and removes all that this module has made, but for etcd's data. Of static pods it
        takes the node out of its cluster by C(kubeadm reset); static pods and certificates of others stay.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: A control plane on one node
  gedge.engine.control_plane:
    version: 1.37.2
    name: master
    members:
      - {name: master, address: 192.168.10.100}

- name: A control plane as static pods
  gedge.engine.control_plane:
    mode: static-pods
    version: 1.37.2
    name: master
    members:
      - {name: master, address: 192.168.10.100}
    images:
      - gedge.local/kubernetes/kube-apiserver:v1.37.2
      - gedge.local/kubernetes/kube-controller-manager:v1.37.2
      - gedge.local/kubernetes/kube-scheduler:v1.37.2
      - gedge.local/kubernetes/etcd:3.6.5-0

- name: Gone, with all that the cluster knew
  gedge.engine.control_plane:
    state: absent
    remove_etcd_data: true
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order. No keys.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: /etc/kubernetes/pki/apiserver.crt, action: make-certificate, reason: is for other names,
       disruption: none, before: [10.96.0.1, master], after: [10.96.0.1, edge.example, master]}
disruption:
  description: The worst disruption among the steps; V(drain) where static pods and their kubelet go, else V(none). Pods
    go on while the API server starts anew.
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
certificates:
  description: When each certificate that was found ends, by its file in C(/etc/kubernetes/pki) or C(/etc/kubernetes).
  type: dict
  returned: success
  sample: {apiserver: "2027-11-29T02:17:39Z", admin.conf: "2027-11-29T02:17:40Z"}
highly_available:
  description: Sentences that say what outlives the loss of a node, and what does not.
  type: list
  elements: str
  returned: success
  sample: ["one control-plane node: nothing of it outlives the loss of master"]
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.control_plane.options import argument_spec
from ..module_utils.control_plane.pods_subsystem import control_plane
from ..module_utils.node_module import run_subsystem
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: control_plane(params, System()))


if __name__ == "__main__":
    main()
