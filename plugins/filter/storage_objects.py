# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter storage_objects."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: storage_objects
short_description: The objects of NFS storage in a cluster
version_added: 0.1.0
description:
  - Makes the StorageClass, and the rights of the provisioner where the cluster has no CSI driver for it.
  - Refuses what cannot work, and a StorageClass of others; says whether ours has to be made anew, since the API server
    lets nobody change one.
  - Without classes and drivers it refuses what needs no cluster to be seen.
positional: _input, classes, drivers
options:
  _input:
    description:
      - C(class), C(default), C(server), C(share), C(sub_dir), C(permissions), C(reclaim), C(mount_options), C(driver),
        C(namespace), C(nodes) (those that run pods), C(server_node), C(provisioner_node) (empty for none).
    type: dict
    required: true
  classes:
    description: The StorageClasses that there are.
    type: list
    elements: dict
    default: []
  drivers:
    description: The CSIDrivers that there are; none where no cluster was asked.
    type: list
    elements: dict
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
---
- name: Show the class
  ansible.builtin.debug:
    msg: "{{ (asked | gedge.engine.storage_objects([], [])).storage_class }}"
  vars:
    asked:
      class: nfs
      default: true
      server: 192.0.2.9
      share: /srv/gedge
      sub_dir: "${pv.metadata.name}"
      permissions: "0777"
      reclaim: Delete
      mount_options: [nfsvers=4.1]
      driver: ""
      namespace: kube-system
      nodes: [worker1]
      server_node: ""
      provisioner_node: worker1
"""

RETURN = r"""
_value:
  description:
    - C(storage_class), C(rights), C(renew), and C(abandons), whether the provisioner of the collection made the volumes
      and goes.
  type: dict
"""

from ..module_utils.storage import objects
from ..plugin_utils.filter_errors import tells


@tells
def storage_objects(asked, classes=(), drivers=None):
    """See DOCUMENTATION."""
    return objects.made(asked, classes, drivers)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"storage_objects": storage_objects}
