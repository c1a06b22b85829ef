# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
name: distance_heatmap
short_description: The Resource Distance Matrix as an SVG heat map
version_added: "0.1.0"
description:
  - One self-contained picture, without scripts, to be opened in a browser or put into a page.
options:
  title:
    description:
      - The line above the picture.
    type: str
    default: Resource distance
extends_documentation_fragment:
  - gedge.engine.distance
  - gedge.engine.distance.weights
  - gedge.engine.distance.devices
"""

EXAMPLES = r"""
- name: Read the topology of the node
  gedge.engine.topology_facts:
  register: node

- name: Draw the distances
  ansible.builtin.copy:
    content: "{{ node.topology | gedge.engine.distance_heatmap(title='Resource distance of ' ~ inventory_hostname) }}"
    dest: "/tmp/{{ inventory_hostname }}.distance.svg"
    mode: "0644"
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The SVG document.
  type: str
"""

from ..plugin_utils.filter_errors import tells, warn_of_inversions
from ..plugin_utils.render import distance, heatmap


@tells
def distance_heatmap(topology, title="Resource distance", kinds=None, devices=None, weights=None):
    """The matrix as a picture; the arguments are the filter's options."""
    warn_of_inversions(weights)
    return heatmap.heatmap(distance.View(topology, kinds, devices, weights), str(title))


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return {"distance_heatmap": distance_heatmap}
