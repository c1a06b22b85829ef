#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nfs_storage
short_description: Volumes of an NFS server for claims of a cluster, on a node
version_added: 0.1.0
description:
  - States in one call what a node does for NFS volumes. It runs the program that makes a volume for each claim, as a
    systemd unit (one node of a cluster does), or exports a folder, or both, or nothing.
  - The provisioner is started anew where its unit, its kubeconfig or its program has changed, and only then.
  - The folder of an export, and an export that is no longer asked for, stay until O(state=absent), since volumes that
    are in use may be in it; the folder and its data stay even then.
requirements:
  - C(nfs-common) on the node, and C(nfs-kernel-server) where it exports something.
options:
  provisioner:
    description: The program that makes volumes. Without it, it does not run on this node.
    type: dict
    suboptions:
      name:
        description: The provisioner that storage classes name.
        type: str
        default: gedge.io/nfs
      program:
        description: Path of the program on the node.
        type: path
        required: true
      server:
        description: URL of the API server; empty, that of the kubelet's kubeconfig.
        type: str
        default: ""
      kubelet_kubeconfig:
        description: The kubelet's kubeconfig.
        type: path
        default: /etc/kubernetes/kubelet.conf
      ca:
        description: The cluster's CA, PEM.
        type: str
        default: ""
      token:
        description: Token of its ServiceAccount. Goes into a file for root alone, and into no result.
        type: str
        default: ""
  export:
    description: What an NFS server on this node exports.
    type: dict
    suboptions:
      folder:
        description: The folder. It is made where it is not there.
        type: str
        required: true
      clients:
        description: Networks, addresses or names that may mount it, as in exports(5).
        type: list
        elements: str
        required: true
      options:
        description:
          - Options as in exports(5). The provisioner makes folders as root, which needs C(no_root_squash).
        type: str
        default: rw,sync,no_subtree_check,no_root_squash
  brought:
    description:
      - Take the program and the server's package for there. For check mode, in which who brings them has not done so.
    type: bool
    default: false
  state:
    description: V(absent) stops the provisioner and removes its files, and the export.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
---
- name: Export a folder to the nodes
  gedge.engine.nfs_storage:
    export: {folder: /srv/gedge, clients: [192.0.2.0/24]}

- name: Do nothing for NFS volumes any more
  gedge.engine.nfs_storage:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: gedge-nfs-provisioner.service, action: restart-unit, reason: it does not run, disruption: none,
       before: "", after: running}
disruption:
  description: The worst disruption among the steps; always V(none).
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
exported:
  description: The folder that the node exports for volumes, empty for none.
  type: str
  returned: success
  sample: /srv/gedge
problems:
  description: Each fault in the options, or between these and the node, with path, what is wrong and what to do.
  type: list
  elements: dict
  returned: when options are wrong or the node lacks a program
"""

from ..module_utils.node_module import run_subsystem
from ..module_utils.storage.options import argument_spec
from ..module_utils.storage.subsystem import NfsStorage
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: NfsStorage(params, System()))


if __name__ == "__main__":
    main()
