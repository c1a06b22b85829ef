# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter device_pools."""

from __future__ import annotations

DOCUMENTATION = r"""
name: device_pools
short_description: The pools that the device plugins of each node shall have
version_added: 0.1.0
description:
  - Makes the configuration of each node's device plugins from the VFs that its topology has, by the very table from
    which P(gedge.engine.service_manifests#filter) makes what pods request. VFs that the node uses itself are in none.
  - A pool that a service was promised and that has no device on its node is an error.
positional: _input, placements, options
options:
  _input:
    description: The C(testbed) that P(gedge.engine.service_site#filter) gives.
    type: dict
    required: true
  placements:
    description: What services were promised, as in C(services.json); they tell which pools are asked for.
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
- name: Show the pools of the nodes of a testbed without any
  ansible.builtin.debug:
    msg: "{{ {'networks': {}} | gedge.engine.device_pools }}"
"""

RETURN = r"""
_value:
  description:
    - By node, C(sriov), the entries of C(resourceList), C(rdma), those of C(configList) of the plugin for shared RDMA
      devices, C(asked), which services ask for which resource, and C(devices), the addresses of each resource.
  type: dict
  sample:
    node1:
      sriov:
        - {resourceName: sriov_a_21_00_0, resourcePrefix: gedge.io, selectors: {rootDevices: ["0000:21:00.0"]}}
      rdma: []
      asked: {gedge.io/sriov_a_21_00_0: [default/detector]}
      devices: {gedge.io/sriov_a_21_00_0: ["0000:21:10.0"]}
"""

from ..module_utils.manifests import standing
from ..plugin_utils.filter_errors import tells


@tells
def device_pools(testbed, placements=(), options=None):
    """See DOCUMENTATION."""
    return standing.device_pools(testbed, placements, options)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"device_pools": device_pools}
