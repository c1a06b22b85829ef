# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
name: placement_explain
short_description: Why a service is placed where it is
version_added: "0.1.0"
description:
  - For one service, all nodes that it might have had, what each would have cost and of what that is made, and why the
    chosen one won. As data, as a text table, or as an SVG picture of the node with the data path drawn in.
  - Takes what P(gedge.engine.placement#filter) takes and places anew, so give both the same.
positional: nodes, service
options:
  _input:
    description:
      - The services in normal form, as P(gedge.engine.service_normalize#filter) gives them. All of them, since they
        decide where the one can be.
    type: dict
    required: true
  nodes:
    description:
      - Records of the nodes. See P(gedge.engine.placement#filter).
    type: list
    elements: dict
    required: true
  service:
    description:
      - Name of the service.
    type: str
    required: true
  namespace:
    description:
      - Its namespace.
    type: str
    default: default
  replica:
    description:
      - Which of its replicas.
    type: int
    default: 0
  form:
    description:
      - V(data), V(table) (text) or V(svg).
    type: str
    choices: [data, table, svg]
    default: data
  node:
    description:
      - With O(form=svg) the node that is drawn, with what the service has or would have there.
      - The chosen one by default.
    type: str
extends_documentation_fragment:
  - gedge.engine.placement
author:
  - The gedge.engine authors (@gedge-engine)
seealso:
  - plugin: gedge.engine.placement
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show why the detector is where it is
  ansible.builtin.debug:
    msg: "{{ (services | gedge.engine.placement_explain(node_records, 'detector', form='table')).splitlines() }}"

- name: Draw its data path
  ansible.builtin.copy:
    content: "{{ services | gedge.engine.placement_explain(node_records, 'detector', form='svg') }}"
    dest: facts/detector.svg
    mode: "0644"
"""

RETURN = r"""
_value:
  description:
    - "With O(form=data) a mapping: C(service), C(namespace), C(replica), C(node) (null where it fits nowhere), C(why),
      and C(candidates), the chosen node first, each with C(node), C(chosen), C(cost), C(parts) (C(distance), C(remote),
      C(shared_links), C(edges), C(move)), C(entries) (what it gets there) and C(why); and C(used), per node the VFs
      that it uses itself."
    - Else text.
  type: raw
"""

from ..plugin_utils.filter_errors import tells, warn_of_inversions
from ..plugin_utils.placement_explained import explained


@tells
def placement_explain(services, nodes, service, **options):
    """Why a service is where it is; the arguments are the filter's options."""
    warn_of_inversions(options.get("weights"))
    return explained(services, nodes, service, **options)


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return {"placement_explain": placement_explain}
