#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: runtime
short_description: containerd of a node as Kubernetes and acceleration need it, from one declaration
version_added: 0.1.0
description:
  - States in one call what a node's containerd is. The systemd cgroup driver, CDI, the folders of CNI, the pause image,
    mirrors of registries, images out of archives; and the kernel's modules and sysctls that pods need for a network.
  - C(config.toml) stays as it is. Where it does not say what is needed, containerd is started with a file of this
    module that imports it, and behind it the sections of the CRI plugin with the operator's own values and ours among
    them. Where it says all that is needed nothing is written.
  - A restart of containerd is a step of its own; containers go on. A change of the cgroup driver below containers of
    Kubernetes is refused.
  - Switches C(net.ipv4.ip_forward) on. What keeps networks apart is the filter of M(gedge.engine.network), which counts
    whatever that says.
requirements:
  - containerd 1.6 or later and runc, with the unit C(containerd.service), on the node.
options:
  pause_image:
    description: The image that holds a pod's namespaces. Empty, as others set it.
    type: str
    default: ""
  images:
    description:
      - SHA-256 of archives (OCI or docker) whose images containerd shall have. The archive itself, C(SHA-256.tar) in
        O(images_dir), is needed only where its images are not there yet.
    type: list
    elements: str
    default: []
  images_dir:
    description: Folder on the node with the archives.
    type: path
    default: /var/lib/gedge/images
  keep_images:
    description: Whether images that came with this module and are no longer asked for stay, for what may be put back to
      them.
    type: bool
    default: false
  mirrors:
    description:
      - "Where images of a registry are looked for first, as {registry: [address, ...]}; C(_default) stands for all
        others."
      - A C(hosts.toml) of others is not touched, but refused.
    type: dict
    default: {}
  cni_bin_dir:
    description: Folder of the CNI plugins.
    type: path
    default: /opt/cni/bin
  cni_conf_dir:
    description: Folder of the CNI configurations.
    type: path
    default: /etc/cni/net.d
  state:
    description:
      - V(present) brings the node to what is asked for.
      - V(absent) restores what was before this module's first change, removes its files and the images that it brought.
        Kernel modules stay until the next boot.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - gedge.engine.changing
"""

EXAMPLES = r"""
- name: containerd for Kubernetes, with a pause image out of an archive
  gedge.engine.runtime:
    pause_image: gedge.local/pause:1.0.0
    images: [5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef]

- name: Back to what was before
  gedge.engine.runtime:
    state: absent
"""

RETURN = r"""
steps:
  description: What is done, or would be in check mode, in order.
  type: list
  elements: dict
  returned: success
  sample:
    - {target: containerd.service, action: restart-unit, reason: it reads its configuration when it starts,
       disruption: none, before: running, after: running anew}
disruption:
  description: The worst disruption among the steps.
  type: str
  returned: success
  sample: none
reboot_reasons:
  description: What only a reboot brings; always empty.
  type: list
  elements: str
  returned: success
  sample: []
version:
  description: The version of containerd, empty where it is not installed.
  type: str
  returned: success
  sample: 1.7.24
cdi:
  description: Whether this containerd has CDI.
  type: bool
  returned: success
  sample: true
problems:
  description: Each fault in the options, with path, value, what is wrong and what to write instead.
  type: list
  elements: dict
  returned: when options are wrong
"""

from ..module_utils.node_module import run_subsystem
from ..module_utils.runtime.options import argument_spec
from ..module_utils.runtime.subsystem import Runtime
from ..module_utils.system import System


def main():
    """Run the module."""
    run_subsystem(argument_spec(), lambda params: Runtime(params, System()))


if __name__ == "__main__":
    main()
