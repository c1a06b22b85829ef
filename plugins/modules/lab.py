#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: lab
short_description: Start, stop or remove a virtual testbed
version_added: 0.1.0
description:
  - One call states a whole lab, that is its VMs, its light nodes and the L2 switch between them. What runs already is
    not touched.
  - A light node (C(machine) V(container) in C(testbed_lab)) is a container with systemd on the host's own kernel, with
    its ports in the switch as a VM has them. It costs no emulation, and has neither PCI devices nor SR-IOV.
  - A VM whose hardware or image has changed is made anew, one that the testbed no longer has is removed, and the switch
    takes a changed port table without a link going down.
  - A VM that hangs while it boots is killed and started again, O(boot_attempts) times in all.
  - KVM is used only where a guest was seen to boot with it; the verdict is kept in the cache.
author:
  - The gedge.engine authors (@gedge-engine)
requirements:
  - QEMU 8 or newer and an SSH client on the host.
  - For light nodes root, a cgroup2 file system that is mounted somewhere, C(/dev/net/tun), loop devices and overlayfs.
options:
  state:
    description:
      - V(started) - all VMs run and answer by SSH, and the switch runs.
      - V(stopped) - nothing runs; disks and keys stay.
      - V(absent) - nothing runs, and the lab's folder is gone. Images stay in the cache.
    type: str
    choices: [started, stopped, absent]
    default: started
  folder:
    description: The lab's folder, see filter P(gedge.engine.lab_dir#filter).
    type: path
    required: true
  cache:
    description: The cache folder.
    type: path
    required: true
  nodes:
    description:
      - The variables of each node that the inventory plugin P(gedge.engine.testbed#inventory) gives, by node; see
        filter P(gedge.engine.lab_nodes#filter).
    type: dict
    default: {}
  switches:
    description: The switches of the testbed, C(testbed_switches) of the inventory plugin.
    type: dict
    default: {}
  defaults:
    description: CPUs, memory (MiB) and suite of a node that does not say so itself.
    type: dict
    default: {cpus: 4, memory: 2048, suite: bookworm}
  images:
    description: The folder of the image of each suite, as returned by M(gedge.engine.lab_image).
    type: dict
    default: {}
  accel:
    description: V(auto) uses KVM where a guest boots with it, else software emulation.
    type: str
    choices: [auto, kvm, tcg]
    default: auto
  boot_silence:
    description: Seconds without a byte on the serial line and without SSH after which a boot counts as hung.
    type: int
    default: 90
  boot_timeout:
    description: Seconds without SSH after which a boot counts as hung, whatever the serial line says.
    type: int
    default: 300
  boot_attempts:
    description: How often a VM is started before the module gives up.
    type: int
    default: 3
  stop_patience:
    description: Seconds that a guest gets to power off; 0 ends it at once.
    type: int
    default: 20
  progress_file:
    description: A file to append lines about the progress to.
    type: path
attributes:
  check_mode:
    support: full
    description: Says which steps would be taken.
  diff_mode:
    support: full
    description: What each step changes, before and after.
"""

EXAMPLES = r"""
- name: Start the lab of this inventory
  gedge.engine.lab:
    folder: "{{ lab_dir }}"
    cache: "{{ lookup('ansible.builtin.env', 'HOME') }}/.cache/gedge-engine"
    nodes: "{{ hostvars | gedge.engine.lab_nodes(groups['testbed']) }}"
    switches: "{{ testbed_switches }}"
    images: "{{ built.images }}"

- name: Stop it and remove all that it left
  gedge.engine.lab:
    state: absent
    folder: "{{ lab_dir }}"
    cache: "{{ lookup('ansible.builtin.env', 'HOME') }}/.cache/gedge-engine"
"""

RETURN = r"""
steps:
  description: What was done (in check mode, would be done), each with target, action and reason.
  returned: success
  type: list
  elements: dict
disruption:
  description: The worst disruption of a step; a lab is nobody's production.
  returned: success
  type: str
  sample: none
accel:
  description: What the VMs started by this run use, and why.
  returned: when a VM was started
  type: dict
  sample: {"name": "tcg", "why": "/dev/kvm is absent or may not be opened"}
nodes:
  description:
    - What is known of each node - its machine (V(vm) or V(container)), the host and port of its SSH server, seconds and
      attempts of its last boot, image, and where its serial line or console is logged.
  returned: success
  type: dict
ssh_config:
  description: The SSH configuration with an entry for each node, by its name and by its address in the testbed.
  returned: success
  type: str
  sample: /var/tmp/gedge-lab-1f0c3a5e/ssh_config
"""

from ..module_utils.lab import lifecycle, sshaccess
from ..module_utils.node_module import run_action

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["started", "stopped", "absent"], "default": "started"},
    "folder": {"type": "path", "required": True},
    "cache": {"type": "path", "required": True},
    "nodes": {"type": "dict", "default": {}},
    "switches": {"type": "dict", "default": {}},
    "defaults": {"type": "dict", "default": {"cpus": 4, "memory": 2048, "suite": "bookworm"}},
    "images": {"type": "dict", "default": {}},
    "accel": {"type": "str", "choices": ["auto", "kvm", "tcg"], "default": "auto"},
    "boot_silence": {"type": "int", "default": 90},
    "boot_timeout": {"type": "int", "default": 300},
    "boot_attempts": {"type": "int", "default": 3},
    "stop_patience": {"type": "int", "default": 20},
    "progress_file": {"type": "path"},
}


def run(params, check_mode):
    """Bring the lab to its state."""
    result = lifecycle.converge(lifecycle.from_params(params), params["state"], check_mode)
    return dict(result, ssh_config=sshaccess.config_path(params["folder"]))


def main():
    """Run the module."""
    run_action(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
