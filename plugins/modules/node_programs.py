#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_programs
short_description: Bring programs from the controller to a node, all that differ in one transfer
version_added: "0.1.0"
description:
  - Compares the programs by their SHA-256, and brings those that differ as one compressed archive, which nodes that
    lack the same share.
  - One call for what would be an M(ansible.builtin.copy) for each program. All of them are put in place, or none.
  - The files are owned by root and run by all (mode 0755); folders that are missing are made.
author:
  - The gedge.engine authors (@gedge-engine)
options:
  programs:
    description: By absolute path on the node, the file on the controller.
    type: dict
    required: true
  digests:
    description: The SHA-256 of each program by its path on the node. Found out on the controller; not to be given.
    type: dict
    default: {}
  archive:
    description: Where the archive lies on the node. Brought by the controller; not to be given.
    type: path
    default: ""
attributes:
  check_mode:
    description: Can run in check mode and tell what it would change.
    support: full
  diff_mode:
    description: Shows nothing, since programs are no text.
    support: none
"""

EXAMPLES = r"""
---
- name: Have two programs on a node
  gedge.engine.node_programs:
    programs:
      /tmp/gedge-programs/one: /bin/true
      /tmp/gedge-programs/two: /bin/false
"""

RETURN = r"""
steps:
  description: A step for each program that was brought, or would be in check mode.
  returned: success
  type: list
  elements: dict
  sample:
    - {target: /usr/local/bin/kubelet, action: bring-program, reason: is not the program that is asked for,
       disruption: none, before: null, after: null}
"""

from ..module_utils import programs
from ..module_utils.node_module import run_action
from ..module_utils.system import System


def run(params, check_mode):
    """Tell what differs; with an archive, bring it."""
    system, digests = System(), params["digests"]
    lacking = programs.differing(system, digests)
    if params["archive"] and lacking and not check_mode:
        programs.unpack(system, params["archive"], {path: digests[path] for path in lacking})
    return {"changed": bool(lacking), "steps": programs.steps(lacking)}


def main():
    """Run the module."""
    spec = {
        "programs": {"type": "dict", "required": True},
        "digests": {"type": "dict", "default": {}},
        "archive": {"type": "path", "default": ""},
    }
    run_action(spec, run)


if __name__ == "__main__":
    main()
