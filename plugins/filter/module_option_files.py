# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter module_option_files."""

from __future__ import annotations

DOCUMENTATION = r"""
name: module_option_files
short_description: The files in which the kernel shows options of modules
version_added: 0.1.0
description:
  - Gives the path below C(/sys/module) of each option, for a reading of one's own.
positional: _input
options:
  _input:
    description: "Options as {module: {option: value}}."
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read the options of a module
  ansible.builtin.command:
    argv: "{{ ['grep', '-sH', ''] + {'vfio-pci': {'disable_idle_d3': true}} | gedge.engine.module_option_files }}"
  changed_when: false
"""

RETURN = r"""
_value:
  description: Paths.
  type: list
  elements: str
  sample: [/sys/module/vfio_pci/parameters/disable_idle_d3]
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..plugin_utils.verify import boot


def module_option_files(asked):
    """See DOCUMENTATION."""
    try:
        return boot.option_files(asked)
    except (EngineError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise AnsibleFilterError("module_option_files: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"module_option_files": module_option_files}
