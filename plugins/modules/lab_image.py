#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: lab_image
short_description: Build the guest images of a virtual testbed, or reuse them
version_added: 0.1.0
description:
  - Builds a Debian image for each suite with C(mmdebstrap), without a loop mount and without KVM, and keeps it in a
    cache by the hash of its recipe. An image that is there is not built again.
  - An image is built beside its place and renamed when complete, below a lock; a killed build leaves no half image, and
    two builds at once make one image.
  - Packages come from the archive that the host's own apt uses.
author:
  - The gedge.engine authors (@gedge-engine)
requirements:
  - mmdebstrap, e2fsprogs and debian-archive-keyring on the host.
  - root.
options:
  suites:
    description: The suites, V(bookworm) (Debian 12) and V(trixie) (Debian 13).
    type: list
    elements: str
    choices: [bookworm, trixie]
    required: true
  cache:
    description: The cache folder; images lie below C(images/HASH).
    type: path
    required: true
  packages:
    description: Packages to install beyond those of the recipe. They are part of its hash.
    type: list
    elements: str
    default: []
  mirror:
    description: URI of the Debian archive. Left out, the one that the host's own apt uses.
    type: str
  progress_file:
    description: A file to append lines about the progress to.
    type: path
attributes:
  check_mode:
    support: full
    description: Says which images would be built.
"""

EXAMPLES = r"""
- name: Have an image of both suites
  gedge.engine.lab_image:
    suites: [bookworm, trixie]
    cache: "{{ lookup('ansible.builtin.env', 'HOME') }}/.cache/gedge-engine"
  become: true
"""

RETURN = r"""
images:
  description: The folder of each suite's image, by suite.
  returned: success
  type: dict
  sample: {"bookworm": "/root/.cache/gedge-engine/images/18fabe5054601715"}
built:
  description: The suites whose image this run built (in check mode, would build).
  returned: success
  type: list
  elements: str
seconds:
  description: Seconds that building took, by suite.
  returned: success
  type: dict
"""

import time

from ..module_utils.lab import image, recipe
from ..module_utils.node_module import run_action
from ..module_utils.progress import Progress
from ..module_utils.system import System

ARGUMENT_SPEC = {
    "suites": {"type": "list", "elements": "str", "choices": ["bookworm", "trixie"], "required": True},
    "cache": {"type": "path", "required": True},
    "packages": {"type": "list", "elements": "str", "default": []},
    "mirror": {"type": "str"},
    "progress_file": {"type": "path"},
}


def run(params, check_mode):
    """All suites, one after the other."""
    result = {"images": {}, "built": [], "seconds": {}}
    for suite in params["suites"]:
        made = recipe.recipe(suite, params["packages"])
        target = result["images"][suite] = image.folder(params["cache"], made)
        begin = time.monotonic()
        builder = image.Builder(System(), made, target, Progress(params["progress_file"]), params["mirror"])
        if not image.ready(target) and (check_mode or builder.build()):
            result["built"].append(suite)
            result["seconds"][suite] = round(time.monotonic() - begin, 1)
    return dict(result, changed=bool(result["built"]))


def main():
    """Run the module."""
    run_action(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
