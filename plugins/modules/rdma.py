#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: rdma
short_description: RDMA of a node from one declaration
version_added: 0.1.0
description:
  - States the RDMA of a node in one call; drivers, soft-RoCE (rxe) where there is no RDMA NIC, the namespace mode, the
    quality of service of RoCE, and how much memory a process may pin.
  - Run time and boot are both set. At boot C(modules-load.d) and C(modprobe.d) load the drivers in the asked mode, and
    a unit of systemd adds each soft-RoCE device when its network device is there.
  - What is right already is not touched. A soft-RoCE device that somebody uses is not taken away.
  - Of the quality of service only what the NIC says that it can is set; RV(unsupported) names the rest.
requirements:
  - Linux with iproute2 >= 6.1 and systemd on the node.
options:
  drivers:
    description: Whether the drivers of the RDMA NICs that are there are loaded, now and at boot.
    type: bool
    default: true
  rxe:
    description:
      - The network devices over which soft-RoCE is asked for. One whose NIC has RDMA gets none; RV(skipped) says so.
      - The kernel takes no VLAN device. For one the soft-RoCE device lies over the device below, and each address of
        the VLAN becomes a GID of it.
      - The device is called C(rxe_INTERFACE).
    type: list
    elements: dict
    default: []
    suboptions:
      interface:
        description: The network device, such as V(ens1f0v0), or V(ens1f0.30) for a VLAN on one.
        type: str
      pci:
        description: The PCI address of the NIC port or VF, instead of O(rxe[].interface).
        type: str
      vlan:
        description: The VLAN on the device, where it is not part of O(rxe[].interface).
        type: int
  netns:
    description:
      - V(shared) shows every RDMA device in all network namespaces; V(exclusive) shows it in its own only.
      - The kernel changes the mode only while there is no other network namespace. Where there is one, the mode comes
        with the next boot; RV(reboot_reasons) says so and who has the namespace.
      - A soft-RoCE device stays in the first namespace. The kernels of Debian 12 and 13 cannot move it.
      - Left out, the mode is left alone.
    type: str
    choices: [shared, exclusive]
  roce:
    description: Quality of service of RoCE.
    type: dict
    suboptions:
      interfaces:
        description: The NIC ports, named as in O(rxe). Of a VLAN the device below is meant.
        type: list
        elements: dict
        required: true
        suboptions:
          interface:
            description: The network device.
            type: str
          pci:
            description: The PCI address, instead of O(roce.interfaces[].interface).
            type: str
          vlan:
            description: The VLAN on the device, where it is not part of O(roce.interfaces[].interface).
            type: int
      priority:
        description: The 802.1p priority of RoCE, 0 to 7.
        type: int
        default: 3
      dscp:
        description: The DSCP of RoCE, 0 to 63, which is mapped to the priority and which the connection manager sets.
        type: int
        default: 26
      pfc:
        description: Whether the priority is lossless (priority flow control).
        type: bool
        default: true
      bandwidth:
        description: The share of the link in percent that RoCE has for sure (ETS). Left out, traffic classes stay.
        type: int
      ecn:
        description: Whether RoCE's packets say that they may be marked, and the NIC slows down when they are.
        type: bool
        default: true
  memlock:
    description:
      - How much memory a process of a login may pin, V(unlimited) or KiB. RDMA pins its buffers.
      - Left out, the limit is left alone.
    type: str
  memlock_services:
    description:
      - Services of systemd that get the limit too, such as V(kubelet.service); logins' limits do not concern them.
      - It holds from their next start; none is restarted.
    type: list
    elements: str
    default: []
  state:
    description:
      - V(present) brings the node to what is asked for; what is no longer asked for is taken back.
      - V(absent) restores what was before this module's first change, and removes its files.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Soft-RoCE over a VF and over a VLAN, for one namespace only
  gedge.engine.rdma:
    rxe:
      - {interface: ens1f0v0}
      - {pci: "0000:81:00.0", vlan: 40}
    netns: exclusive
    memlock: unlimited
    memlock_services: [kubelet.service]

- name: Lossless RoCE with half of the link
  gedge.engine.rdma:
    roce:
      interfaces: [{interface: ens1f0}]
      priority: 3
      dscp: 26
      bandwidth: 50

- name: Back to what was before
  gedge.engine.rdma:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: rxe_ens1f0v0, action: add-rxe, reason: asked for, disruption: none, before: null, after: ens1f0v0}
disruption:
  description: The worst disruption among the steps.
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings.
  type: list
  elements: str
  returned: success
  sample: []
devices:
  description: The RDMA devices of the node as they are after the steps.
  type: list
  elements: dict
  returned: success
  sample: [{device: rxe_ens1f0v0, interface: ens1f0v0, soft: true}]
skipped:
  description: Interfaces over which no soft-RoCE device is made, with the reason.
  type: list
  elements: dict
  returned: success
  sample: [{interface: ens3f0, reason: its NIC has RDMA (mlx5_0)}]
unsupported:
  description: Settings of O(roce) that the NIC, its driver or iproute2 cannot do, with the reason.
  type: list
  elements: dict
  returned: success
  sample: [{interface: ens1f0, setting: pfc, reason: "the driver says: Operation not supported"}]
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

from ..module_utils.node_module import run_subsystem
from ..module_utils.rdma.options import argument_spec
from ..module_utils.rdma.subsystem import Rdma
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Rdma(params, System()))


if __name__ == "__main__":
    main()
