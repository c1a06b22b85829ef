# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_refusals."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_refusals
short_description: What an API server refused of a list of objects, in sentences
version_added: 0.1.0
description:
  - Reads the result of M(kubernetes.core.k8s) with C(continue_on_error), and says for each object that was refused why,
    and what to do. A conflict of field managers names the owner of the field.
positional: _input, objects
options:
  _input:
    description: The registered result.
    type: dict
    required: true
  objects:
    description: The objects that were given to the module, in their order.
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Say what was refused
  ansible.builtin.debug:
    msg: "{{ applied | gedge.engine.service_refusals(objects) | join('\n') }}"
  vars:
    applied: {changed: false, result: {results: []}}
    objects: []
"""

RETURN = r"""
_value:
  description: A sentence for each object that was refused.
  type: list
  elements: str
  sample:
    - >-
      Deployment default/camera: .spec.replicas is set by "kubectl-edit" (someone who ran kubectl edit) to another
      value: take it back there, or run once with cluster_service_force_conflicts=true, which takes the field over
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.service_refusals import refusals


@tells
def service_refusals(result, objects):
    """See DOCUMENTATION."""
    return refusals(result, objects)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_refusals": service_refusals}
