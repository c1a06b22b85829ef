# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_diff."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_diff
short_description: What has to change in a cluster so that it has these manifests
version_added: 0.1.0
description:
  - Compares what a cluster has with what P(gedge.engine.service_manifests#filter) made, leaving out what servers add
    by themselves (defaults, status, other forms of a quantity).
  - Objects that the collection did not make are left alone. One that it made and that is wanted no more is to be
    deleted.
positional: _input, wanted
options:
  _input:
    description: Objects of the cluster, as C(kubectl get -o json) has them in C(items).
    type: list
    elements: dict
    required: true
  wanted:
    description: What P(gedge.engine.service_manifests#filter) made.
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what would change
  ansible.builtin.debug:
    msg: "{{ present | gedge.engine.service_diff(manifests) }}"
  vars:
    present: []
    manifests: []
"""

RETURN = r"""
_value:
  description:
    - The changes in the order in which they are to be done, each with C(change) (create, update, delete), C(kind),
      C(namespace), C(name) and, of an update, C(fields).
  type: list
  elements: dict
  sample:
    - change: update
      kind: Deployment
      namespace: default
      name: detector
      fields: [{path: spec.replicas, was: 1, now: 2}]
"""

from ..module_utils.manifests.diff import diff
from ..plugin_utils.filter_errors import tells


@tells
def service_diff(present, wanted):
    """See DOCUMENTATION."""
    return diff(present, wanted)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_diff": service_diff}
