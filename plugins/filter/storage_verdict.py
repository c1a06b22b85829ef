# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter storage_verdict."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: storage_verdict
short_description: Hold the storage of a cluster against what was asked for
version_added: 0.1.0
description:
  - Names a StorageClass, a provisioner, an export or a driver that is missing, claims without a volume, and a server
    that does not answer. Shares no code with M(gedge.engine.nfs_storage).
positional: _input, lines, asked
options:
  _input:
    description: StorageClasses, PersistentVolumeClaims and CSINodes.
    type: list
    elements: dict
    required: true
  lines:
    description: What the node says, each line a word and its value (C(mount), C(server), C(unit), C(export)).
    type: list
    elements: str
    required: true
  asked:
    description: C(state), C(class), C(server), C(driver), C(node), C(provisions), C(exports).
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
---
- name: Show what is not as asked for
  ansible.builtin.debug:
    msg: "{{ ([] | gedge.engine.storage_verdict(['unit inactive'], asked)).findings }}"
  vars:
    asked: {state: absent, class: nfs, server: "", driver: "", node: worker1, provisions: false, exports: ""}
"""

RETURN = r"""
_value:
  description: C(findings), each with C(device), C(what) and C(advice), and C(proof), lines for a person.
  type: dict
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.verify import storage


@tells
def storage_verdict(found, lines, asked):
    """See DOCUMENTATION."""
    return storage.verdict(found, lines, asked)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"storage_verdict": storage_verdict}
