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
    description: The comparisons that are asked for; text with commas is a list, too, as C(-e) gives it.
    type: list
    elements: str
    required: true
  options:
    description:
      - C(image) and C(namespace) of the pods, C(nodes), that of the servers and that of the clients, as C(names) are.
      - C(runs), C(warmup) and C(seconds) in place of what the comparisons have, as numbers or as text; a negative one
        leaves it to them.
      - C(workers), the nodes that there are, and C(networks), those of the testbed; what is not there is refused.
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
    - For each comparison C(name), C(comparison), C(nodes), C(services), C(of_side), C(schedule), C(clients), C(read),
      C(unit), C(better) and C(measures).
  type: list
  elements: dict
"""

from ..module_utils.service.normalize import examine
from ..plugin_utils.benchmark import asked, definitions, pods
from ..plugin_utils.filter_errors import tells


@tells
def benchmark_plan(catalogues, names, options):
    """See DOCUMENTATION."""
    known = definitions.read(*catalogues)
    comparisons, measures = known["comparisons"], known["measures"]
    wanted = asked.read(names, options, comparisons)
    settings = dict(options, nodes=wanted["nodes"])
    plans = [
        pods.plan(name, dict(comparisons[name], **wanted["instead"]), measures, settings) for name in wanted["names"]
    ]
    networks = options.get("networks")
    asked.refuse({one["name"]: examine([{"services": one["services"]}], networks=networks)[1] for one in plans})
    return plans


class FilterModule:
    """The filters of this file."""

    def filters(self):
        """Name to function."""
        return {"benchmark_plan": benchmark_plan}
