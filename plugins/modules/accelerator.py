#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: accelerator
short_description: GPUs, FPGAs and other accelerators of a node from a catalogue
version_added: 0.1.0
description:
  - Finds the PCI devices of one kind that the catalogue knows, and brings the node to what the catalogue and the
    options say of them; kernel modules and their options, what must not load, device nodes, archives; for GPUs the
    driver, persistence, MIG and CDI; for FPGAs bitstreams, VFs and C(vfio-pci).
  - A node without such a device gets no step. What is right already is not touched.
  - A device in use is not taken from who uses it. The refusal names processes and pods.
  - Packages are not installed; RV(missing_packages) names them for M(gedge.engine.packages).
requirements:
  - Linux with sysfs and udev on the node. What a device needs beyond that, the catalogue says.
options:
  kind:
    description: The devices that are meant.
    type: str
    choices: [gpu, fpga, accelerator]
    required: true
  catalogue:
    description:
      - Entries of the user, looked at before those of the collection. One with the name of a built-in entry changes
        the keys that it gives.
      - >-
        Keys are C(name), C(kind), C(vendor) (required), C(devices) (ids or ranges), C(class) (first digits, one or
        several), C(family), C(driver), C(packages) (a list, or one per Debian suite), C(modules), C(options)
        (C({MODULE: OPTIONS})), C(blacklist), C(nodes) (C(kernel), C(subsystem), C(owner), C(group), C(mode)),
        C(archive) (C(url), C(sha256), C(unpack)), C(resource), C(pod_nodes) and C(health), a command.
    type: list
    elements: dict
    default: []
  gpu:
    description: What is asked of GPUs.
    type: dict
    suboptions:
      modules:
        description:
          - Kernel modules of the driver. V(auto) takes the open ones for Turing and newer where the archive has such
            that install, the proprietary ones else.
        type: str
        choices: [auto, open, proprietary]
      nonfree:
        description: Add Debian's C(contrib) and C(non-free) areas to apt by a file of our own, from the node's sources.
        type: bool
      repository:
        description: The driver of the operator's own repository, which the node's apt knows already.
        type: dict
        suboptions:
          branch:
            description: Driver branch, such as V(580). An apt preferences file keeps it.
            type: int
            required: true
          packages:
            description: The packages of the driver, such as V([nvidia-open]).
            type: list
            elements: str
            required: true
      toolkit_packages:
        description: Packages of the container toolkit. Debian has none.
        type: list
        elements: str
      persistence:
        description: Whether the driver keeps the GPUs initialised (C(nvidia-persistenced)). Left out, it stays.
        type: bool
      cdi:
        description: Write a CDI spec with C(nvidia-ctk), where the toolkit is installed, now and at boot.
        type: bool
      mig:
        description: MIG layouts. A GPU that is not meant stays as it is.
        type: list
        elements: dict
        suboptions:
          address:
            description: PCI address of the GPU. Left out, all GPUs of the node.
            type: str
          instances:
            description: "Instances as C({PROFILE: COUNT}), such as V({3g.20gb: 2}). None switches MIG off."
            type: dict
  fpga:
    description: What is asked of FPGAs.
    type: dict
    suboptions:
      vfs:
        description: Number of VFs on each card that can have some. Left out, it stays.
        type: int
      vfio:
        description: What is bound to C(vfio-pci); nothing, the VFs, or whole cards.
        type: str
        choices: [none, vfs, all]
      bitstreams:
        description: Accelerator functions to program where another one is found and nobody uses the card.
        type: list
        elements: dict
        suboptions:
          address:
            description: PCI address of the card. Left out, all cards.
            type: str
          afu_id:
            description: UUID of the accelerator function, as sysfs shows it once it is programmed.
            type: str
            required: true
          interface_id:
            description: UUID of the static region that it is made for. Another card is refused.
            type: str
          url:
            description: Where the file is; C(https), C(http), or C(file) for one on the node.
            type: str
            required: true
          sha256:
            description: SHA-256 of the file.
            type: str
            required: true
  state:
    description:
      - V(present) brings the devices to what is asked for.
      - V(absent) restores what was before this module's first change. A programmed bitstream stays, since nobody kept
        the one before.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: GPUs with the driver that fits them, MIG on one
  gedge.engine.accelerator:
    kind: gpu
    gpu:
      nonfree: true
      persistence: true
      mig:
        - {address: "0000:3b:00.0", instances: {3g.20gb: 2}}

- name: An ASIC that the collection does not know
  gedge.engine.accelerator:
    kind: accelerator
    catalogue:
      - name: Example ASIC
        kind: accelerator
        vendor: "1f56"
        devices: ["0001"]
        modules: [vfio-pci]
        nodes: [{kernel: "example[0-9]*", mode: "0660", group: video}]
        resource: example.com/asic
        health: [test, -c, /dev/example0]

- name: VFs of an FPGA for user-space programs
  gedge.engine.accelerator:
    kind: fpga
    fpga: {vfs: 1, vfio: vfs}

- name: What was before
  gedge.engine.accelerator:
    kind: gpu
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - target: module dfl-pci
      action: load-module
      reason: the device needs it
      disruption: none
      before: false
      after: true
disruption:
  description: The worst disruption among the steps.
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What of the asked for only a reboot brings.
  type: list
  elements: str
  returned: success
  sample: [module nouveau is loaded and holds the device]
devices:
  description: The devices of the kind that the catalogue knows, with what was found of each.
  type: list
  elements: dict
  returned: success
  sample:
    - {address: "0000:3b:00.0", id: "10de:20b0", name: NVIDIA Ampere, family: ampere, driver: nvidia, numa_node: 0}
driver:
  description: The GPU driver that was chosen.
  type: dict
  returned: success
  sample: {branch: 550, modules: open}
packages:
  description: The packages that the devices need.
  type: list
  elements: str
  returned: success
  sample: [nvidia-open-kernel-dkms, nvidia-smi]
missing_packages:
  description: Those of them that are not installed.
  type: list
  elements: str
  returned: success
  sample: []
drift:
  description: GPUs whose MIG is not as asked for; address, asked and found.
  type: list
  elements: dict
  returned: success
  sample: []
deferred:
  description: What can be planned only once the driver runs.
  type: list
  elements: str
  returned: success
  sample: []
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.accelerator.subsystem import Accelerator
from ..module_utils.node_module import run_subsystem
from ..module_utils.system import System


def argument_spec():
    """The options, in the order of the documentation."""
    text, texts, flag = {"type": "str"}, {"type": "list", "elements": "str"}, {"type": "bool"}
    must = dict(text, required=True)
    repository = {"branch": {"type": "int", "required": True}, "packages": dict(texts, required=True)}
    gpu = {
        "modules": dict(text, choices=["auto", "open", "proprietary"]),
        "nonfree": flag,
        "repository": {"type": "dict", "options": repository},
        "toolkit_packages": texts,
        "persistence": flag,
        "cdi": flag,
        "mig": {"type": "list", "elements": "dict", "options": {"address": text, "instances": {"type": "dict"}}},
    }
    bitstream = {"address": text, "afu_id": must, "interface_id": text, "url": must, "sha256": must}
    fpga = {
        "vfs": {"type": "int"},
        "vfio": dict(text, choices=["none", "vfs", "all"]),
        "bitstreams": {"type": "list", "elements": "dict", "options": bitstream},
    }
    return {
        "kind": dict(must, choices=["gpu", "fpga", "accelerator"]),
        "catalogue": {"type": "list", "elements": "dict", "default": []},
        "gpu": {"type": "dict", "options": gpu},
        "fpga": {"type": "dict", "options": fpga},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Accelerator(params, System()))


if __name__ == "__main__":
    main()
