# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter sriov_pfs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sriov_pfs
short_description: What module sriov is asked for, from a node's ports
version_added: 0.1.0
description:
  - Turns the host variable C(testbed_ports) of the inventory plugin P(gedge.engine.testbed#inventory) into the option
    O(gedge.engine.sriov#module:pfs) of module M(gedge.engine.sriov). Ports without VFs are left out.
positional: _input
options:
  _input:
    description: The ports of one node.
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Make the VFs that the testbed gives this node
  gedge.engine.sriov:
    pfs: "{{ testbed_ports | gedge.engine.sriov_pfs }}"
"""

RETURN = r"""
_value:
  description: One item for each port that has VFs.
  type: list
  elements: dict
  sample:
    - {select: {address: "0000:21:00.0"}, count: 4, vfs: [{range: "0-1", vlan: 30}]}
"""

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import EngineError
from ..plugin_utils import asked_sriov


def sriov_pfs(ports):
    """See DOCUMENTATION."""
    try:
        return asked_sriov.pfs(ports)
    except EngineError as error:
        raise AnsibleFilterError("sriov_pfs: %s" % error.text()) from error


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"sriov_pfs": sriov_pfs}
