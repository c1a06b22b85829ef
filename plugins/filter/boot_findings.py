# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter boot_findings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: boot_findings
short_description: Hold an independent reading of how a node was booted against what was asked for
version_added: 0.1.0
description:
  - Reads the kernel's own files as C(grep -H) prints them, and names each difference to what was asked for. Shares no
    code with module M(gedge.engine.boot).
positional: _input
options:
  _input:
    description:
      - Lines C(FILE:TEXT) of C(/proc/cmdline), C(/sys/devices/system/cpu/isolated), C(nohz_full), the
        C(nr_hugepages) of the NUMA nodes, and of parameters of modules.
    type: list
    elements: str
    required: true
  names:
    description: Paths of what is in C(/sys/class/iommu) and C(/sys/module).
    type: list
    elements: str
    required: true
  asked:
    description: The options of module M(gedge.engine.boot) that were asked for.
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read the command line
  ansible.builtin.command: grep -H "" /proc/cmdline
  changed_when: false
  register: values

- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ values.stdout_lines | gedge.engine.boot_findings([], {'arguments': ['intel_iommu=on']}) }}"
"""

RETURN = r"""
_value:
  description: What is not as asked for, each with C(device), C(what) and C(advice); empty for nothing.
  type: list
  elements: dict
  sample:
    - {device: kernel, what: was started without intel_iommu=on, advice: Run the site playbook}
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..plugin_utils.verify import boot


def boot_findings(lines, names, asked):
    """See DOCUMENTATION."""
    try:
        return boot.boot(lines, names, asked)
    except (EngineError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise AnsibleFilterError("boot_findings: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"boot_findings": boot_findings}
