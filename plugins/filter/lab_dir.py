# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
name: lab_dir
short_description: The folder of a testbed's virtual lab
version_added: 0.1.0
description:
  - Where the lab of a testbed file keeps all that runs. The one place that says so.
  - The name is made of the file's real path and of a lab name, so that two checkouts, or two names, never collide.
author:
  - The gedge.engine authors (@gedge-engine)
options:
  _input:
    description: The path of the testbed file, as in C(inventory_file).
    type: path
    required: true
  name:
    description: The lab's name. Left out, the environment variable E(GEDGE_LAB), and V(main) where that is not set.
    type: str
"""

EXAMPLES = r"""
lab_dir: "{{ inventory_file | gedge.engine.lab_dir }}"

# /var/tmp/gedge-lab-37d8d8a8
other: "{{ '/srv/engine/inventories/lab/testbed.yml' | gedge.engine.lab_dir('other') }}"
"""

RETURN = r"""
_value:
  description: The folder.
  type: path
"""

import os

from ..module_utils.lab import names


def lab_dir(testbed_file, name=None):
    """The folder of the lab of a testbed file."""
    return names.lab_dir(str(testbed_file), name or os.environ.get("GEDGE_LAB") or "main")


class FilterModule:
    """What Ansible looks for."""

    def filters(self):
        """The filter by its name."""
        return {"lab_dir": lab_dir}
