#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: artifacts
short_description: Keep a cluster's programs in one folder
version_added: 0.1.0
description:
  - Puts programs into a folder, out of binaries that were built, archives that were downloaded or an offline bundle,
    with a manifest of their versions and SHA-256. A binary of several programs gets a link for each of them.
  - What is right already is not touched. All that is missing is held against its SHA-256 before the first file is
    replaced, and what the folder held before and nobody wants any more goes.
author:
  - The gedge.engine authors (@gedge-engine)
options:
  state:
    description: V(absent) removes what the folder's manifest tells, and the folder where it is empty then.
    type: str
    choices: [present, absent]
    default: present
  folder:
    description: The folder.
    type: path
    required: true
  architecture:
    description: For which machines the programs are.
    type: str
    choices: [amd64, arm64]
    default: amd64
  programs:
    description:
      - The programs to have, as C(names) of filter P(gedge.engine.artifact_set#filter) tells them.
    type: dict
    default: {}
  binaries:
    description: C(path) and C(sha256) of each binary, as M(gedge.engine.go_programs) returns them.
    type: dict
  archives:
    description:
      - What was downloaded, as C(downloads) of filter P(gedge.engine.artifact_set#filter).
    type: list
    elements: dict
  downloads:
    description: The folder where the archives lie, each by its SHA-256.
    type: path
  bundle:
    description: Path of an offline bundle, as M(gedge.engine.artifact_bundle) packs it.
    type: path
attributes:
  check_mode:
    support: full
    description: Says whether anything would change; a SHA-256 that is not known yet is empty.
"""

EXAMPLES = r"""
- name: Have kubelet and kubectl out of a bundle
  gedge.engine.artifacts:
    folder: /srv/cluster
    bundle: /media/usb/cluster.tar
    programs:
      kubelet: {component: kubernetes, version: 1.37.2, binary: kubelet}
      kubectl: {component: kubernetes, version: 1.37.2, binary: kubectl}
  delegate_to: localhost
"""

RETURN = r"""
programs:
  description: C(path), C(version), C(sha256), C(component) and C(binary) of each program.
  returned: success
  type: dict
  sample:
    kubelet:
      path: /srv/cluster/kubelet
      version: 1.37.2
      sha256: 9b1d3c0e0c3f6a6c6c1a5c7b4c3a0a3f8d5a5a0a5b8d6a5d3e2f1c0b9a8d7e6f
      component: kubernetes
      binary: kubernetes-node
"""

from ..module_utils.artifacts.converge import converge
from ..module_utils.node_module import run_action
from ..module_utils.system import System

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "folder": {"type": "path", "required": True},
    "architecture": {"type": "str", "choices": ["amd64", "arm64"], "default": "amd64"},
    "programs": {"type": "dict", "default": {}},
    "binaries": {"type": "dict"},
    "archives": {"type": "list", "elements": "dict"},
    "downloads": {"type": "path"},
    "bundle": {"type": "path"},
}


def run(params, check_mode):
    """Bring the folder to its state."""
    return converge(System(), params, check_mode)


def main():
    """Run the module."""
    run_action(
        ARGUMENT_SPEC,
        run,
        mutually_exclusive=[("binaries", "archives", "bundle")],
        required_by={"archives": "downloads"},
    )


if __name__ == "__main__":
    main()
