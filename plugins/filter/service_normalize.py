# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter service_normalize."""

from __future__ import annotations

DOCUMENTATION = r"""
name: service_normalize
short_description: A short description of services in its normal form
version_added: 0.1.0
description:
  - Reads services, templates and meshes (see docs/services.md) in any form that is accepted, those of GEdge's own
    documents too, and says all of it in one form that has every key.
  - Templates are resolved; each service of a mesh becomes a service of its own, named after itself and its version.
  - A container whose topology policy is not V(none) is pinned; it gets whole CPUs, and requests that are its limits.
    What is rounded up for that, defaulted, or read in an old form stands in RV(_value.notes).
  - What is wrong is refused, all of it at once, with the path and what to write instead.
  - The result is valid input, and stays what it is; it has no notes then.
positional: _input
options:
  _input:
    description: YAML text with one or many documents, one document as a mapping, or a list of documents.
    type: raw
    required: true
  strict:
    description: Refuses what pinning would need to have rounded up, set equal or defaulted.
    type: bool
    default: false
  networks:
    description: The networks of the testbed by name (variable C(testbed_networks)); what names another one is refused.
    type: dict
  where:
    description: What the errors call the input, such as the path of its file.
    type: str
    default: ""
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Read a file of services
  ansible.builtin.set_fact:
    edge: "{{ lookup('ansible.builtin.file', 'services.yml') | gedge.engine.service_normalize }}"

- name: Tell what was read otherwise than it was written
  ansible.builtin.debug:
    msg: "{{ item.path }}: {{ item.what }}: {{ item.was }} is {{ item.now }}"
  loop: "{{ edge.notes }}"
  loop_control:
    label: "{{ item.path }}"

- name: A service out of variables, whose CPUs must be whole as they are
  ansible.builtin.debug:
    msg: "{{ {'name': 'detector', 'containers': [one]} | gedge.engine.service_normalize(strict=true) }}"
  vars:
    one:
      image: registry.example/detector:1
      resources: {cpu: 4, memory: 4Gi}
      acceleration: {topology: single-numa-node, compute: {gpu: 1}, communication: {sriov: 1}}
"""

RETURN = r"""
_value:
  description: The normal form, and what was read otherwise than it was written.
  type: dict
  contains:
    services:
      description: Services, in the order of the documents; those that meshes make come last.
      type: list
      elements: dict
    meshes:
      description: Meshes, whose services name the services above.
      type: list
      elements: dict
    notes:
      description: C(path), C(what), C(was) (null where nothing was written) and C(now); empty for a normal form.
      type: list
      elements: dict
      sample:
        - path: containers[0].resources.cpu
          what: pinned CPUs are whole ones
          was: 3500m
          now: "4"
"""

from ..plugin_utils.filter_errors import tells
from ..plugin_utils.service.reader import normalize


@tells
def service_normalize(given, strict=False, networks=None, where=""):
    """See DOCUMENTATION."""
    return normalize(given, strict, networks, where)


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"service_normalize": service_normalize}
