# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter tuning_findings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tuning_findings
short_description: Hold an independent reading of how a node is tuned against what was asked for
version_added: 0.1.0
description:
  - Reads the kernel's own files as C(grep -H) prints them and the output of C(sysctl -a), and names each difference to
    what was asked for. Shares no code with module M(gedge.engine.tuning).
  - Of an interrupt counts the CPU to which it really goes, C(effective_affinity_list).
positional: _input
options:
  _input:
    description:
      - Lines C(FILE:TEXT) of C(effective_affinity_list) and C(default_smp_affinity) below C(/proc/irq), C(nr_hugepages)
        of the NUMA nodes, and C(scaling_governor).
    type: list
    elements: str
    required: true
  sysctls:
    description: Lines of C(sysctl -a).
    type: list
    elements: str
    required: true
  fixed:
    description: Files C(/proc/irq/N/smp_affinity_list) of the interrupts that the kernel lets nobody move.
    type: list
    elements: str
    required: true
  asked:
    description: The options of module M(gedge.engine.tuning) that were asked for.
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read all sysctls
  ansible.builtin.command: sysctl -a
  changed_when: false
  register: sysctls

- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ ([] | gedge.engine.tuning_findings(sysctls.stdout_lines, [], asked)).findings }}"
  vars:
    asked: {sysctls: {vm.swappiness: 10}}
"""

RETURN = r"""
_value:
  description: C(findings), what is not as asked for, and C(proof), lines on what is right in a way of its own.
  type: dict
  sample:
    findings: [{device: IRQ 24, what: "goes to CPU 2, which is isolated", advice: Run the site playbook}]
    proof: ["IRQs that the kernel keeps on isolated CPUs: 76, 77"]
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..plugin_utils.verify import tuning


def tuning_findings(lines, sysctls, fixed, asked):
    """See DOCUMENTATION."""
    try:
        return tuning.tuning(lines, sysctls, fixed, asked)
    except (EngineError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise AnsibleFilterError("tuning_findings: %s" % error) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"tuning_findings": tuning_findings}
