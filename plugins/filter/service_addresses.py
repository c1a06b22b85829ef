# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_addresses."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_addresses
short_description: The static addresses that manifests hand out
version_added: 0.1.0
description:
  - Reads the addresses of services out of manifests, of the last run or of a cluster, so that the next run of
    P(gedge.engine.service_manifests#filter) keeps them.
positional: _input
options:
  _input:
    description: Objects; those without addresses are passed over.
    type: list
    elements: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Make manifests that keep the addresses of the ones in git
  ansible.builtin.set_fact:
    manifests: "{{ services | gedge.engine.service_manifests(placement, site, {'addresses': leases}) }}"
  vars:
    before: "{{ lookup('ansible.builtin.file', 'manifests.yml') | ansible.builtin.from_yaml_all | list }}"
    leases: "{{ before | gedge.engine.service_addresses }}"
"""

RETURN = r"""
_value:
  description: One entry for each address; C(number) counts the attachments of a replica to that network.
  type: list
  elements: dict
  sample:
    - network: sriov-a
      address: 192.168.20.109/28
      namespace: default
      service: detector
      replica: 0
      number: 0
"""

from ..module_utils.manifests.leases import read
from ..plugin_utils.filter_errors import tells


@tells
def service_addresses(objects):
    """See DOCUMENTATION."""
    return read(objects)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_addresses": service_addresses}
