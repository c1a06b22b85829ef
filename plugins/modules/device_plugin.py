#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: device_plugin
short_description: A Kubernetes device plugin for VFs, RDMA devices or cards as a unit of a node
version_added: 0.1.0
description:
  - States in one call which pools of devices a node offers to its kubelet. The plugin is a systemd unit; no image is
    needed.
  - Each pool is held against the devices that the node has. One without any, or with a VF that does not exist, is
    refused before anything is touched, since the plugin would leave it out in silence.
  - The plugin looks at devices once, when it starts. So it is started anew where its pools, its devices or its program
    change, or the kubelet does not know all of its devices, and only then. Pods that run keep their devices.
  - It is done once the kubelet has all devices in its own list. Where that fails, configuration, unit and the program
    that ran are put back, and it is told whether the kubelet knows the devices of that plugin again.
requirements:
  - A kubelet that runs and the plugin's program on the node; for VFs and RDMA the package C(pci.ids), for GPUs
    C(nvidia-smi).
options:
  kind:
    description:
      - V(sriov) is the SR-IOV network device plugin, for VFs and PCI accelerators. It is told in a warning where a pod
        would get no device node of an accelerator, since the plugin knows none for its driver.
      - V(rdma-shared) is the plugin for RDMA devices that pods share. It refuses to start where RDMA devices belong to
        one network namespace each (exclusive mode).
      - V(accelerators) and V(gpus) are two runs of C(gedge-cards), a plugin of this collection that knows nothing but
        what it is told here. It gives a pod the device nodes of its cards, or names them to the runtime as CDI does,
        tells their NUMA nodes, and takes a card for sick that lost its driver or its device node.
    type: str
    choices: [accelerators, gpus, rdma-shared, sriov]
    default: sriov
  pools:
    description:
      - Entries of the plugin's own configuration, C(resourceList) or C(configList), as filter
        P(gedge.engine.device_pools#filter) makes them. A device that fits several pools is in the first.
      - The selectors C(vendors), C(devices), C(drivers), C(pciAddresses), C(pfNames), C(rootDevices), C(isRdma) are
        known for V(sriov), C(ifNames), C(vendors), C(deviceIDs), C(drivers) for V(rdma-shared).
      - One selector is written as an object, since the plugin of 2022-11 takes no list; several need a newer plugin.
      - For V(accelerators) and V(gpus) a pool has C(resourcePrefix), C(resourceName) and C(cards), each with C(address)
        and C(nodes), globs below the card's folder in sysfs such as C(uio/uio*) whose matches are the device nodes of a
        pod. A card on C(vfio-pci), C(uio_pci_generic) or C(igb_uio) needs none. C(cdi), such as C(nvidia.com/gpu), has
        the GPUs of a pool given by the names that CDI has for their UUIDs; it needs containerd 1.7 or newer. A GPU with
        MIG on is refused.
      - Without any the plugin does not run.
    type: list
    elements: dict
    default: []
  drained:
    description:
      - Take the pods that hold devices for gone. For who drains the node, and in check mode has not done so.
      - Else a card that a pod holds is never taken out of what is offered, and the last pool of VFs or RDMA devices is
        not while a pod holds one.
    type: bool
    default: false
  program:
    description:
      - Path of the plugin on the node; empty, C(/usr/local/bin/sriovdp), C(/usr/local/bin/k8s-rdma-shared-dp) or
        C(/usr/local/bin/gedge-cards).
    type: path
    default: ""
  brought:
    description:
      - Take the program for there. For check mode, in which who brings it has not done so.
    type: bool
    default: false
  verbosity:
    description: How much the SR-IOV plugin writes to the journal.
    type: int
    default: 2
  timeout:
    description: Seconds in which the kubelet must know all devices.
    type: int
    default: 180
  state:
    description: V(absent) stops the plugin and removes its unit and configuration. Refused while a pod holds a device.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: Offer three VFs of a port
  gedge.engine.device_plugin:
    pools:
      - resourceName: sriov_a
        resourcePrefix: gedge.io
        selectors: {rootDevices: ["0000:21:00.0#0-2"]}

- name: Offer a card that has a driver of its own
  gedge.engine.device_plugin:
    kind: accelerators
    pools:
      - resourcePrefix: example.com
        resourceName: asic
        cards: [{address: "0000:5e:00.0", nodes: ["example/card*"]}]

- name: Offer nothing any more
  gedge.engine.device_plugin:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: gedge-sriov-device-plugin.service, action: restart-unit, reason: it does not run, disruption: none,
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
offered:
  description: How many devices each resource has.
  type: dict
  returned: success
  sample: {gedge.io/sriov_a: 3}
problems:
  description: Each fault in the options, or between these and the node, with path, what is wrong and what to do.
  type: list
  elements: dict
  returned: when options are wrong or the node lacks a device
"""

from ..module_utils.device_plugin.options import argument_spec
from ..module_utils.device_plugin.subsystem import DevicePlugin
from ..module_utils.node_module import run_subsystem
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: DevicePlugin(params, System()))


if __name__ == "__main__":
    main()
