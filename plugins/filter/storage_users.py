# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter storage_users."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: storage_users
short_description: Which volumes of a storage class are in use
version_added: 0.1.0
description:
  - Names the PersistentVolumes that a provisioner made for a class and that a claim holds, or that it has
    still to remove.
positional: _input, name, provisioner
options:
  _input:
    description: PersistentVolumes.
    type: list
    elements: dict
    required: true
  name:
    description: Name of the StorageClass.
    type: str
    required: true
  provisioner:
    description: Name of who made them.
    type: str
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
---
- name: Show them
  ansible.builtin.debug:
    msg: "{{ [] | gedge.engine.storage_users('nfs', 'gedge.io/nfs') }}"
"""

RETURN = r"""
_value:
  description: Texts, each the name of a volume and who holds it.
  type: list
  elements: str
"""

from ..module_utils.storage import objects
from ..plugin_utils.filter_errors import tells


@tells
def storage_users(volumes, name, provisioner):
    """See DOCUMENTATION."""
    return objects.users(volumes, name, provisioner)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"storage_users": storage_users}
