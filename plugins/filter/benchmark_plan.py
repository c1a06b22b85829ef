# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Filter benchmark_plan."""

from __future__ import annotations

DOCUMENTATION = r"""
name: benchmark_plan
short_description: What a comparison needs, pods and runs in their order
version_added: 0.1.0
description:
  - Reads the catalogue of measures and comparisons, refuses all that is wrong in it at once, and plans the comparisons
    that are asked for.
  - Each one gets its pods as services (docs/services.md), and its runs after a warm-up, in pairs
    whose order is drawn by lot.
positional: _input, names, options
options:
  _input:
    description:
      - Catalogues with C(measures) and C(comparisons), as docs/benchmark-tool.md has them. What a later one has by the
        same name counts.
    type: list
    elements: dict
    required: true
  names:
    description: The comparisons that are asked for.
    type: list
    elements: str
    required: true
  options:
    description:
      - C(image) and C(namespace) of the pods, C(nodes), that of the servers and that of the clients.
      - C(runs), C(warmup) and C(seconds) in place of what the comparisons have.
      - C(seed), a number, for the same order of the runs each time.
    type: dict
    required: true
author:
  - The gedge.engine authors (@gedge-engine)
"""

EXAMPLES = r"""
- name: Show in which order the sides are measured
  ansible.builtin.debug:
    msg: "{{ (catalogue | gedge.engine.benchmark_plan(['same'], options))[0].schedule | map(attribute='side') | join }}"
  vars:
    catalogue: ["{{ lookup('ansible.builtin.file', 'comparisons.yml') | from_yaml }}"]
    options: {image: "gedge.local/benchmark:1", namespace: gedge-benchmark, nodes: [node1, node2]}
"""

RETURN = r"""
_value:
  description:
    - For each comparison C(name), C(comparison), C(services), C(of_side), C(schedule), C(clients), C(read), C(unit),
      C(better) and C(measures).
  type: list
  elements: dict
"""

from ..module_utils.errors import EngineError
from ..module_utils.suggest import advice
from ..plugin_utils.benchmark import definitions, pods
from ..plugin_utils.filter_errors import tells

INSTEAD = ("runs", "warmup", "seconds")


@tells
def benchmark_plan(catalogues, names, options):
    """See DOCUMENTATION."""
    instead = {key: options[key] for key in INSTEAD if options.get(key) is not None}
    known = definitions.read(*catalogues)["comparisons"]
    for name in names:
        if name not in known:
            raise EngineError("there is no such comparison", name, advice(name, known))
    over = {name: dict(_given(catalogues, name), **instead) for name in names}
    whole = definitions.read(*catalogues, {"comparisons": over})
    return [pods.plan(name, whole["comparisons"][name], whole["measures"], options) for name in names]


def _given(catalogues, name):
    """A comparison as the last catalogue has it."""
    return [one["comparisons"][name] for one in catalogues if name in ((one or {}).get("comparisons") or {})][-1]


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"benchmark_plan": benchmark_plan}
