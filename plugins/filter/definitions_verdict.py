# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter definitions_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
name: definitions_verdict
short_description: Hold NetworkAttachmentDefinitions against a testbed
version_added: 0.1.0
description:
  - Names each definition whose VLAN is not that of its network, that has no pool, or that takes no addresses, and each
    namespace without any. Shares no code with P(gedge.engine.network_definitions#filter).
positional: _input, networks, namespaces
options:
  _input:
    description: The objects with our label, as the API server has them.
    type: list
    elements: dict
    required: true
  networks:
    description: The variable C(testbed_networks).
    type: dict
    required: true
  namespaces:
    description: Where they shall be, empty for nowhere.
    type: list
    elements: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Be sure that there is none
  ansible.builtin.assert:
    that: ([] | gedge.engine.definitions_verdict({}, [])).findings == []
"""

RETURN = r"""
_value:
  description: C(findings), each with C(device), C(what) and C(advice), and C(proof), lines for a person.
  type: dict
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import cluster


@tells
def definitions_verdict(objects, networks, namespaces):
    """See DOCUMENTATION."""
    return cluster.definitions(objects, networks, namespaces)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"definitions_verdict": definitions_verdict}
