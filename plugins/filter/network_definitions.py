# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter network_definitions."""

from __future__ import annotations

DOCUMENTATION = r"""
name: network_definitions
short_description: NetworkAttachmentDefinitions of all networks of a testbed
version_added: 0.1.0
description:
  - Makes a NetworkAttachmentDefinition of each pool of VFs, and of each macvlan network by the port that leads to it,
    for each of some namespaces. They are the very objects that P(gedge.engine.service_manifests#filter) makes for a
    service that uses them.
positional: _input, namespaces, placements, options
options:
  _input:
    description: The C(testbed) that P(gedge.engine.service_site#filter) gives.
    type: dict
    required: true
  namespaces:
    description: In which namespaces pods shall be able to use them.
    type: list
    elements: str
    required: true
  placements:
    description: What services were promised, as in C(services.json).
    type: list
    elements: dict
    default: []
  options:
    description: Those of P(gedge.engine.service_manifests#filter), so that both agree.
    type: dict
    default: {}
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show those of a testbed without any network
  ansible.builtin.debug:
    msg: "{{ {'networks': {}} | gedge.engine.network_definitions(['default']) }}"
"""

RETURN = r"""
_value:
  description: The objects, sorted and stable.
  type: list
  elements: dict
"""

from ..module_utils.manifests import standing
from ..plugin_utils.filter_errors import tells


@tells
def network_definitions(testbed, namespaces, placements=(), options=None):
    """See DOCUMENTATION."""
    return standing.network_definitions(testbed, namespaces, placements, options)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"network_definitions": network_definitions}
