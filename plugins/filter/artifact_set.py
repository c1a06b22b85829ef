# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter artifact_set."""

from __future__ import annotations

DOCUMENTATION = r"""
name: artifact_set
short_description: What a cluster is made of, in versions that fit together
version_added: 0.1.0
description:
  - Looks components up in the collection's table of versions, and says what is to be built or downloaded.
  - A set that does not fit together is refused, all faults at once; nothing has been touched then. Such are containerd
    1.x with a Kubernetes from 1.38 on, a scheduler plugin of another minor, an etcd that kubeadm does not take, a
    version that the source cannot bring, and a download without a pinned SHA-256.
positional: _input, source, kubernetes
options:
  _input:
    description: The names of the components.
    type: list
    elements: str
    required: true
  source:
    description: Where they come from.
    type: str
    choices: [upstream, bundle, build]
    required: true
  kubernetes:
    description: The version of Kubernetes.
    type: str
    required: true
  versions:
    description: Versions of components other than the usual ones; C(containerd) is that of the nodes.
    type: dict
    default: {}
  architecture:
    description: For which machines.
    type: str
    choices: [amd64, arm64]
    default: amd64
  sha256:
    description: SHA-256 of upstream's files, by component and file.
    type: dict
    default: {}
  urls:
    description: Another address for upstream's files of a component, such as that of a mirror.
    type: dict
    default: {}
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show the versions
  ansible.builtin.debug:
    msg: "{{ (['kubernetes', 'etcd', 'multus'] | gedge.engine.artifact_set('build', '1.37.2')).versions }}"
"""

RETURN = r"""
_value:
  description: The set.
  type: dict
  contains:
    versions:
      description: The version of each component.
      type: dict
      sample: {"kubernetes": "1.37.2", "etcd": "3.7.0", "multus": "4.3.0"}
    names:
      description: C(component), C(version) and C(binary) of each program.
      type: dict
    groups:
      description: The version of each group for M(gedge.engine.go_programs); empty but for source V(build).
      type: dict
    downloads:
      description:
        - C(component), C(version), C(file), C(url), C(sha256) and C(members) of each file; empty but for source
          V(upstream).
      type: list
      elements: dict
"""

from ..module_utils.artifacts.selection import select
from ..plugin_utils.filter_errors import tells


@tells
def artifact_set(components, source, kubernetes, versions=None, architecture="amd64", sha256=None, urls=None):
    """See DOCUMENTATION."""
    asked = {"source": source, "components": components, "kubernetes": kubernetes, "architecture": architecture}
    return select(dict(asked, versions=versions or {}, sha256=sha256 or {}, urls=urls or {}))


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"artifact_set": artifact_set}
