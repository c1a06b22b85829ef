#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: image_archive
short_description: Make a container image out of files, without a registry
version_added: 0.1.0
description:
  - Writes an archive with one layer that C(ctr -n k8s.io images import) and C(docker load) take. Pods then say
    C(imagePullPolicy) V(Never) or V(IfNotPresent).
  - The same files give the same bytes and the same digest, wherever and whenever it is made.
  - For static programs, such as C(busybox) of Debian's package C(busybox-static), or what M(gedge.engine.go_programs)
    builds.
author:
  - The gedge.engine authors (@gedge-engine)
options:
  path:
    description: The archive.
    type: path
    required: true
  name:
    description: The image's whole name, with host and tag, such as V(gedge.local/probe:1).
    type: str
    required: true
  names:
    description: Further whole names of the same image, such as those that C(kubeadm config images list) asks for.
    type: list
    elements: str
    default: []
  files:
    description: The file on this machine for each path in the image. What is executable here is so there, too.
    type: dict
    required: true
  links:
    description: The target of each symbolic link in the image.
    type: dict
    default: {}
  entrypoint:
    description: The words of the entry point.
    type: list
    elements: str
    default: []
  command:
    description: The words of the command.
    type: list
    elements: str
    default: []
  environment:
    description: Environment variables.
    type: dict
    default: {}
  architecture:
    description: For which machines.
    type: str
    choices: [amd64, arm64]
    default: amd64
attributes:
  check_mode:
    support: full
    description: Says whether the archive would be written.
"""

EXAMPLES = r"""
- name: Have an image for probes, that also serves as the pause image
  gedge.engine.image_archive:
    path: /var/tmp/probe.tar
    name: gedge.local/probe:1
    files:
      /bin/busybox: /bin/busybox
    links:
      /bin/sh: busybox
      /bin/sleep: busybox
    command: [/bin/sleep, "100000000"]
    environment:
      PATH: /bin
  delegate_to: localhost
"""

RETURN = r"""
digest:
  description: The image's digest; empty in check mode where there is no archive yet.
  returned: success
  type: str
  sample: sha256:9b1d3c0e0c3f6a6c6c1a5c7b4c3a0a3f8d5a5a0a5b8d6a5d3e2f1c0b9a8d7e6f
path:
  description: The archive.
  returned: success
  type: str
"""

from ..module_utils.artifacts.image import converge
from ..module_utils.node_module import run_action

ARGUMENT_SPEC = {
    "path": {"type": "path", "required": True},
    "name": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "default": []},
    "files": {"type": "dict", "required": True},
    "links": {"type": "dict", "default": {}},
    "entrypoint": {"type": "list", "elements": "str", "default": []},
    "command": {"type": "list", "elements": "str", "default": []},
    "environment": {"type": "dict", "default": {}},
    "architecture": {"type": "str", "choices": ["amd64", "arm64"], "default": "amd64"},
}


def run(params, check_mode):
    """Make the archive where it differs."""
    return converge(params, params["path"], check_mode)


def main():
    """Run the module."""
    run_action(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
