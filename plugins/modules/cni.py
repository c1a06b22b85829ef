#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: cni
short_description: CNI programs and Multus on a node
version_added: 0.1.0
description:
  - States in one call which CNI programs a node has by our hand, and whether Multus gives its pods further networks.
  - A program is a link in the folder of CNI programs. One of that name that others put there stays, with a warning.
  - Multus (thin) comes before all other configurations by name and gives each pod first the network that the node has
    now. It reaches the API server by a kubeconfig of its own, of which results show a digest only.
  - Where the node has a Multus already, nothing is done and RV(found) names it.
options:
  programs:
    description: "C({name: path}): the name in O(bin_dir), and where the program is on the node."
    type: dict
    default: {}
  brought:
    description:
      - Take the programs for there. For check mode, in which who brings them has not done so.
    type: bool
    default: false
  multus:
    description: How Multus is set up; without it, it is not looked at. With O(state=absent) an empty one removes it.
    type: dict
    suboptions:
      server:
        description: URL of the API server; empty, that of the kubelet.
        type: str
        default: ""
      kubelet_kubeconfig:
        description: The kubelet's kubeconfig, of which the URL is read and nothing else.
        type: path
        default: /etc/kubernetes/kubelet.conf
      ca:
        description: Certificates that the API server is known by, as PEM.
        type: str
        default: ""
      token:
        description: Token of its ServiceAccount.
        type: str
        default: ""
      cluster_network:
        description:
          - Name or path of the network that each pod has first. Empty, the first configuration by name that is not a
            Multus.
        type: str
        default: ""
      log_level:
        description: What it writes to the runtime's log.
        type: str
        choices: [debug, error, panic, verbose]
        default: error
  bin_dir:
    description: Folder of CNI programs.
    type: path
    default: /opt/cni/bin
  conf_dir:
    description: Folder of CNI configurations.
    type: path
    default: /etc/cni/net.d
  state:
    description: V(absent) removes the links of O(programs) and, with O(multus), its files.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Have the CNI program for VFs
  gedge.engine.cni:
    programs: {sriov: /usr/local/lib/gedge/sriov}

- name: Take Multus away
  gedge.engine.cni:
    programs: {multus: /usr/local/lib/gedge/multus}
    multus: {}
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: /opt/cni/bin/sriov, action: write-file, reason: it is asked for, disruption: none, before: null,
       after: "-> /usr/local/lib/gedge/sriov"}
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
found:
  description: Configuration of a Multus that others set up, empty for none.
  type: str
  returned: success
  sample: ""
cluster_network:
  description: What Multus is told of the network that pods have first; empty where it is not ours.
  type: str
  returned: success
  sample: /etc/cni/net.d/10-bridge.conflist
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.cni.options import argument_spec
from ..module_utils.cni.subsystem import Cni
from ..module_utils.node_module import run_subsystem
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Cni(params, System()))


if __name__ == "__main__":
    main()
