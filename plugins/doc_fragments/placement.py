# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What the filters of placement document alike."""

from __future__ import annotations


class ModuleDocFragment:
    """What runs, the weights, and the way to search."""

    DOCUMENTATION = r"""
options:
  allocations:
    description:
      - What runs already, in the form of C(placements) of an earlier result.
    type: list
    elements: dict
    default: []
  method:
    description:
      - V(exact) searches until nothing can be better, V(heuristic) places pods one by one and then improves on that.
      - V(auto) is V(exact) for up to 12 pods on up to 8 nodes. Where the search takes too many steps, it ends with the
        best that it found, and the result says V(heuristic) and the gap.
    type: str
    choices: [auto, exact, heuristic]
    default: auto
  solver:
    description:
      - What searches with O(method=exact). V(own) is our branch and bound, V(highs) the solver of that
        name in the Python library highspy, which has to be installed (pip install highspy==1.16.0).
    type: str
    choices: [own, highs]
    default: own
  candidates:
    description:
      - Names of the nodes that pods may be put on, empty for all. What runs stays where it is, on other nodes too.
    type: list
    elements: str
    default: []
  weights:
    description:
      - Weight for a level, over the defaults X 0, NV 1, PIX 2, PXB 3, PHB 3.5, NODE 4, SYS 5, UNKNOWN 5.
    type: dict
  costs:
    description:
      - "Other costs in the same measure, over the defaults: V(remote) 5 (all CPUs, memory or hugepages away from the
        anchor's NUMA node), V(network_link) 1 and V(pcie_link) 0.5 (two pods on one link), V(edge) 5 (the heaviest
        edge of the service graph between two nodes), V(edge_numa) 1 (between two NUMA nodes), V(move) 5."
    type: dict
  reasons:
    description:
      - Of which pods to say why they are not on the other nodes. V(auto) is V(all) for up to 5000 pairs of pod and
        node, else V(failed).
    type: str
    choices: [auto, all, failed, none]
    default: auto
"""
