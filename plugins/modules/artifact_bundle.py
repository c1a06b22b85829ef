#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: artifact_bundle
short_description: Pack a cluster's programs into an offline bundle
version_added: 0.1.0
description:
  - Packs the folder that M(gedge.engine.artifacts) keeps into one tar file with its manifest, to be carried to where
    nothing can be downloaded or built.
  - Every file is held against the manifest before. The same folder gives the same bytes; a second run changes nothing.
author:
  - The gedge.engine authors (@gedge-engine)
options:
  folder:
    description: The folder with the programs.
    type: path
    required: true
  path:
    description: The bundle.
    type: path
    required: true
attributes:
  check_mode:
    support: full
    description: Says whether the bundle would be written.
"""

EXAMPLES = r"""
- name: Pack the bundle
  gedge.engine.artifact_bundle:
    folder: "{{ inventory_dir }}/facts/artifacts"
    path: /media/usb/cluster.tar
  delegate_to: localhost
"""

RETURN = r"""
sha256:
  description: SHA-256 of the bundle, to compare where it arrives; empty in check mode where there is none yet.
  returned: success
  type: str
"""

from ..module_utils.artifacts.bundle import pack
from ..module_utils.node_module import run_action
from ..module_utils.system import System

ARGUMENT_SPEC = {
    "folder": {"type": "path", "required": True},
    "path": {"type": "path", "required": True},
}


def run(params, check_mode):
    """Pack it."""
    return pack(System(), params["folder"], params["path"], check_mode)


def main():
    """Run the module."""
    run_action(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
