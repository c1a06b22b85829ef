#!/usr/bin/python
# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cluster_objects
short_description: Read objects of several kinds from a cluster in one call
version_added: "0.1.0"
description:
  - Lists the objects of the given kinds in all namespaces with one call of kubectl, and says which kinds the cluster
    does not know. Runs on the controller.
options:
  kinds:
    description: What to list, each as C(apiVersion)/C(kind), such as V(apps/v1/Deployment) or V(v1/Service).
    type: list
    elements: str
    required: true
  selector:
    description: A label selector.
    type: str
    default: app.kubernetes.io/managed-by=gedge.engine
  namespaces:
    description: Namespaces of which RV(strangers) shall be told.
    type: list
    elements: str
    default: []
  as_text:
    description: Return RV(text) in place of RV(objects); Ansible hands on one text faster than hundreds of objects.
    type: bool
    default: false
attributes:
  check_mode:
    description: Can run in check mode; it never changes anything.
    support: full
  diff_mode:
    description: There is nothing to show, as nothing is changed.
    support: none
extends_documentation_fragment:
  - gedge.engine.kubectl
"""

EXAMPLES = r"""
---
- name: Read all Deployments and Services that the collection manages
  gedge.engine.cluster_objects:
    kinds: [apps/v1/Deployment, v1/Service]
  delegate_to: localhost
"""

RETURN = r"""
objects:
  description: What the cluster has.
  returned: without O(as_text)
  type: list
  elements: dict
text:
  description: The same as JSON.
  returned: with O(as_text)
  type: str
  sample: "[]"
unknown:
  description: Kinds that the cluster does not know, as kubectl names them.
  returned: success
  type: list
  elements: str
  sample: [HTTPRoute.v1.gateway.networking.k8s.io]
strangers:
  description: For each of the O(namespaces) what is in it that the selector does not take.
  returned: success
  type: dict
  sample: {vision: [Deployment/other]}
"""

import json

from ..module_utils.node_module import run_facts
from ..module_utils.rollout.kubectl import OPTIONS, Kubectl, word
from ..module_utils.rollout.strangers import strangers
from ..module_utils.system import System

ARGUMENT_SPEC = {
    "kinds": {"type": "list", "elements": "str", "required": True},
    "selector": {"type": "str", "default": "app.kubernetes.io/managed-by=gedge.engine"},
    "namespaces": {"type": "list", "elements": "str", "default": []},
    "as_text": {"type": "bool", "default": False},
    **OPTIONS,
}


def _read(params):
    cluster = Kubectl(System(), params["kubectl"], params["kubeconfig"])
    kinds = sorted({word(*one.rpartition("/")[::2]) for one in params["kinds"]})
    objects, unknown = cluster.get(kinds, params["selector"])
    found = {space: strangers(cluster, space, params["selector"]) for space in params["namespaces"]}
    told = {"text": json.dumps(objects)} if params["as_text"] else {"objects": objects}
    return dict(told, unknown=unknown, strangers=found)


def main():
    """The module."""
    run_facts(ARGUMENT_SPEC, _read)


if __name__ == "__main__":
    main()
