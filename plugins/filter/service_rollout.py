# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_rollout."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_rollout
short_description: What to apply to a cluster and what to remove from it, for a set of manifests
version_added: 0.1.0
description:
  - Holds the objects of a cluster against manifests (as P(gedge.engine.service_diff#filter) does) and a record of what
    earlier runs put there. Only what differs is applied; only what the record has is removed.
positional: _input, wanted, record, leave, strangers
options:
  _input:
    description: The objects of the cluster that have the collection's label, of all kinds in question, or their JSON.
    type: raw
    required: true
  wanted:
    description: What P(gedge.engine.service_manifests#filter) returned.
    type: list
    elements: dict
    required: true
  record:
    description: The C(record) of the last run, or the text of its file.
    type: raw
    default: []
  leave:
    description: Kinds that are neither applied nor removed.
    type: list
    elements: str
    default: []
  strangers:
    description: What of others is in namespaces; these stay.
    type: dict
    default: {}
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show what would change
  ansible.builtin.debug:
    msg: "{{ (read.objects | gedge.engine.service_rollout(manifests)).table }}"
  vars:
    read: {objects: []}
    manifests: []
"""

RETURN = r"""
_value:
  description:
    - C(changes) as of P(gedge.engine.service_diff#filter); C(apply), names of the objects to apply, in order, and
        C(text), the JSON text of these objects; C(remove) with
      C(users) (they go first) and C(used); C(workloads) that are wanted and C(gone); C(record), what is to be
      removed once it is not wanted any more; C(notes); C(table) for the terminal.
  type: dict
  sample:
    changes: []
    apply: []
    text: "[]"
    remove: {users: [], used: []}
    workloads: []
    gone: []
    record: []
    notes: []
    table: The cluster has all of it already.
"""

import json

from ..plugin_utils import service_rollout as core
from ..plugin_utils.filter_errors import tells


@tells
def service_rollout(present, wanted, record=None, leave=(), strangers=None):
    """See DOCUMENTATION."""
    return core.rollout(_objects(present), _plain(wanted), record, leave, strangers)


def _objects(present):
    return json.loads(present) if isinstance(present, str) else _plain(present)


def _plain(value):
    """Without what Ansible does at each access: an object is looked at many times."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_rollout": service_rollout}
