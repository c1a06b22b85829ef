#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: go_programs
short_description: Build a cluster's programs from Go modules, or reuse them
version_added: 0.1.0
description:
  - Compiles groups of programs out of modules that C(go.mod) and C(go.sum) pin, for a machine that reaches a Go module
    proxy and nothing else. Which groups and versions there are stands in the collection's table of versions.
  - The binaries lie in a cache, by a hash of all that they are made of, the Go version included. What is there is not
    built again; a killed build leaves nothing that would be taken for a whole one, and two builds at once make one.
  - Modules come from where the environment variable E(GOPROXY) says. What C(go.sum) does not know is not taken.
author:
  - The gedge.engine authors (@gedge-engine)
requirements:
  - A Go toolchain that is as new as the C(go.mod) of the group asks for.
options:
  folder:
    description: The folder with a folder for each module, as role P(gedge.engine.cluster_artifacts#role) has it.
    type: path
    required: true
  groups:
    description: The version of each group to build, by its name, such as V(1.9.1) for C(cni-plugins).
    type: dict
    required: true
  architecture:
    description: For which machines.
    type: str
    choices: [amd64, arm64]
    default: amd64
  cache:
    description: The cache folder; programs lie below C(programs/GROUP/HASH).
    type: path
    required: true
  go:
    description: Path of the Go toolchain. Left out, the one of the search path, else C(/usr/local/go/bin/go).
    type: path
  progress_file:
    description: A file to append lines about the progress to.
    type: path
attributes:
  check_mode:
    support: full
    description: Says which groups would be built.
"""

EXAMPLES = r"""
- name: Have the reference CNI plugins
  gedge.engine.go_programs:
    folder: "{{ role_path }}/files/build"
    groups:
      cni-plugins: 1.9.1
    cache: "{{ lookup('ansible.builtin.env', 'HOME') }}/.cache/gedge-engine"
  delegate_to: localhost
"""

RETURN = r"""
binaries:
  description: C(path) and C(sha256) of each binary; the latter is empty in check mode for what is not built yet.
  returned: success
  type: dict
  sample:
    bridge:
      path: /root/.cache/gedge-engine/programs/cni-plugins/3a70bb8d909dbb88/cni-plugins/bridge
      sha256: 9b1d3c0e0c3f6a6c6c1a5c7b4c3a0a3f8d5a5a0a5b8d6a5d3e2f1c0b9a8d7e6f
built:
  description: The groups that this run built (in check mode, would build).
  returned: success
  type: list
  elements: str
seconds:
  description: Seconds that building took, by group.
  returned: success
  type: dict
"""

from ..module_utils.artifacts.programs import Builder, programs
from ..module_utils.node_module import run_action
from ..module_utils.progress import Progress

ARGUMENT_SPEC = {
    "folder": {"type": "path", "required": True},
    "groups": {"type": "dict", "required": True},
    "architecture": {"type": "str", "choices": ["amd64", "arm64"], "default": "amd64"},
    "cache": {"type": "path", "required": True},
    "go": {"type": "path"},
    "progress_file": {"type": "path"},
}


def run(params, check_mode):
    """All groups, one after the other."""
    say = Progress(params["progress_file"]).say
    builder = Builder(params["folder"], params["cache"], say, params["architecture"], params["go"])
    return programs(builder, {name: str(version) for name, version in params["groups"].items()}, check_mode)


def main():
    """Run the module."""
    run_action(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
